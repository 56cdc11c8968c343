-- migrate:up
-- The ERP's lists begin empty, and boxes of samples are few: indexes are made while nobody writes.
-- squawk-ignore-file require-concurrent-index-creation

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

-- The ERP as it told of itself last (domain.md section 10). Of customers their company, city and postcode, nothing
-- of a person. Written by the worker alone.

create table erp_product (
  tenant uuid not null references tenant (id),
  sku text not null check (sku ~ '^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$'),
  erp_id text not null check (erp_id <> ''),
  name text not null check (name <> ''),
  active boolean not null,
  seen_at timestamptz not null,
  primary key (tenant, sku)
);

create table erp_customer (
  tenant uuid not null references tenant (id),
  erp_id text not null check (erp_id <> ''),
  number text not null check (number <> ''),
  company text not null check (company <> ''),
  city text not null,
  postcode text,
  company_key text not null check (company_key <> ''),
  first_invoice_on date,
  seen_at timestamptz not null,
  primary key (tenant, erp_id)
);
create index erp_customer_by_number on erp_customer (tenant, number);
create index erp_customer_by_key on erp_customer (tenant, company_key);

-- A box of samples as an order there. `problem` is a stable word.
create table erp_order (
  tenant uuid not null,
  lead uuid not null,
  box uuid not null,
  state text not null check (state in ('sent', 'refused', 'cancelled', 'not-needed')),
  erp_id text,
  number text,
  due_at timestamptz,
  problem text,
  changed_at timestamptz not null,
  primary key (tenant, box),
  constraint erp_order_sent check (state not in ('sent', 'cancelled') or erp_id is not null),
  foreign key (tenant, lead, box) references sample_box (tenant, lead, id)
);
create index erp_order_by_state on erp_order (tenant, state, changed_at);
create index sample_box_by_age on sample_box (tenant, created_at);

