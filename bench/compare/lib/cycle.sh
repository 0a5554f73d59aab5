# The statements that the peers share, in psql's and pgbench's variables l1, l2, u1, u2 (bounds) and
# n (chunk). Sourced.
# The ideal driver keeps its ledger in bench.plan. It needs no fence, since there is no second
# attempt.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

# Quotes the variables of the statements on standard input, for psql.
for_psql() {
    sed -E "s/:([lu][12]|xid)\b/:'\1'/g"
}

# The simplest three statements: mark, update what is marked, release what the update left.
mark_plainly() {
    echo "UPDATE conflict.conflictvisitmaps AS t SET \"UpdateFlag\" = 1 WHERE $1 AND $scope
        AND t.\"UpdateFlag\" IS NULL;"
}

update_plainly() {
    job_update "$1 AND $scope$(! has_flag "$setting" || echo ' AND t."UpdateFlag" = 1')"
    echo ';'
}

release_plainly() {
    echo "UPDATE conflict.conflictvisitmaps AS t SET \"UpdateFlag\" = NULL WHERE $1 AND $scope
        AND t.\"UpdateFlag\" = 1;"
}

# The exact statements, as sql/cycle has them: the mark keeps the ids of its rows and its xid, the
# update takes the rows of that xid, and one scan counts what is left and releases it.
claim() {
    echo "SELECT l1, l2, u1, u2, coalesce(mark_xid::text, '') AS xid FROM bench.plan WHERE n = :$1
        FOR UPDATE"
    printf '%s\n' '\gset'
}

mark_exactly() {
    cat <<SQL
WITH marked AS (
    UPDATE conflict.conflictvisitmaps AS t SET "UpdateFlag" = 1
    WHERE $tile AND $scope AND t."UpdateFlag" IS NOT DISTINCT FROM NULL
    RETURNING t."ID" AS row_id
), own AS (
    SELECT count(*) AS own_rows, array_agg(row_id)::text AS row_ids FROM marked
)
UPDATE bench.plan SET state = 'marked', mark_xid = pg_current_xact_id()::xid,
    row_ids = own.row_ids, rows_marked = own.own_rows
FROM own WHERE n = :$1;
SQL
}

update_exactly() {
    job_update "$tile AND $scope$(! has_flag "$setting" ||
        echo ' AND t."UpdateFlag" = 1 AND t.xmin = :xid::text::xid')"
    echo ';'
}

settle() {
    cat <<SQL
WITH seen AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE t.xmin = :xid::text::xid) AS untouched_rows,
           count(*) FILTER (WHERE t.xmin = this.xid) AS written_rows,
           count(*) FILTER (WHERE t.xmin <> :xid::text::xid AND t.xmin <> this.xid) AS other_rows,
           array_agg(t.ctid) FILTER (
               WHERE t."UpdateFlag" = 1 AND (t.xmin = :xid::text::xid OR t.xmin = this.xid)
           ) AS places
    FROM conflict.conflictvisitmaps AS t, (SELECT pg_current_xact_id()::xid AS xid OFFSET 0) AS this
    WHERE $tile AND $scope
), released AS (
    UPDATE conflict.conflictvisitmaps AS t SET "UpdateFlag" = NULL
    WHERE t.ctid = ANY ((SELECT places FROM seen)::tid[]) AND t."UpdateFlag" = 1
    RETURNING 1
)
UPDATE bench.plan SET state = 'done', row_ids = NULL, mark_xid = NULL,
    rows_updated = seen.written_rows, rows_released = (SELECT count(*) FROM released)
FROM seen WHERE n = :$1;
SQL
}
