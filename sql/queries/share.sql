-- With whom a lead is shared.

-- name: shares_of(tenant, lead)
select c.user_id, c.role, c.added_by, c.added_at
from collaborator as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid
order by c.user_id;

-- name: add_share(tenant, lead, user, role, by, at)$
-- The user if the lead was not shared with him before.
insert into collaborator (tenant, lead, user_id, role, added_by, added_at)
values (:tenant::uuid, :lead::uuid, :user::text, :role::text, :by::text, :at::timestamptz)
on conflict (tenant, lead, user_id) do nothing
returning user_id;

-- name: change_share(tenant, lead, user, role, by, at)$
-- The user if he had another share.
update collaborator as c set role = :role::text, added_by = :by::text, added_at = :at::timestamptz
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.user_id = :user::text and c.role <> :role::text
returning c.user_id;

-- name: remove_share(tenant, lead, user)$
-- The user if the lead was shared with him.
delete from collaborator as c
where c.tenant = :tenant::uuid and c.lead = :lead::uuid and c.user_id = :user::text
returning c.user_id;
