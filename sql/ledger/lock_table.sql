-- The session's lock on the target, so that two jobs don't work on one table unless both say so. $1
-- table's oid, $2 whether it is shared.
SELECT CASE WHEN $2::boolean THEN pg_try_advisory_lock_shared(1667787636, ($1::oid)::integer)
            ELSE pg_try_advisory_lock(1667787636, ($1::oid)::integer) END
