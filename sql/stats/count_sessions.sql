-- Sessions of a run that are still there: their locks are held, and their counts may not be told
-- yet.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name LIKE 'chunkmill%'
  AND application_name NOT LIKE 'chunkmill bench%' -- our own
