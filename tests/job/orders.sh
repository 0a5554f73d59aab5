#!/bin/sh
# A million orders, from the smallest job file there is, while others insert, update and delete in
# the same table.
# A statement's trigger counts what the program writes; it costs next to nothing.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

psql -Xq -f "$root/sql/orders/schema.sql"
psql -Xq -v rows=1000000 -f "$root/sql/orders/data.sql"
sql_script >/dev/null <<'SQL'
CREATE SCHEMA seen;
CREATE UNLOGGED TABLE seen.updated (id bigint);
CREATE FUNCTION seen.count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') LIKE 'chunkmill%' THEN
        INSERT INTO seen.updated SELECT id FROM written;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER seen AFTER UPDATE ON public.orders REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION seen.count();
SQL
cat >others.sql <<'SQL'
\set id random(1, 1000000)
\set gone random(1, 1000000)
INSERT INTO public.orders (customer, ordered_at, amount, currency)
    VALUES ('late', now(), :id / 100.0, 'USD');
UPDATE public.orders SET amount = amount + 1 WHERE id = :id;
DELETE FROM public.orders WHERE id = :gone;
SQL
job=$root/config/orders.json
alone ledger "$job" create
exits "the ledger is made" 0

background others pgbench -n -c 2 -R 400 -T 300 -f others.sql
wait_until 10 is_true "EXISTS (SELECT 1 FROM public.orders WHERE customer = 'late')"
sql 'CREATE TABLE seen.before AS SELECT id FROM public.orders' >/dev/null
mill 4 run "$job" --report orders.json
exits "a million orders: it ends with 0" 0
sql 'CREATE TABLE seen.behind AS SELECT id FROM public.orders' >/dev/null
same "others were at work all the while" t "$(sql "SELECT count(*) > 200 FROM seen.behind
    WHERE id > (SELECT max(id) FROM seen.before)")"
kill -TERM "$(pid_of others)"
finish others

same "each order that was there all the while is updated exactly once" 0 \
    "$(sql "SELECT count(*) FROM seen.before JOIN seen.behind USING (id) LEFT
    JOIN (SELECT id, count(*) AS n FROM seen.updated GROUP BY id) AS u USING (id)
            WHERE n IS DISTINCT FROM 1")"
same "no other order is updated more than once" \
    1 "$(sql 'SELECT max(n) FROM (SELECT count(*) AS n FROM seen.updated GROUP BY id) AS u')"
same "the ledger counts what was written" "$(sql 'SELECT count(*) FROM seen.updated')" \
    "$(chunks_value 'sum(rows_updated)')"
same "the report counts what was written" "$(sql 'SELECT count(*) FROM seen.updated')" \
    "$(report orders.json '{ledger,updated_rows}')"
same "each order is worth what the update says, but for what others have added since" 0 \
    "$(sql "SELECT count(*) FROM public.orders AS o JOIN public.rates AS r USING (currency)
    JOIN seen.before USING (id)
            WHERE total_eur <> round(amount * rate, 2)
              AND NOT EXISTS (SELECT FROM generate_series(1, 20) AS later WHERE total_eur = \
                  round((amount - later) * rate, 2))")"

conclude
