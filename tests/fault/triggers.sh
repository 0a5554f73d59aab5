#!/bin/sh
# A trigger of the table writes to other rows of the same table, in a job with a flag. Rows that
# another program has marked stay as they are, and each of ours is updated exactly once, whether or
# not the trigger has written to it before.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 6000

# The trigger writes to the row 60 further on, which has the same date and so mostly is in the same
# chunk, and to the next row, which isn't. To the oracle the trigger is another program; `value`
# counts the job's updates.
sql_script >/dev/null <<'SQL'
CREATE FUNCTION mill.spread() RETURNS trigger LANGUAGE plpgsql SET "oracle.foreign" = 'on' AS $$
BEGIN
    IF pg_trigger_depth() = 1 AND NEW."ID" % 5 = 0 THEN
        UPDATE mill.items SET note = 'spread' WHERE "ID" IN (NEW."ID" + 60, NEW."ID" + 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION mill.spread_before() RETURNS trigger
LANGUAGE plpgsql SET "oracle.foreign" = 'on' AS $$
BEGIN
    IF pg_trigger_depth() = 1 AND NEW."ID" % 5 = 0 THEN
        UPDATE mill.items SET note = 'spread' WHERE "ID" IN (NEW."ID" - 59, NEW."ID" + 1);
    END IF;
    RETURN NEW;
END
$$;
SQL
theirs='t."ID" % 120 IN (5, 11, 21)' # each follows a row of ours by 60 or 1
marked_elsewhere=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND $theirs")

# spread CLAIM TRIGGER [ARGUMENTS..]: runs the job with this trigger, which also meets rows that
# another program has marked.
spread() {
    what=$1
    sql "CREATE TRIGGER spread $2"
    shift 2
    foreign sql "UPDATE mill.items AS t SET \"UpdateFlag\" = 1 WHERE $theirs" >/dev/null
    sql "UPDATE mill.items SET note = NULL WHERE note IS NOT NULL" >/dev/null
    forget
    mill 4 run items.json --report none "$@"
    exits "$what: it ends with 4, for the rows of the other program" 4
    claim "$what: the trigger has written" \
        is_true "(SELECT count(*) > 100 FROM mill.items WHERE note = 'spread')"
    same "$what: the other program's rows are marked still, and not updated" "$marked_elsewhere|0" \
        "$(sql "SELECT count(*) FILTER (WHERE \"UpdateFlag\" = 1), max(value) FROM mill.items AS t
        WHERE $items_scope AND $theirs")"
    same "$what: each of ours is updated exactly once" "1|1" \
        "$(sql "SELECT min(value), max(value) FROM mill.items AS t WHERE $items_scope
        AND NOT ($items_left) AND NOT ($theirs)")"
    same "$what: what the update leaves is left, and free" "0|" \
        "$(sql "SELECT max(value), max(\"UpdateFlag\") FROM mill.items AS t WHERE $items_left
        AND NOT ($theirs)")"
    same "$what: no mark of ours is left" \
        0 "$(sql "SELECT count(*) FROM mill.items AS t
        WHERE \"UpdateFlag\" IS NOT NULL AND NOT ($theirs)")"
    same "$what: the other program's rows are counted" "$marked_elsewhere" \
        "$(chunks_value 'sum(rows_elsewhere)')"
    sql 'DROP TRIGGER spread ON mill.items'
    fresh_items
}

spread "AFTER, at the update" \
    'AFTER UPDATE ON mill.items FOR EACH ROW WHEN (OLD.value IS DISTINCT FROM NEW.value)
     EXECUTE FUNCTION mill.spread()'
spread "AFTER, at mark and update" \
    'AFTER UPDATE ON mill.items FOR EACH ROW EXECUTE FUNCTION mill.spread()'
spread "AFTER, at mark and update, one worker" \
    'AFTER UPDATE ON mill.items FOR EACH ROW EXECUTE FUNCTION mill.spread()' \
    --set limits.max_workers=1
spread "AFTER, at mark and update, filter keys" \
    'AFTER UPDATE ON mill.items FOR EACH ROW EXECUTE FUNCTION mill.spread()' --set chunk.filter=keys

conclude
