-- What models are told of a lead beside its ledger, with the eyes of whoever asks.

-- name: products(tenant, most)
-- What can be sent: what the ERP offers; without one, what was in boxes before.
select o.sku, o.name
from (
  select p.sku, p.name from erp_product as p where p.tenant = :tenant::uuid and p.active
  union all
  select distinct i.sku, null::text as name
  from sample_item as i
  where
    i.tenant = :tenant::uuid
    and not exists (select from erp_product as p where p.tenant = :tenant::uuid and p.active)
) as o
order by o.sku
limit :most::integer;
