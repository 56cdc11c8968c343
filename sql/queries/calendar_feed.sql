-- Calendars of deadlines under a secret address. Times are parameters.

-- name: in_force(tenant, user)^
-- The address somebody has now.
select f.made_at, f.read_at
from calendar_feed as f
where f.tenant = :tenant and f.user_id = :user and f.revoked_at is null;

-- name: of_secret(tenant, secret_hash)^
select f.user_id, f.read_at, f.revoked_at
from calendar_feed as f
where f.tenant = :tenant and f.secret_hash = :secret_hash;

-- name: one_at_a_time(tenant, user)!
-- Until the transaction ends: two forms of one person wait for each other.
select pg_advisory_xact_lock(hashtextextended(:tenant::uuid::text || '/' || :user::text, 26));

-- name: revoke(tenant, user, at)!
update calendar_feed set revoked_at = :at
where tenant = :tenant and user_id = :user and revoked_at is null;

-- name: make(tenant, user, secret_hash, at)!
insert into calendar_feed (tenant, secret_hash, user_id, made_at)
values (:tenant, :secret_hash, :user, :at);

-- name: was_read(tenant, secret_hash, at)!
update calendar_feed set read_at = :at where tenant = :tenant and secret_hash = :secret_hash;

-- name: reader(tenant, user)^
select u.display_name, u.locale, u.timezone from app_user as u where u.tenant = :tenant and u.id = :user;

-- name: deadlines(tenant, user, most)
-- What is known of the deadlines of somebody's living leads, what ends first before the rest.
select
  p.lead, l.company, l.city, p.revision, p.updated_at, p.status,
  p.progress_until, p.reminder_due_at, p.grace_until, p.base_until, p.valid_until
from protection as p
join lead as l on l.tenant = p.tenant and l.id = p.lead
where
  p.tenant = :tenant and p.owner = :user and p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
order by p.sorted_end, p.lead
limit :most;
