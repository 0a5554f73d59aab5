-- Rows of the scope, and those whose version is younger than a repetition, counted without asking
-- the ledger. Scans the table. $1 the next transaction's id when the repetition began. xmin has its
-- lower 32 bits, so the difference is taken modulo 2^32; below 3 are ids that name no transaction.
SELECT count(*) AS in_scope,
       count(*) FILTER (WHERE t.xmin::text::bigint > 2
                          AND ((t.xmin::text::bigint - $1::bigint) & 4294967295)
                               < 2147483648) AS written
FROM {table} AS t
WHERE {rows}
