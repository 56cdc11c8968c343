-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- Samples (domain.md section 8). The rows are what happened; the workflow `sample-test` follows them.

-- What was promised to whom. `notes` is sealed under the lead's key, as everything people write freely.
create table sample_box (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  account text check (account ~ '^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$'),
  promised_at timestamptz,
  notes bytea check (is_sealed(notes)),
  key uuid,
  created_by text not null check (created_by <> ''),
  created_at timestamptz not null,
  cancelled_by text check (cancelled_by <> ''),
  cancelled_at timestamptz,
  primary key (tenant, id),
  constraint sample_box_of_lead unique (tenant, lead, id),
  constraint sample_box_has_key check (notes is null or key is not null),
  constraint sample_box_cancelled check ((cancelled_by is null) = (cancelled_at is null)),
  foreign key (tenant, lead) references lead (tenant, id),
  constraint sample_box_sealed_under foreign key (tenant, lead, key) references lead_key (tenant, lead, id)
);

create table sample_item (
  tenant uuid not null,
  lead uuid not null,
  box uuid not null,
  sku text not null check (sku ~ '^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$'),
  qty integer not null check (qty between 1 and 100000),
  place integer not null,
  primary key (tenant, box, sku),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);

create table shipment (
  tenant uuid not null,
  lead uuid not null,
  box uuid not null,
  shipped_by text not null check (shipped_by <> ''),
  shipped_at timestamptz not null,
  delivered_by text check (delivered_by <> ''),
  delivered_at timestamptz check (delivered_at >= shipped_at),
  primary key (tenant, box),
  constraint shipment_delivered check ((delivered_by is null) = (delivered_at is null)),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);

create table test_phase (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  box uuid not null,
  stage text not null check (stage in ('SAMPLE', 'TRIAL', 'PRODUCTION_CANDIDATE')),
  starts_at timestamptz not null,
  ends_at timestamptz check (ends_at > starts_at),
  created_by text not null check (created_by <> ''),
  created_at timestamptz not null,
  primary key (tenant, id),
  constraint test_phase_of_box unique (tenant, lead, box, id),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);

-- How a product did in a phase; changes in per cent of what was before, two decimals.
create table test_result (
  tenant uuid not null,
  lead uuid not null,
  box uuid not null,
  phase uuid not null,
  sku text not null,
  outcome text not null check (outcome in ('SUCCESS', 'MIXED', 'FAIL')),
  sell_through numeric(7, 2),
  waste_change numeric(7, 2),
  told_by text not null check (told_by <> ''),
  told_at timestamptz not null,
  primary key (tenant, phase, sku),
  foreign key (tenant, lead, box, phase) references test_phase (tenant, lead, box, id),
  foreign key (tenant, box, sku) references sample_item (tenant, box, sku)
);

-- The link to the form: of its token only the hash; it is made anew from `salt` and a key this database
-- never sees. One box, one invitation.
create table feedback_invitation (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  box uuid not null,
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  salt bytea not null check (octet_length(salt) >= 16),
  once boolean not null,
  language text not null check (language in ('de', 'en')),
  issued_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > issued_at),
  closed_at timestamptz,
  closed_as text check (closed_as in ('used', 'closed', 'cancelled', 'erased')),
  primary key (tenant, id),
  constraint feedback_invitation_once unique (tenant, box),
  constraint feedback_invitation_of_box unique (tenant, lead, box, id),
  constraint feedback_invitation_closed check ((closed_at is null) = (closed_as is null)),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);

-- Said at one time by one person of the customer; `outcome` is what came of it at the lead's clock.
create table feedback_submission (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  box uuid not null,
  invitation uuid,
  source text not null check (source in ('EMAIL', 'FORM', 'PHONE', 'VISIT')),
  contact_role text not null check (contact_role in ('CHEF', 'BUYER', 'GM', 'OTHER')),
  told_by text not null check (told_by <> ''),
  given_at timestamptz not null,
  received_at timestamptz not null check (received_at >= given_at),
  settled_at timestamptz,
  outcome text,
  primary key (tenant, id),
  constraint feedback_submission_of_box unique (tenant, lead, box, id),
  constraint feedback_submission_settled check ((settled_at is null) = (outcome is null)),
  constraint feedback_submission_of_form check ((source = 'FORM') = (invitation is not null)),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id),
  foreign key (tenant, lead, box, invitation) references feedback_invitation (tenant, lead, box, id)
);

