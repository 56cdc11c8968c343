-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The public form. The role `fristwerk_public` has no grant on any table; these functions are all it
-- can call. Whoever knows no token learns nothing from them.

-- The invitation of a token is looked for in every tenant: by whoever says the hash, and nothing else.
create function app_feedback() returns bytea
language sql stable parallel safe
return pg_catalog.decode(nullif(pg_catalog.current_setting('app.feedback', true), ''), 'hex');

create policy token_read on feedback_invitation for select to fristwerk_owner
using ((select app_tenant()) is null and token_hash = (select app_feedback()));

-- How often a form and an address range were asked for, by the minute. Keys are hashes; rows live two
-- hours; nothing is lost by forgetting it all.
create unlogged table feedback_rate (
  key bytea not null,
  minute timestamptz not null,
  n integer not null,
  primary key (key, minute)
);
create index feedback_rate_by_minute on feedback_rate (minute);
alter table feedback_rate enable row level security;
alter table feedback_rate force row level security;
create policy counter_read on feedback_rate for select to fristwerk_owner using ((select app_tenant()) is null);
create policy counter_add on feedback_rate for insert to fristwerk_owner with check ((select app_tenant()) is null);
create policy counter_change on feedback_rate for update to fristwerk_owner
using ((select app_tenant()) is null) with check ((select app_tenant()) is null);
create policy counter_remove on feedback_rate for delete to fristwerk_owner using ((select app_tenant()) is null);

-- Counts a request, unless in the last sixty minutes there were as many as may be: then how many seconds to
-- wait. A minute counts until all of it is an hour old, so that never more get in, at no edge of any window.
create function feedback_counted(p_key bytea, p_at timestamptz, p_most integer) returns integer
language plpgsql as $f$
declare
  this_minute timestamptz := date_bin('1 minute', p_at, 'epoch');
  since timestamptz := date_bin('1 minute', p_at, 'epoch') - interval '60 minutes';
  counted bigint;
  oldest timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(encode(p_key, 'hex'), 27));
  select sum(r.n), min(r.minute) into counted, oldest
  from feedback_rate as r
  where r.key = p_key and r.minute >= since;
  if coalesce(counted, 0) >= p_most then
    return greatest(1, ceil(extract(epoch from oldest + interval '61 minutes' - p_at)))::integer;
  end if;
  insert into feedback_rate as r (key, minute, n) values (p_key, this_minute, 1)
  on conflict (key, minute) do update set n = r.n + 1;
  delete from feedback_rate as r
  where (r.key, r.minute) in (
    select o.key, o.minute from feedback_rate as o
    where o.minute < since - interval '60 minutes'
    order by o.minute limit 20 for update skip locked
  );
  return null;
end
$f$;

-- How many requests an hour the owner of this lead lets in; else as many as the caller says.
create function feedback_limit(p_tenant uuid, p_lead uuid, p_else integer) returns integer
language sql stable
begin atomic
  select coalesce((
    select (v.value ->> 'count')::integer
    from setting_value as v
    where
      v.tenant = p_tenant and v.key = 'sample.feedback.ratePerHour' and jsonb_typeof(v.value) = 'object'
      and (
        v.scope = 'tenant'
        or v.scope = 'user' and v.scope_id = (select l.owner from lead as l where l.tenant = p_tenant and l.id = p_lead)
      )
    order by v.scope = 'user' desc
    limit 1
  ), p_else);
end;

-- A look at a form: `open` with what it asks for and the lead's wrapped key; `gone` for a token that is
-- expired, used or nobody's, which are not told apart; `slow` with the seconds to wait.
create function feedback_look(p_hash bytea, p_range bytea, p_at timestamptz, p_most integer)
returns table (
  verdict text, retry_after integer, tenant uuid, lead uuid, locale text, skus text [],
  key uuid, kek_id text, wrapped_key bytea
)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp rows 1 as $f$
#variable_conflict use_column
declare
  asked feedback_invitation;
  most integer := p_most;
  pause integer;
