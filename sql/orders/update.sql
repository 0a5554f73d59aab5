-- The smallest job's update: what each order is worth in euro.
UPDATE public.orders AS t
SET total_eur = t.amount * r.rate
FROM public.rates AS r
WHERE {chunk_filter}
  AND r.currency = t.currency