create table product_feedback (
  tenant uuid not null,
  lead uuid not null,
  box uuid not null,
  submission uuid not null,
  sku text not null,
  rating integer not null check (rating between 1 and 5),
  comment_id uuid not null,
  comment bytea check (is_sealed(comment)),
  key uuid,
  primary key (tenant, submission, sku),
  constraint product_feedback_has_key check (comment is null or key is not null),
  foreign key (tenant, lead, box, submission) references feedback_submission (tenant, lead, box, id),
  foreign key (tenant, box, sku) references sample_item (tenant, box, sku),
  constraint product_feedback_sealed_under foreign key (tenant, lead, key) references lead_key (tenant, lead, id)
);

-- What a box's workflow has not been told yet. Written with the change itself, so that nothing is lost
-- while Temporal is away; removed once the workflow has it.
create table sample_news (
  tenant uuid not null,
  id bigint generated always as identity,
  lead uuid not null,
  box uuid not null,
  what text not null check (what in ('opened', 'shipped', 'delivered', 'test-phase', 'feedback', 'cancel')),
  at timestamptz not null,
  primary key (tenant, id),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);

create index sample_box_by_lead on sample_box (tenant, lead, created_at);
create index test_phase_by_box on test_phase (tenant, box, starts_at);
create index test_result_by_item on test_result (tenant, box, sku);
create index feedback_submission_by_box on feedback_submission (tenant, box, given_at);
create index feedback_submission_by_lead on feedback_submission (tenant, lead, given_at);
create index product_feedback_by_lead on product_feedback (tenant, lead);
create index sample_news_by_box on sample_news (tenant, box);

-- The sender of news looks into every tenant; it says so, or sees nothing.
create function app_sends_news() returns boolean
language sql stable parallel safe
return coalesce(pg_catalog.current_setting('app.sample_news', true), '') = 'on';
grant execute on function app_sends_news() to fristwerk_worker;

do $enable$
declare
  tab text;
begin
  foreach tab in array array['sample_box', 'sample_item', 'shipment', 'test_phase', 'test_result', 'feedback_invitation',
                             'feedback_submission', 'product_feedback', 'sample_news'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
  end loop;
  foreach tab in array array['sample_box', 'shipment', 'feedback_invitation', 'feedback_submission', 'product_feedback'] loop
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
  -- Who may read the lead reads this; words are opened with its key, which is for whoever may read contacts.
  foreach tab in array array['sample_box', 'sample_item', 'shipment', 'test_phase', 'test_result', 'feedback_invitation',
                             'feedback_submission', 'product_feedback'] loop
    execute format('create policy reader_read on %1$I for select to fristwerk_app
                    using (tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
                      select from lead as l where l.tenant = %1$I.tenant and l.id = %1$I.lead)))', tab);
  end loop;
  foreach tab in array array['sample_item', 'product_feedback'] loop
    execute format('create policy writer_add on %I for insert to fristwerk_app
                    with check (tenant = (select app_tenant()) and may_act(''log-activity'', lead))', tab);
  end loop;
end
$enable$;

create policy tenant_remove on sample_news for delete to fristwerk_worker, fristwerk_owner
using (tenant = (select app_tenant()));
create policy sender_read on sample_news for select to fristwerk_worker
using ((select app_tenant()) is null and (select app_sends_news()));

-- Samples are looked after by whoever may log what was done about the lead, each in his own name.
create policy writer_add on sample_box for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('log-activity', lead) and created_by = (select app_user_id()));
create policy writer_change on sample_box for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('log-activity', lead))
with check (tenant = (select app_tenant()) and cancelled_by = (select app_user_id()));
create policy writer_add on shipment for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('log-activity', lead) and shipped_by = (select app_user_id()));
create policy writer_change on shipment for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('log-activity', lead))
with check (tenant = (select app_tenant()) and delivered_by = (select app_user_id()));
create policy writer_add on test_phase for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('log-activity', lead) and created_by = (select app_user_id()));
create policy writer_add on test_result for insert to fristwerk_app
with check (tenant = (select app_tenant()) and may_act('log-activity', lead) and told_by = (select app_user_id()));
create policy writer_change on test_result for update to fristwerk_app
using (tenant = (select app_tenant()) and may_act('log-activity', lead))
with check (tenant = (select app_tenant()) and told_by = (select app_user_id()));
create policy writer_add on feedback_submission for insert to fristwerk_app
with check (
  tenant = (select app_tenant()) and may_act('log-activity', lead) and told_by = (select app_user_id())
  and source <> 'FORM' and settled_at is null
);