begin
  perform set_config('app.tenant', '', true), set_config('app.feedback', encode(p_hash, 'hex'), true);
  select * into asked from feedback_invitation as i where i.token_hash = p_hash;
  if asked.id is not null then
    perform set_config('app.tenant', asked.tenant::text, true);
    most := feedback_limit(asked.tenant, asked.lead, p_most);
    perform set_config('app.tenant', '', true);
  end if;
  pause := feedback_counted(p_range, p_at, most);
  if pause is null then
    pause := feedback_counted(sha256(p_hash), p_at, most);
  end if;
  if pause is not null then
    return query select 'slow', pause, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
    return;
  end if;
  if asked.id is null or asked.closed_at is not null or asked.expires_at <= p_at then
    return query select 'gone', null::integer, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
    return;
  end if;
  perform set_config('app.tenant', asked.tenant::text, true);
  return query
    select
      'open', null::integer, asked.tenant, asked.lead, asked.language,
      array(
        select s.sku from sample_item as s where s.tenant = asked.tenant and s.box = asked.box order by s.place
      ),
      k.id, k.kek_id, k.wrapped_key
    from lead_key as k
    where k.tenant = asked.tenant and k.lead = asked.lead;
  if not found then
    -- Erased: nothing that is said could be kept.
    return query select 'gone', null::integer, null::uuid, null::uuid, null, null::text [], null::uuid, null, null::bytea;
  end if;
end
$f$;

-- Takes what was said, once; false where the form has closed meanwhile. The owner finds it inside at once;
-- the lead's clock is told by the box's workflow.
create function feedback_give(
  p_hash bytea, p_at timestamptz, p_submission uuid, p_role text, p_skus text [], p_ratings integer [],
  p_comment_ids uuid [], p_comments bytea [], p_key uuid
) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  asked feedback_invitation;
begin
  perform set_config('app.tenant', '', true), set_config('app.feedback', encode(p_hash, 'hex'), true);
  select * into asked from feedback_invitation as i where i.token_hash = p_hash;
  if asked.id is null then
    return false;
  end if;
  perform set_config('app.tenant', asked.tenant::text, true), set_config('app.user', 'feedback-form', true),
    set_config('app.at', clock_text(p_at), true);
  -- Two at once: the second waits here, and finds the form closed.
  select * into asked from feedback_invitation as i where i.tenant = asked.tenant and i.id = asked.id for update;
  if asked.closed_at is not null or asked.expires_at <= p_at then
    return false;
  end if;
  insert into feedback_submission
    (tenant, id, lead, box, invitation, source, contact_role, told_by, given_at, received_at)
  values (asked.tenant, p_submission, asked.lead, asked.box, asked.id, 'FORM', p_role, 'feedback-form', p_at, p_at);
  insert into product_feedback (tenant, lead, box, submission, sku, rating, comment_id, comment, key)
  select
    asked.tenant, asked.lead, asked.box, p_submission, s.sku, s.rating, s.comment_id, s.comment,
    case when s.comment is not null then p_key end
  from unnest(p_skus, p_ratings, p_comment_ids, p_comments) as s (sku, rating, comment_id, comment);
  if asked.once then
    update feedback_invitation as i set closed_at = p_at, closed_as = 'used'
    where i.tenant = asked.tenant and i.id = asked.id;
  end if;
  insert into notification
    (tenant, id, lead, cycle, kind, recipient, channel, status, attempt, sent_at, created_at, updated_at)
  select asked.tenant, gen_random_uuid(), l.id, p_submission::text, 'feedback-received', l.owner, 'INAPP', 'sent', 1, p_at, p_at, p_at
  from lead as l
  where l.tenant = asked.tenant and l.id = asked.lead;
  return true;
exception when foreign_key_violation then
  -- The lead's key was destroyed at this moment: nothing can be kept any more.
  return false;
end
$f$;

-- What the token of an open form is made from, with a key this database never sees: for whoever may log what
-- was done about the lead, so that he can pass the address on.
create function feedback_salt(p_box uuid) returns bytea
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return (
  select i.salt
  from feedback_invitation as i
  where i.tenant = app_tenant() and i.box = p_box and i.closed_at is null and may_act('log-activity', i.lead)
);
grant execute on function feedback_salt(uuid) to fristwerk_app;

grant execute on function feedback_look(bytea, bytea, timestamptz, integer),
feedback_give(bytea, timestamptz, uuid, text, text [], integer [], uuid [], bytea [], uuid)
to fristwerk_public;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function feedback_salt(uuid);
drop function feedback_give(bytea, timestamptz, uuid, text, text [], integer [], uuid [], bytea [], uuid);
drop function feedback_look(bytea, bytea, timestamptz, integer);
drop function feedback_limit(uuid, uuid, integer);
drop function feedback_counted(bytea, timestamptz, integer);
drop table feedback_rate;
drop policy token_read on feedback_invitation;
drop function app_feedback();
reset role;
