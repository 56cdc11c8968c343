-- News from systems outside.

-- name: take_event(tenant, id, source, event_id, kind, sent_at, received_at, body)!
-- As the application, in the name `webhook/<source>`.
insert into webhook_event (tenant, id, source, event_id, kind, sent_at, received_at, body)
values (
  :tenant::uuid, :id::uuid, :source::text, :event_id::text, :kind::text, :sent_at::timestamptz,
  :received_at::timestamptz, :body::bytea
)
on conflict do nothing;

-- name: waiting_events(sources, again, most)
-- In every tenant: those that no workflow was told of, or that it has not settled for long.
select e.tenant, e.id, e.source, e.event_id, e.round
from webhook_event as e
where
  e.state = 'waiting' and e.source = any(:sources::text [])
  and (e.told_at is null or e.told_at < :again::timestamptz)
order by e.received_at, e.id
limit :most::integer;

-- name: note_told(tenant, id, at)!
update webhook_event as e set told_at = :at::timestamptz
where e.tenant = :tenant::uuid and e.id = :id::uuid and e.state = 'waiting';

-- name: event_to_handle(tenant, id)^
select e.source, e.event_id, e.kind, e.sent_at, e.received_at, e.body
from webhook_event as e
where e.tenant = :tenant::uuid and e.id = :id::uuid;

-- name: settle_event(tenant, id, round, state, outcome, at)!
-- What was handled keeps no body. A run that comes late settles nothing of a later round.
update webhook_event as e
set
  state = :state::text, outcome = :outcome::text, settled_at = :at::timestamptz,
  body = case when :state::text = 'dead' then e.body end
where e.tenant = :tenant::uuid and e.id = :id::uuid and e.round = :round::integer and e.state = 'waiting';

-- name: outdated_tenants(handled, dead)
-- In every tenant: where something is too old to be kept.
select distinct e.tenant
from webhook_event as e
where
  (e.state = 'handled' and e.settled_at < :handled::timestamptz)
  or (e.state = 'dead' and e.settled_at < :dead::timestamptz);

-- name: forget_events(tenant, handled, dead)!
delete from webhook_event as e
where
  e.tenant = :tenant::uuid and (
    (e.state = 'handled' and e.settled_at < :handled::timestamptz)
    or (e.state = 'dead' and e.settled_at < :dead::timestamptz)
  );

-- name: events(tenant, states, source, most)
-- As the application: the newest first.
select
  e.id, e.source, e.event_id, e.kind, e.sent_at, e.received_at, e.state, e.round, e.settled_at, e.outcome,
  e.replayed_by, e.replayed_at
from webhook_event as e
where
  e.tenant = :tenant::uuid and e.state = any(:states::text [])
  and (:source::text is null or e.source = :source::text)
order by e.received_at desc, e.id desc
limit :most::integer;

-- name: event_standing(tenant)
-- As the application: how the news of each source stand.
select
  e.source, max(e.received_at) as last_received, max(e.settled_at) filter (where e.state = 'handled') as last_handled,
  max(e.settled_at) filter (where e.state = 'dead') as last_dead,
  count(*) filter (where e.state = 'waiting')::integer as waiting,
  min(e.received_at) filter (where e.state = 'waiting') as oldest_waiting,
  count(*) filter (where e.state = 'dead')::integer as dead
from webhook_event as e
where e.tenant = :tenant::uuid
group by e.source
order by e.source;

-- name: replay_event(tenant, id, by, at)!
-- As the application: a dead letter is to be tried once more.
update webhook_event as e
set
  state = 'waiting', outcome = null, settled_at = null, told_at = null, round = e.round + 1,
  replayed_by = :by::text, replayed_at = :at::timestamptz
where e.tenant = :tenant::uuid and e.id = :id::uuid and e.state = 'dead';
