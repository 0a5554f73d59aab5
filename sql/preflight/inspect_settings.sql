-- Settings of the session that decide how fast the run is and what a crash costs. No parameters.
-- One row.
SELECT string_agg(s.name || ' ' || current_setting(s.name), ', ' ORDER BY s.number)
FROM unnest(
    '{synchronous_commit,jit,random_page_cost,work_mem,max_wal_size,wal_compression}'::text[])
     WITH ORDINALITY AS s (name, number);
