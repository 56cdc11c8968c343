-- What people wrote about a fact, kept beside the ledger. Written as the worker role.

-- name: add_contact(tenant, lead, id, kind, fact_id, name, email, phone, note, occurred_at, channel)$
-- The id if the row is new.
insert into lead_contact (tenant, lead, id, kind, fact_id, name, email, phone, note, occurred_at, channel)
values (
  :tenant::uuid, :lead::uuid, :id::uuid, :kind::text, :fact_id::text, :name::text, :email::text, :phone::text,
  :note::text, :occurred_at::timestamptz, :channel::text
)
on conflict (tenant, lead, id) do nothing
returning id;

-- name: note_of(tenant, lead, id)$
select c.note from lead_contact as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.id = :id::uuid;

-- name: remove_contacts(tenant, lead, ids)!
delete from lead_contact as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.id = any(:ids::uuid []);
