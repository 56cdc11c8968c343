-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- What a machine believes to have seen (a mail, an invoice, a name) and a person has to confirm before it
-- changes anything. `facts` holds codes, instants and ids, never words of people.
create table proposal (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  kind text not null check (kind in ('CUSTOMER_REACTION', 'CONVERSION', 'LEAD_CLASS', 'CONTACT_ROLE')),
  source text not null check (source ~ '^[a-z][a-z0-9-]{0,39}$'),
  subject_id text not null check (subject_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}$'),
  facts jsonb not null check (jsonb_typeof(facts) = 'object'),
  confidence numeric(4, 3) check (confidence between 0 and 1),
  created_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'confirmed', 'rejected', 'expired')),
  decided_by text check (decided_by <> ''),
  decided_at timestamptz,
  -- Confirmed, and done: in between, whoever confirms again completes it.
  settled_at timestamptz,
  primary key (tenant, id),
  constraint proposal_once unique (tenant, kind, source, subject_id),
  constraint proposal_decided check (
    (state = 'open') = (decided_by is null) and (decided_by is null) = (decided_at is null)
  ),
  constraint proposal_settled check (settled_at is null or state = 'confirmed'),
  foreign key (tenant, lead) references lead (tenant, id)
);
create index proposal_by_lead on proposal (tenant, lead, created_at);
create index proposal_waiting on proposal (tenant, created_at, id)
where state = 'open' or (state = 'confirmed' and settled_at is null);

-- What sort of customer a lead would be; of the company, not of a person.
create table lead_class (
  tenant uuid not null,
  lead uuid not null,
  segment text not null check (segment ~ '^[A-Z][A-Z_]{1,39}$'),
  potential text not null check (potential in ('HIGH', 'MEDIUM', 'LOW')),
  told_by text not null check (told_by <> ''),
  told_at timestamptz not null,
  primary key (tenant, lead),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- What a contact does in his company; goes where the contact goes.
create table contact_role (
  tenant uuid not null,
  lead uuid not null,
  contact uuid not null,
  role text not null check (role in ('CHEF', 'BUYER', 'GM', 'OTHER')),
  told_by text not null check (told_by <> ''),
  told_at timestamptz not null,
  primary key (tenant, lead, contact),
  foreign key (tenant, lead, contact) references lead_contact (tenant, lead, id) on delete cascade
);

-- Whether the caller may decide what was proposed: whoever may do it himself, but nobody the lead is only
-- shared with.
create function may_decide_proposal(kind text, lead uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return may_act(case may_decide_proposal.kind when 'CONVERSION' then 'govern' else 'edit-lead' end, may_decide_proposal.lead);
grant execute on function may_decide_proposal(text, uuid) to fristwerk_app;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['proposal', 'lead_class', 'contact_role'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['proposal', 'lead_class'] loop
    execute format('create policy reader_read on %1$I for select to fristwerk_app
                    using (tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
                      select from lead as l where l.tenant = %1$I.tenant and l.id = %1$I.lead)))', tab);
  end loop;
  foreach tab in array array['lead_class', 'contact_role'] loop
    execute format('create policy writer_add on %I for insert to fristwerk_app
                    with check (tenant = (select app_tenant()) and may_act(''edit-lead'', lead)
                      and told_by = (select app_user_id()))', tab);
    execute format('create policy writer_change on %I for update to fristwerk_app
                    using (tenant = (select app_tenant()) and may_act(''edit-lead'', lead))
                    with check (tenant = (select app_tenant()) and told_by = (select app_user_id()))', tab);
  end loop;
end
$enable$;

create policy reader_read on contact_role for select to fristwerk_app
using (tenant = (select app_tenant()) and ((select app_reads_all()) or can_read_contact(lead)));
create policy tenant_remove on contact_role for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));

-- Proposed by whoever may tell what was done about the lead; decided in one's own name, or given back.
create policy writer_add on proposal for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('log-activity', lead) and state = 'open');
create policy writer_change on proposal for update to fristwerk_app
using (tenant = (select app_tenant()) and may_decide_proposal(kind, lead))
with check (
  tenant = (select app_tenant()) and (state = 'open' or decided_by = (select app_user_id()))
);

grant select, insert on proposal, lead_class, contact_role to fristwerk_app;
grant update (state, decided_by, decided_at, settled_at) on proposal to fristwerk_app;
grant update (segment, potential, told_by, told_at) on lead_class to fristwerk_app;
grant update (role, told_by, told_at) on contact_role to fristwerk_app;
grant select, insert, update on proposal, lead_class, contact_role to fristwerk_worker;
grant delete on contact_role to fristwerk_worker;

-- Nobody can act on a lead whose protection is over, so nothing is left to decide there.
create function proposals_end() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  update proposal as p set state = 'expired', decided_by = 'end-of-protection', decided_at = coalesce(new.ended_at, new.updated_at)
  where p.tenant = new.tenant and p.lead = new.lead and p.state = 'open';
  return null;
end
$f$;
create trigger protection_ends_proposals after update on protection
for each row when (old.status <> new.status and new.status in ('EXPIRED', 'CONVERTED', 'RELEASED', 'ERASED'))
execute function proposals_end();

-- The audit: what was proposed and decided, in whose name; what a contact does stays out of it.
create function proposal_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  -- What ends with protection, the ledger's writer does, in nobody's name.
  insert into audit_event (tenant, actor, what, lead, after, reason, at)
  values (
    new.tenant, coalesce(app_user_id(), new.decided_by),
    case when tg_op = 'INSERT' then 'proposed' else 'proposal-' || new.state end, new.lead,
    jsonb_strip_nulls(jsonb_build_object(
      'proposal', new.id, 'kind', new.kind, 'source', new.source, 'subject', new.subject_id, 'confidence', new.confidence
    )),
    app_reason(), coalesce(app_at(), new.decided_at, new.created_at)
  );
  return null;
end
$f$;
create constraint trigger proposal_told after insert on proposal
deferrable initially deferred for each row execute function proposal_told();
create constraint trigger proposal_decided_told after update on proposal
deferrable initially deferred for each row when (old.state <> new.state) execute function proposal_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger protection_ends_proposals on protection;
drop function proposals_end();
drop table contact_role;
drop table lead_class;
drop table proposal;
drop function proposal_told();
drop function may_decide_proposal(text, uuid);
reset role;