-- An order that waits until the company approves its price stops the lead's clock; each time it waits is a round.
create table erp_approval (
  tenant uuid not null,
  lead uuid not null,
  erp_id text not null check (erp_id <> ''),
  round integer not null check (round >= 1),
  number text not null,
  asked_at timestamptz not null,
  decided_at timestamptz check (decided_at >= asked_at),
  seen_at timestamptz not null,
  primary key (tenant, erp_id, round),
  constraint erp_approval_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
create index erp_approval_by_lead on erp_approval (tenant, lead);

create table erp_invoice (
  tenant uuid not null references tenant (id),
  erp_id text not null check (erp_id <> ''),
  number text not null,
  customer text not null check (customer <> ''),
  issued_on date not null,
  total_eur numeric(14, 2) not null,
  cancelled boolean not null,
  seen_at timestamptz not null,
  primary key (tenant, erp_id)
);
create index erp_invoice_by_customer on erp_invoice (tenant, customer, issued_on);

create table erp_payment (
  tenant uuid not null references tenant (id),
  erp_id text not null check (erp_id <> ''),
  invoice text not null check (invoice <> ''),
  paid_on date not null,
  amount_eur numeric(14, 2) not null,
  seen_at timestamptz not null,
  primary key (tenant, erp_id)
);

-- What the ERP told that means something here: what it says happened, and when we learned it. Never changed;
-- a later row about the same subject says otherwise, and both stay. `outcome` is what came of it.
create table erp_event (
  tenant uuid not null references tenant (id),
  id uuid not null,
  kind text not null check (kind in (
    'order-due', 'order-cancelled', 'samples-shipped', 'samples-delivered', 'price-asked', 'price-decided',
    'invoice-issued', 'invoice-cancelled'
  )),
  subject text not null check (subject <> ''),
  happened_at timestamptz not null,
  learned_at timestamptz not null,
  source text not null check (source in ('sync', 'reconcile', 'webhook')),
  lead uuid,
  box uuid,
  settled_at timestamptz,
  outcome text,
  primary key (tenant, id),
  constraint erp_event_settled check ((settled_at is null) = (outcome is null)),
  constraint erp_event_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
create index erp_event_unsettled on erp_event (tenant, learned_at, id) where settled_at is null;
create index erp_event_by_time on erp_event (tenant, learned_at, id);
create index erp_event_by_lead on erp_event (tenant, lead, learned_at);

-- How far reading is, a row a kind of thing. `problem` is the fault of the last try.
create table erp_pull (
  tenant uuid not null references tenant (id),
  resource text not null check (resource in (
    'products', 'customers', 'orders', 'shipments', 'invoices', 'payments', 'reconcile'
  )),
  first_at timestamptz not null,
  began_at timestamptz not null,
  done_at timestamptz,
  failed_at timestamptz,
  problem text,
  read integer not null default 0 check (read >= 0),
  news integer not null default 0 check (news >= 0),
  skipped integer not null default 0 check (skipped >= 0),
  read_until timestamptz,
  primary key (tenant, resource)
);

do $enable$
declare
  tab text;
begin
  foreach tab in array array['erp_product', 'erp_customer', 'erp_order', 'erp_approval', 'erp_invoice', 'erp_payment',
                             'erp_event', 'erp_pull'] loop
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    execute format('create policy tenant_read on %I for select to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_add on %I for insert to fristwerk_worker, fristwerk_owner
                    with check (tenant = (select app_tenant()))', tab);
    execute format('create policy tenant_change on %I for update to fristwerk_worker, fristwerk_owner
                    using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()))', tab);
  end loop;
  -- What belongs to a lead is for who may read the lead; sums and other customers are for who reads everything.
  foreach tab in array array['erp_order', 'erp_approval', 'erp_event'] loop
    execute format('create policy reader_read on %1$I for select to fristwerk_app
                    using (tenant = (select app_tenant()) and ((select app_reads_all()) or exists (
                      select from lead as l where l.tenant = %1$I.tenant and l.id = %1$I.lead)))', tab);
  end loop;
  foreach tab in array array['erp_customer', 'erp_invoice', 'erp_payment', 'erp_pull'] loop
    execute format('create policy reader_read on %I for select to fristwerk_app
                    using (tenant = (select app_tenant()) and (select app_reads_all()))', tab);
  end loop;
end
$enable$;
create policy reader_read on erp_product for select to fristwerk_app using (tenant = (select app_tenant()));

grant select, insert, update on erp_product, erp_customer, erp_order, erp_approval, erp_invoice, erp_payment, erp_event,
erp_pull
to fristwerk_worker;
grant select on erp_product, erp_customer, erp_order, erp_approval, erp_invoice, erp_payment, erp_event, erp_pull
to fristwerk_app;

-- What came too late for a lapsed lead may come from the ERP too.
grant select, insert on late_correction to fristwerk_worker;
grant update (replacement, told_by, told_at, ended_at, kept_until) on late_correction to fristwerk_worker;

-- When a company of this name and place was last invoiced before a day; null: never, as far as the ERP has told.
-- Whoever registers a lead may know that, and nothing else about the customer.
create function erp_last_invoice(p_company_key text, p_postcode text, p_before date) returns date
language sql stable security definer set search_path = pg_catalog, public, pg_temp
return (
  select max(i.issued_on)
  from erp_customer as c
  join erp_invoice as i on i.tenant = c.tenant and i.customer = c.erp_id
  where
    c.tenant = app_tenant() and app_user_id() is not null and c.company_key = p_company_key
    and not i.cancelled and i.total_eur > 0 and i.issued_on < p_before
    and (p_postcode is null or c.postcode is null or postcode_key(c.postcode) = postcode_key(p_postcode))
);
revoke execute on function erp_last_invoice(text, text, date) from public;
grant execute on function erp_last_invoice(text, text, date) to fristwerk_app, fristwerk_worker;

-- The ERP may date a box's shipment otherwise than was noted, and say by when it is shipped.
create constraint trigger shipment_corrected_told after update on shipment
deferrable initially deferred for each row when (old.shipped_at is distinct from new.shipped_at)
execute function sample_told('samples-shipped');
create constraint trigger sample_box_due_told after update on sample_box
deferrable initially deferred for each row when (old.promised_at is distinct from new.promised_at)
execute function sample_told('sample-box-due');
create trigger shipment_corrected_news after update on shipment
for each row when (old.shipped_at is distinct from new.shipped_at)
execute function sample_news_written('shipped', 'box', 'shipped_at');
create trigger sample_box_due_news after update on sample_box
for each row when (old.promised_at is distinct from new.promised_at)
execute function sample_news_written('opened', 'id', 'created_at');

create function erp_order_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  perform audit_tell(
    'sample-order-' || new.state, new.lead, null, null,
    jsonb_strip_nulls(jsonb_build_object('box', new.box, 'number', new.number, 'problem', new.problem)), null,
    new.changed_at
  );
  return null;
end
$f$;
create trigger erp_order_told after insert on erp_order for each row execute function erp_order_told();
create trigger erp_order_changed_told after update on erp_order
for each row when (old.state is distinct from new.state) execute function erp_order_told();

reset role;

-- migrate:down

set local role fristwerk_owner;
drop trigger sample_box_due_news on sample_box;
drop trigger shipment_corrected_news on shipment;
drop trigger sample_box_due_told on sample_box;
drop trigger shipment_corrected_told on shipment;
drop function erp_last_invoice(text, text, date);
revoke all on late_correction from fristwerk_worker;
drop table erp_pull;
drop table erp_event;
drop table erp_payment;
drop table erp_invoice;
drop table erp_approval;
drop index sample_box_by_age;
drop table erp_order;
drop function erp_order_told();
drop table erp_customer;
drop table erp_product;
reset role;
