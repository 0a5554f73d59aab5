-- For a transaction that touches a slice: a plan for its own bounds. A generic one expects a key to
-- have few rows, and would read all rows of an oversized key for each of its slices. No parameters;
-- in a transaction, for its length.
SET LOCAL plan_cache_mode TO force_custom_plan
