-- Puts the demo's table back as it was before the first run, for `chunkmill bench --reset`.
-- Before the first sweep: CREATE TABLE conflict.kept AS TABLE conflict.conflictvisitmaps.
TRUNCATE {conflict_schema}.conflictvisitmaps;
INSERT INTO {conflict_schema}.conflictvisitmaps TABLE {conflict_schema}.kept ORDER BY "ID";
VACUUM (ANALYZE) {conflict_schema}.conflictvisitmaps;
CHECKPOINT;
