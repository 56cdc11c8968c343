-- What an older database held in clear, until it is sealed. As the owner.

-- name: become_owner()!
set local role fristwerk_owner;

-- name: open_to_owner()!
alter table lead_contact_clear no force row level security;

-- name: close_to_owner()!
alter table lead_contact_clear force row level security;

-- name: clear_rows()
select c.tenant, c.lead, c.id, c.name, c.email, c.phone, c.note
from lead_contact_clear as c
order by c.tenant, c.lead, c.id;

-- name: forget_clear_rows()!
truncate lead_contact_clear;
