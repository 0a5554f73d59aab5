-- The smallest job's tables: orders with an amount, and what a currency is worth.
-- psql [-v fillfactor=50] -f schema.sql: drops and makes public.orders and public.rates.
-- fillfactor: two versions of a row fit on its page, so that the updates stay HOT.
\set ON_ERROR_STOP on
\if :{?fillfactor}
\else
  \set fillfactor 50
\endif
SET client_min_messages TO warning;

DROP TABLE IF EXISTS public.orders, public.rates;

CREATE TABLE public.rates (
    currency text PRIMARY KEY,
    rate numeric NOT NULL -- euro for one of it
);

CREATE TABLE public.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    ordered_at timestamptz NOT NULL,
    amount numeric(12, 2) NOT NULL,
    currency text NOT NULL,
    total_eur numeric(14, 2) -- what the job computes
) WITH (fillfactor = :fillfactor);
