-- A row that this transaction has written, also where a trigger wrote it in a subtransaction, which
-- has an xid of its own, greater than ours. xmin has no epoch: the distance to our own xid gives it
-- one. Of the rows that we see with a greater xid, those below the snapshot's end are ours where
-- their writer is still in progress. Those at or behind it can only be ours, or were frozen so long
-- ago that their xid means a time to come, which the server refuses to be asked about: so far ahead
-- no subtransaction of ours can be. A fragment.
(t.xmin = (SELECT pg_current_xact_id()::xid)
 OR (
     SELECT CASE WHEN chunkmill_writer.ahead <= 0 THEN false
                 WHEN chunkmill_writer.ahead
                      >= (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                          - pg_current_xact_id()::text::bigint)
                 THEN chunkmill_writer.ahead < 16777216
                 ELSE pg_xact_status(((SELECT pg_current_xact_id()::text::bigint)
                                      + chunkmill_writer.ahead)::text::xid8) = 'in progress' END
     FROM (
         SELECT (t.xmin::text::bigint - (SELECT pg_current_xact_id()::xid::text::bigint)
                 + 6442450944) % 4294967296 - 2147483648 AS ahead
         OFFSET 0
     ) AS chunkmill_writer
 ) IS TRUE)
