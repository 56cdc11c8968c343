-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

create table tenant (
  id uuid primary key,
  name text not null unique check (name <> '')
);

create table app_user (
  tenant uuid not null references tenant (id),
  id text not null check (id <> ''),
  email text,
  display_name text not null,
  locale text not null default 'de' check (locale in ('de', 'en')),
  timezone text not null default 'Europe/Berlin',
  roles text [] not null default '{agent}' check (roles <@ array['agent', 'manager', 'admin', 'auditor']),
  primary key (tenant, id)
);

-- A lead keeps the policy version it was registered under, so a version is never changed.
create table policy_version (
  tenant uuid not null references tenant (id),
  version text not null check (version <> ''),
  policy jsonb not null check (jsonb_typeof(policy) = 'object'),
  primary key (tenant, version)
);

create table lead (
  tenant uuid not null references tenant (id),
  id uuid not null,
  external_id text check (external_id <> ''),
  company text not null check (company <> ''),
  city text not null check (city <> ''),
  postcode text,
  industry text,
  source text check (source in ('TRADE_FAIR', 'REFERRAL', 'PHONE', 'WEB_FORM', 'PARTNER', 'OTHER')),
  owner text not null check (owner <> ''),
  company_key text not null check (company_key <> ''),
  created_at timestamptz not null,
  primary key (tenant, id),
  constraint lead_external_id_unique unique (tenant, external_id)
);

-- The only table with personal data: contacts, first contacts, and what people wrote about a fact.
create table lead_contact (
  tenant uuid not null,
  lead uuid not null,
  id uuid not null,
  kind text not null check (kind in ('CONTACT', 'FIRST_CONTACT', 'NOTE')),
  fact_id text,
  name text,
  email text,
  phone text,
  note text,
  occurred_at timestamptz,
  channel text,
  primary key (tenant, lead, id),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- The ledger.
create table fact (
  tenant uuid not null,
  lead uuid not null,
  revision integer not null check (revision > 0),
  fact_id text not null check (fact_id <> ''),
  type text not null check (type <> ''),
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  by text not null,
  payload jsonb not null check (jsonb_typeof(payload) = 'object'),
  primary key (tenant, lead, revision),
  constraint fact_id_unique unique (tenant, lead, fact_id),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- What the ledger means now, one row a lead.
create table protection (
  tenant uuid not null,
  lead uuid not null,
  revision integer not null check (revision >= 0),
  status text not null check (status in ('PREREGISTERED', 'ACTIVE', 'GRACE', 'EXPIRED', 'CONVERTED', 'RELEASED', 'ERASED')),
  paused boolean not null default false,
  owner text not null,
  base_until timestamptz,
  progress_until timestamptz,
  reminder_due_at timestamptz,
  grace_until timestamptz,
  valid_until timestamptz,
  reason text,
  next_wake_up timestamptz,
  cycle integer not null default 1,
  active_holds text [] not null default '{}',
  problem text,
  registered_at timestamptz,
  last_progress_at timestamptz,
  ended_at timestamptz,
  policy_version text not null,
  refused_facts integer not null default 0 check (refused_facts >= 0),
  updated_at timestamptz not null,
  primary key (tenant, lead),
  foreign key (tenant, lead) references lead (tenant, id),
  foreign key (tenant, policy_version) references policy_version (tenant, version)
);

-- The holds of a lead as the ledger leaves them; written together with the projection.
create table hold (
  tenant uuid not null,
  lead uuid not null,
  hold text not null check (hold <> ''),
  reason text not null,
  start_at timestamptz not null,
  end_at timestamptz,
  placed_by text,
  primary key (tenant, lead, hold),
  foreign key (tenant, lead) references lead (tenant, id)
);

create table notification (
  tenant uuid not null,
  id uuid not null,
  lead uuid not null,
  cycle text not null,
  kind text not null,
  recipient text not null,
  channel text not null,
  message_id text,
  status text not null check (status in ('sending', 'sent', 'bounced', 'dead')),
  attempt integer not null default 0 check (attempt >= 0),
  sent_at timestamptz,
  promised jsonb,
  code text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant, id),
  constraint notification_once unique (tenant, lead, cycle, kind, recipient, channel),
  foreign key (tenant, lead) references lead (tenant, id)
);

-- The audit chain: every row carries the hash of the one before it in its tenant. That the tenant
-- exists, the head of its chain answers for.
create table audit_event (
  tenant uuid not null,
  seq bigint not null,
  audit_id text,
  actor text not null,
  what text not null,
  lead uuid,
  fact_id text,
  before jsonb,
  after jsonb,
  reason text,
  at timestamptz not null,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (tenant, seq),
  constraint audit_id_unique unique (tenant, audit_id)
);

create table audit_head (
  tenant uuid primary key references tenant (id),
  seq bigint not null,
  hash bytea not null
);

-- One index for every list a person opens. A deadline that is unknown sorts behind all that are known.
create index lead_by_company_key on lead (tenant, company_key);
create index lead_by_owner on lead (tenant, owner, id);
create index protection_by_valid_until on protection (tenant, coalesce(valid_until, 'infinity'), lead);
create index protection_by_status on protection (tenant, status, coalesce(valid_until, 'infinity'), lead);
create index protection_by_owner on protection (tenant, owner, coalesce(valid_until, 'infinity'), lead);
create index protection_paused on protection (tenant, coalesce(valid_until, 'infinity'), lead) where paused;
create index protection_by_next_wake_up on protection (tenant, next_wake_up) where next_wake_up is not null;
create index protection_with_problem on protection (tenant, lead) where problem is not null;
create index protection_by_policy_version on protection (tenant, policy_version);
create index notification_open on notification (tenant, status, updated_at) where status <> 'sent';
create index audit_event_by_lead on audit_event (tenant, lead, seq);
create index lead_contact_by_fact on lead_contact (tenant, lead, fact_id) where fact_id is not null;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop table audit_head;
drop table audit_event;
drop table notification;
drop table hold;
drop table protection;
drop table fact;
drop table lead_contact;
drop table lead;
drop table policy_version;
drop table app_user;
drop table tenant;
reset role;
