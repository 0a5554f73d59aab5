-- Grants a role the least that it needs to run jobs. `chunkmill check` as that role names whatever
-- is missing. The owner of the tables runs it, after `chunkmill ledger JOB create`. It may be run
-- again.
--
-- psql -v role=NAME [-v ledger=chunkmill] [-v table=public.orders [-v columns='total_eur, ..']
--     [-v reads='public.rates, ..']] -f roles.sql
--
-- role     is made, with LOGIN and nothing else, where there is none
-- ledger   the ledger's schema
-- table    a job's target, as SQL
-- columns  the columns that the update writes, and the flag; without it all of the table
-- reads    the other tables that the job's SQL reads
\set ON_ERROR_STOP on
\if :{?role}
\else
  \warn 'who is to have the rights? try: psql -v role=NAME -f roles.sql'
  \quit
\endif
\if :{?ledger}
\else
  \set ledger chunkmill
\endif
BEGIN;

SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = :'role') \gexec

GRANT USAGE ON SCHEMA :"ledger" TO :"role";
-- The role may not make or drop a ledger, change what is recorded of an attempt's sessions or
-- steps, or delete a run.
GRANT SELECT ON :"ledger".ledger, :"ledger".runs, :"ledger".chunks, :"ledger".failures TO :"role";
GRANT SELECT, INSERT ON :"ledger".job, :"ledger".step TO :"role";
-- SELECT .. FOR SHARE and FOR UPDATE need UPDATE, too.
GRANT SELECT, INSERT, UPDATE ON :"ledger".run, :"ledger".plan, :"ledger".attempt, :"ledger".chunk
    TO :"role";
GRANT SELECT, INSERT, DELETE ON :"ledger".backend, :"ledger".in_flight TO :"role";

\if :{?table}
-- The job's names are looked up in the schemas of these tables.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, :'role')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(:'table') \gexec
GRANT SELECT ON TABLE :table TO :"role";
\if :{?columns}
GRANT UPDATE (:columns) ON TABLE :table TO :"role";
\else
GRANT UPDATE ON TABLE :table TO :"role";
\endif
\endif

\if :{?reads}
SELECT DISTINCT format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, :'role')
FROM unnest(string_to_array(:'reads', ',')) AS name
JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(trim(name))
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \gexec
GRANT SELECT ON TABLE :reads TO :"role";
\endif

COMMIT;
