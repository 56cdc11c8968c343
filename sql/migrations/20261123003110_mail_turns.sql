-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What a mail account allows (domain.md section 10), kept over all processes that send: so many connections at
-- once, so many mails a minute and an hour. Of no tenant: the account is one. A row of `mail_turn` is a mail that
-- waits for its turn, was told when to come back, or has a connection; it is gone when the mail is handed over.
create table mail_turn (
  mail uuid primary key,
  urgency integer not null check (urgency between 0 and 2),
  asked_at timestamptz not null,
  seen_at timestamptz not null,
  back_at timestamptz,
  holds_until timestamptz,
  constraint mail_turn_one_state check (back_at is null or holds_until is null)
);
create table mail_handed (
  id bigint generated always as identity primary key,
  at timestamptz not null
);
create index mail_handed_by_time on mail_handed (at);

do $enable$
declare
  tab text;
begin
  foreach tab in array array['mail_turn', 'mail_handed'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy turn_read on %I for select to fristwerk_owner using ((select app_tenant()) is null)', tab);
    execute format('create policy turn_add on %I for insert to fristwerk_owner with check ((select app_tenant()) is null)', tab);
    execute format('create policy turn_remove on %I for delete to fristwerk_owner using ((select app_tenant()) is null)', tab);
  end loop;
end
$enable$;
create policy turn_change on mail_turn for update to fristwerk_owner
using ((select app_tenant()) is null) with check ((select app_tenant()) is null);

-- When the window has room again, if it is full: what is counted is the last `p_most` mails, so that there is no
-- edge at which more get in.
create function mail_window_free(p_at timestamptz, p_window interval, p_most integer) returns timestamptz
language sql stable
return (
  select h.at + p_window
  from mail_handed as h
  where h.at > p_at - p_window
  order by h.at desc
  offset p_most - 1 limit 1
);

-- Asks for a turn: null grants it; else so many milliseconds later it is worth asking again. Who waits for a
-- connection (less than `p_present`) asks again and keeps his place; who is sent away for longer loses it, and
-- comes back spread over the time there is. Urgency 0 goes first, and a tenth of what the account allows is
-- kept for it.
create function mail_turn_ask(
  p_mail uuid, p_urgency integer, p_at timestamptz, p_connections integer, p_minute integer, p_hour integer,
  p_lease interval, p_present interval
) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  per_minute integer := case when p_urgency = 0 then p_minute else greatest(1, p_minute - ceil(p_minute / 10.0)::integer) end;
  per_hour integer := case when p_urgency = 0 then p_hour else greatest(1, p_hour - ceil(p_hour / 10.0)::integer) end;
  free_minute timestamptz;
  free_hour timestamptz;
  back timestamptz;
  others integer;
  asked mail_turn;
begin
  perform pg_advisory_xact_lock(hashtextextended('mail-turn', 31));
  perform set_config('app.tenant', '', true);
  delete from mail_turn as t
  where t.holds_until <= p_at or (t.holds_until is null and greatest(t.seen_at, t.back_at) < p_at - 5 * p_present);
  delete from mail_handed as h where h.at <= p_at - interval '1 hour';
  insert into mail_turn as t (mail, urgency, asked_at, seen_at) values (p_mail, p_urgency, p_at, p_at)
  on conflict (mail) do update set seen_at = p_at, back_at = null, holds_until = null
  returning t.* into asked;

  free_minute := mail_window_free(p_at, interval '1 minute', per_minute);
  free_hour := mail_window_free(p_at, interval '1 hour', per_hour);
  if free_minute is not null or free_hour is not null then
    select count(*) into others
    from mail_turn as t where t.back_at > p_at and t.urgency <= p_urgency and t.mail <> p_mail;
    back := greatest(
      free_minute + others * (interval '1 minute' / per_minute), free_hour + others * (interval '1 hour' / per_hour)
    );
    back := least(back, p_at + interval '1 hour');
    update mail_turn as t set back_at = back where t.mail = p_mail;
    return greatest(1, ceil(extract(epoch from back - p_at) * 1000))::integer;
  end if;

  select count(*) into others
  from mail_turn as t
  where
    t.mail <> p_mail and (
      t.holds_until is not null
      or (
        t.back_at is null and t.seen_at > p_at - p_present
        and (t.urgency, t.asked_at, t.mail) < (asked.urgency, asked.asked_at, asked.mail)
      )
    );
  if others >= p_connections then
    return greatest(1, extract(epoch from p_present) * 1000 / 10)::integer;
  end if;
  update mail_turn as t set holds_until = p_at + p_lease where t.mail = p_mail;
  insert into mail_handed (at) values (p_at);
  return null;
end
$f$;

-- Whoever holds a connection says now and then that he lives; else it is given to another.
create function mail_turn_keep(p_mail uuid, p_until timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform set_config('app.tenant', '', true);
  update mail_turn as t set holds_until = p_until where t.mail = p_mail and t.holds_until is not null;
end
$f$;

-- The connection is free again.
create function mail_turn_done(p_mail uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform set_config('app.tenant', '', true);
  delete from mail_turn as t where t.mail = p_mail;
end
$f$;

grant execute on function
mail_turn_ask(uuid, integer, timestamptz, integer, integer, integer, interval, interval),
mail_turn_keep(uuid, timestamptz), mail_turn_done(uuid)
to fristwerk_worker;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function mail_turn_done(uuid);
drop function mail_turn_keep(uuid, timestamptz);
drop function mail_turn_ask(uuid, integer, timestamptz, integer, integer, integer, interval, interval);
drop function mail_window_free(timestamptz, interval, integer);
drop table mail_handed;
drop table mail_turn;
reset role;
