-- The two halves of a chunk's key sets, a row a key column: array literals as text, which the
-- elements' types don't matter to. The first key is there for a set of one. $1 run id, $2 chunk id.
SELECT cardinality(keys.list) AS keys, keys.list[1] AS first_key,
       keys.list[:cardinality(keys.list) / 2]::text AS lower_half,
       keys.list[cardinality(keys.list) / 2 + 1:]::text AS upper_half
FROM {ledger}.chunk AS c, unnest(c.key_sets) WITH ORDINALITY AS sets (literal, number),
LATERAL (SELECT sets.literal::text[] AS list) AS keys
WHERE c.run_id = $1 AND c.chunk_id = $2
ORDER BY sets.number