grant select on sample_box, sample_item, shipment, test_phase, test_result, feedback_submission, product_feedback to fristwerk_app;
-- Not the hash of the token, nor what it is made from.
grant select (tenant, id, lead, box, once, language, issued_at, expires_at, closed_at, closed_as) on feedback_invitation
to fristwerk_app;
grant insert on sample_box, sample_item, shipment, test_phase, test_result, feedback_submission, product_feedback
to fristwerk_app;
grant update (cancelled_by, cancelled_at) on sample_box to fristwerk_app;
grant update (delivered_by, delivered_at) on shipment to fristwerk_app;
grant update (outcome, sell_through, waste_change, told_by, told_at) on test_result to fristwerk_app;

grant select, insert on sample_box, sample_item, shipment, test_phase, feedback_invitation, feedback_submission,
product_feedback to fristwerk_worker;
grant select on test_result to fristwerk_worker;
grant update on sample_box, shipment, feedback_invitation, feedback_submission, product_feedback to fristwerk_worker;
grant select, delete on sample_news to fristwerk_worker;

-- The audit: who did what when; nothing of what is sealed, nothing of a token.
create function sample_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  secret text [] := array['tenant', 'lead', 'notes', 'key', 'token_hash', 'salt', 'comment', 'comment_id'];
begin
  perform audit_tell(
    tg_argv[0], new.lead, null,
    case when tg_op = 'UPDATE' then jsonb_strip_nulls(to_jsonb(old) - secret) end,
    jsonb_strip_nulls(to_jsonb(new) - secret), null, null
  );
  return null;
end
$f$;

-- The words for a box's workflow, and a knock for who brings them.
create function sample_news_written() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
declare
  told jsonb := to_jsonb(new);
begin
  insert into sample_news (tenant, lead, box, what, at)
  values (new.tenant, new.lead, (told ->> tg_argv[1])::uuid, tg_argv[0], (told ->> tg_argv[2])::timestamptz);
  perform pg_notify('sample_news', '');
  return null;
end
$f$;

create constraint trigger sample_box_told after insert on sample_box
deferrable initially deferred for each row execute function sample_told('sample-box-made');
create constraint trigger sample_box_cancelled_told after update on sample_box
deferrable initially deferred for each row when (old.cancelled_at is distinct from new.cancelled_at)
execute function sample_told('sample-box-cancelled');
create constraint trigger sample_item_told after insert on sample_item
deferrable initially deferred for each row execute function sample_told('sample-item-packed');
create constraint trigger shipment_told after insert on shipment
deferrable initially deferred for each row execute function sample_told('samples-shipped');
create constraint trigger shipment_delivered_told after update on shipment
deferrable initially deferred for each row when (old.delivered_at is distinct from new.delivered_at)
execute function sample_told('samples-delivered');
create constraint trigger test_phase_told after insert on test_phase
deferrable initially deferred for each row execute function sample_told('test-phase-planned');
create constraint trigger test_result_told after insert or update on test_result
deferrable initially deferred for each row execute function sample_told('test-result-noted');
create constraint trigger feedback_invitation_told after insert on feedback_invitation
deferrable initially deferred for each row execute function sample_told('feedback-invited');
create constraint trigger feedback_invitation_closed_told after update on feedback_invitation
deferrable initially deferred for each row when (old.closed_at is distinct from new.closed_at)
execute function sample_told('feedback-closed');
create constraint trigger feedback_submission_told after insert on feedback_submission
deferrable initially deferred for each row execute function sample_told('feedback-given');
create constraint trigger product_feedback_told after insert on product_feedback
deferrable initially deferred for each row execute function sample_told('product-rated');

create trigger sample_box_news after insert on sample_box
for each row execute function sample_news_written('opened', 'id', 'created_at');
create trigger sample_box_cancelled_news after update on sample_box
for each row when (old.cancelled_at is distinct from new.cancelled_at)
execute function sample_news_written('cancel', 'id', 'cancelled_at');
create trigger shipment_news after insert on shipment
for each row execute function sample_news_written('shipped', 'box', 'shipped_at');
create trigger shipment_delivered_news after update on shipment
for each row when (old.delivered_at is distinct from new.delivered_at)
execute function sample_news_written('delivered', 'box', 'delivered_at');
create trigger test_phase_news after insert on test_phase
for each row execute function sample_news_written('test-phase', 'box', 'created_at');
create trigger feedback_submission_news after insert on feedback_submission
for each row execute function sample_news_written('feedback', 'box', 'received_at');

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table sample_news;
drop table product_feedback;
drop table feedback_submission;
drop table feedback_invitation;
drop table test_result;
drop table test_phase;
drop table shipment;
drop table sample_item;
drop table sample_box;
drop function sample_news_written();
drop function sample_told();
drop function app_sends_news();
reset role;
