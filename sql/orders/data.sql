-- Fills the smallest job's tables. psql [-v rows=1000000] [-v seed=1] -f data.sql
\set ON_ERROR_STOP on
\if :{?rows}
\else
  \set rows 1000000
\endif
\if :{?seed}
\else
  \set seed 1
\endif
SET client_min_messages TO warning;
SET synchronous_commit TO off;
BEGIN;
TRUNCATE public.orders, public.rates RESTART IDENTITY;

INSERT INTO public.rates (currency, rate)
VALUES ('EUR', 1), ('USD', 0.92), ('GBP', 1.17), ('CHF', 1.04), ('SEK', 0.088),
       ('NOK', 0.086), ('JPY', 0.0061), ('PLN', 0.23);

INSERT INTO public.orders (customer, ordered_at, amount, currency)
SELECT 'customer ' || r % 50000, now() - (:rows - n) * interval '1 minute', (r % 1000000) / 100.0,
       ('{EUR,USD,GBP,CHF,SEK,NOK,JPY,PLN}'::text[])[1 + r / 1000000 % 8]
FROM generate_series(1, :rows::bigint) AS n,
     LATERAL (SELECT hashint8extended(n, :seed) & 1073741823 AS r OFFSET 0) AS random;
COMMIT;

VACUUM (ANALYZE) public.rates;
VACUUM (ANALYZE) public.orders;
