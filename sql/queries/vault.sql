-- Keys of leads and what they seal. Nothing in clear passes here, in neither direction.

-- name: keys_of(tenant, leads)
select k.lead, k.id, k.kek_id, k.wrapped_key
from lead_key as k
where k.tenant = :tenant::uuid and k.lead = any(:leads::uuid []);

-- name: add_keys(tenant, leads, ids, kek_id, wrapped, created_at)!
-- Whoever comes second takes the first one's key.
insert into lead_key (tenant, lead, id, kek_id, wrapped_key, created_at)
select :tenant::uuid, k.lead, k.id, :kek_id::text, k.wrapped, :created_at::timestamptz
from unnest(:leads::uuid [], :ids::uuid [], :wrapped::bytea []) as k (lead, id, wrapped)
on conflict (tenant, lead) do nothing;

-- name: add_sealed(tenant, leads, ids, keys, kinds, fact_ids, names, emails, phones, notes, email_indexes, phone_indexes, domain_indexes, occurred, channels)
-- The ids of the rows that are new.
insert into lead_contact (
  tenant, lead, id, key, kind, fact_id, name, email, phone, note, email_index, phone_index, domain_index, occurred_at,
  channel
)
select :tenant::uuid, c.*
from unnest(
  :leads::uuid [], :ids::uuid [], :keys::uuid [], :kinds::text [], :fact_ids::text [], :names::bytea [],
  :emails::bytea [], :phones::bytea [], :notes::bytea [], :email_indexes::bytea [], :phone_indexes::bytea [],
  :domain_indexes::bytea [], :occurred::timestamptz [], :channels::text []
) as c
on conflict (tenant, lead, id) do nothing
returning id;

-- name: fill_sealed(tenant, leads, ids, keys, names, emails, phones, notes, email_indexes, phone_indexes, domain_indexes)!
-- Rows that are there already, and held nothing.
update lead_contact as c set
  key = s.key, name = s.name, email = s.email, phone = s.phone, note = s.note, email_index = s.email_index,
  phone_index = s.phone_index, domain_index = s.domain_index
from unnest(
  :leads::uuid [], :ids::uuid [], :keys::uuid [], :names::bytea [], :emails::bytea [], :phones::bytea [],
  :notes::bytea [], :email_indexes::bytea [], :phone_indexes::bytea [], :domain_indexes::bytea []
) as s (lead, id, key, name, email, phone, note, email_index, phone_index, domain_index)
where c.tenant = :tenant::uuid and c.lead = s.lead and c.id = s.id and c.key is null;

-- name: sealed_of(tenant, lead)
select
  c.id, c.key, c.kind, c.fact_id, c.name, c.email, c.phone, c.note, c.occurred_at, c.channel,
  k.kek_id, k.wrapped_key
from lead_contact as c
left join lead_key as k on k.tenant = c.tenant and k.lead = c.lead and k.id = c.key
where c.tenant = :tenant::uuid and c.lead = :lead::uuid
order by c.occurred_at nulls first, c.id;

-- name: leads_by_contact(tenant, email_index, phone_index)
select distinct c.lead
from lead_contact as c
where
  c.tenant = :tenant::uuid
  and (:email_index::bytea is null or c.email_index = :email_index::bytea)
  and (:phone_index::bytea is null or c.phone_index = :phone_index::bytea)
order by c.lead;

-- name: remove_sealed(tenant, lead, ids)!
delete from lead_contact as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.id = any(:ids::uuid []);
