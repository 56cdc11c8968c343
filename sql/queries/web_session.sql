-- Who is signed in to the pages.

-- name: find(tenant, id_hash, at, idle_since)^
select user_id, roles, org, seen_at
from web_session
where tenant = :tenant and id_hash = :id_hash and ends_at > :at and seen_at > :idle_since;

-- name: open(tenant, id_hash, user, roles, org, at, ends_at)!
insert into web_session (tenant, id_hash, user_id, roles, org, started_at, seen_at, ends_at)
values (:tenant, :id_hash, :user, :roles, :org, :at, :at, :ends_at);

-- name: see(tenant, id_hash, at)!
update web_session set seen_at = :at where tenant = :tenant and id_hash = :id_hash and seen_at < :at;

-- name: close(tenant, id_hash)!
delete from web_session where tenant = :tenant and id_hash = :id_hash;

-- name: sweep(tenant, at, idle_since)!
delete from web_session where tenant = :tenant and (ends_at <= :at or seen_at <= :idle_since);

-- name: person(tenant, user)^
select display_name, locale, timezone from app_user where tenant = :tenant and id = :user;
