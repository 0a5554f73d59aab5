-- The ledger, version 1. Several statements, one transaction, run by `chunkmill ledger JOB create`; {ledger} is the schema.
-- Tables first, then the views for people (without keys: they are private).

CREATE SCHEMA IF NOT EXISTS {ledger};

CREATE TABLE {ledger}.ledger (
    version    integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO {ledger}.ledger (version) VALUES (1);

-- A job's serial number is what its advisory lock is about.
CREATE TABLE {ledger}.job (
    job_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job    text NOT NULL UNIQUE
);

CREATE TABLE {ledger}.run (
    run_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id         integer NOT NULL REFERENCES {ledger}.job,
    label          text NOT NULL,
    state          text NOT NULL CHECK (state IN ('planning', 'running', 'done', 'done_with_gaps', 'abandoning', 'abandoned')),
    attempt        integer NOT NULL DEFAULT 0,
    identity_hash  text NOT NULL,
    update_hash    text NOT NULL,
    table_oid      oid NOT NULL,
    table_name     text NOT NULL,
    window_from    text,
    window_to      text,
    search_path    text NOT NULL,
    planned_to     text[],
    planned_chunks bigint NOT NULL DEFAULT 0,
    plan_complete  boolean NOT NULL DEFAULT false,
    began_at       timestamptz NOT NULL DEFAULT now(),
    finished_at    timestamptz,
    UNIQUE (job_id, label)
);
CREATE UNIQUE INDEX run_unfinished ON {ledger}.run (job_id) WHERE state IN ('planning', 'running', 'abandoning');

-- Heartbeats are here and never touch the run row, which workers hold FOR SHARE.
CREATE TABLE {ledger}.attempt (
    run_id       bigint NOT NULL REFERENCES {ledger}.run ON DELETE CASCADE,
    attempt      integer NOT NULL,
    command      text NOT NULL,
    host         text NOT NULL,
    pid          bigint NOT NULL,
    slurm_job    text,
    role         text NOT NULL DEFAULT current_user,
    ranks        integer NOT NULL,
    update_hash  text NOT NULL,
    began_at     timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    outcome      text,
    exit_status  integer,
    report       text,
    PRIMARY KEY (run_id, attempt)
);

-- The server's processes of an attempt, for the next one to end. worker -1 is the manager's control connection.
CREATE TABLE {ledger}.backend (
    run_id        bigint NOT NULL REFERENCES {ledger}.run ON DELETE CASCADE,
    attempt       integer NOT NULL,
    worker        integer NOT NULL,
    pid           integer NOT NULL,
    backend_start timestamptz NOT NULL
);
CREATE INDEX backend_run ON {ledger}.backend (run_id);

CREATE TABLE {ledger}.chunk (
    run_id          bigint NOT NULL REFERENCES {ledger}.run ON DELETE CASCADE,
    chunk_id        bigint NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('range', 'slice', 'nulls', 'keys')),
    key_lower       text[],
    key_upper       text[],
    upper_open      boolean NOT NULL DEFAULT false,
    row_lower       text,
    row_upper       text,
    key_sets        text[],
    rows_planned    bigint NOT NULL,
    keys_planned    bigint NOT NULL,
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'marked', 'done', 'failed', 'split')),
    pass            integer NOT NULL DEFAULT 1,
    tries           integer NOT NULL DEFAULT 0,
    attempt         integer,
    worker          integer,
    mark_xid        xid,
    row_ids         text,
    settled_row_ids text,
    rows_marked     bigint NOT NULL DEFAULT 0,
    rows_updated    bigint NOT NULL DEFAULT 0,
    rows_released   bigint NOT NULL DEFAULT 0,
    rows_elsewhere  bigint NOT NULL DEFAULT 0,
    rows_lost       bigint NOT NULL DEFAULT 0,
    marked_at       timestamptz,
    finished_at     timestamptz,
    error_sqlstate  text,
    error           text,
    PRIMARY KEY (run_id, chunk_id)
) WITH (fillfactor = 60);

-- Steps before and after.
CREATE TABLE {ledger}.step (
    run_id  bigint NOT NULL REFERENCES {ledger}.run ON DELETE CASCADE,
    phase   text NOT NULL CHECK (phase IN ('before', 'after')),
    number  integer NOT NULL,
    name    text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, phase, number)
);

CREATE VIEW {ledger}.runs AS
SELECT r.run_id, j.job, r.label, r.state, r.attempt, r.table_name, r.plan_complete, r.began_at, r.finished_at,
       c.chunks, c.chunks_done, c.chunks_failed, c.chunks_left, c.rows_planned, c.rows_updated, c.rows_elsewhere
FROM {ledger}.run r
JOIN {ledger}.job j USING (job_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS chunks,
           count(*) FILTER (WHERE k.state = 'done') AS chunks_done,
           count(*) FILTER (WHERE k.state = 'failed') AS chunks_failed,
           count(*) FILTER (WHERE k.state IN ('planned', 'marked')) AS chunks_left,
           coalesce(sum(k.rows_planned), 0)::bigint AS rows_planned,
           coalesce(sum(k.rows_updated), 0)::bigint AS rows_updated,
           coalesce(sum(k.rows_elsewhere), 0)::bigint AS rows_elsewhere
    FROM {ledger}.chunk k
    WHERE k.run_id = r.run_id AND k.state <> 'split'
) c;
COMMENT ON VIEW {ledger}.runs IS 'one row a run: how far it is';

CREATE VIEW {ledger}.chunks AS
SELECT j.job, r.label, c.run_id, c.chunk_id, c.kind, c.state, c.pass, c.tries, c.attempt, c.worker,
       c.rows_planned, c.keys_planned, c.rows_marked, c.rows_updated, c.rows_released, c.rows_elsewhere, c.rows_lost,
       c.marked_at, c.finished_at, c.error_sqlstate
FROM {ledger}.chunk c
JOIN {ledger}.run r USING (run_id)
JOIN {ledger}.job j USING (job_id);
COMMENT ON VIEW {ledger}.chunks IS 'one row a chunk, without its bounds: they are keys';

CREATE VIEW {ledger}.failures AS
SELECT j.job, r.label, c.run_id, c.chunk_id, c.rows_planned, c.tries, c.error_sqlstate, c.error, c.finished_at
FROM {ledger}.chunk c
JOIN {ledger}.run r USING (run_id)
JOIN {ledger}.job j USING (job_id)
WHERE c.state = 'failed';
COMMENT ON VIEW {ledger}.failures IS 'the chunks that were set aside, and why';
