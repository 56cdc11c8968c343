-- The import's own scratch file (SQLite, private and temporary): rows that passed their checks, by lead,
-- so that an export of any size is put together in flat memory. Never a PostgreSQL table.

-- name: create_schema#
create table lead (
    position integer primary key,
    external_id text not null unique,
    accepted integer not null,
    registered_at text not null,
    cells text not null
);
create table child (
    lead integer not null,
    file integer not null,
    line integer not null,
    cells text not null,
    primary key (lead, file, line)
) without rowid;
create table hold_ref (
    lead integer not null,
    hold text not null,
    primary key (lead, hold)
) without rowid;
create table protected (
    company_key text not null,
    city_key text not null,
    postcode_key text not null,
    external_id text not null,
    registered_at text not null,
    primary key (company_key, city_key, external_id)
) without rowid;
create table reject (
    file integer not null,
    line integer not null,
    external_id text not null,
    column_name text not null,
    reason text not null
);
create index reject_in_order on reject (file, line);

-- name: add_lead(external_id, accepted, registered_at, cells)^
insert into lead (external_id, accepted, registered_at, cells)
values (:external_id, :accepted, :registered_at, :cells)
on conflict (external_id) do nothing
returning position;

-- name: lead_of(external_id)^
select position, accepted, registered_at from lead where external_id = :external_id;

-- name: add_child(lead, file, line, cells)!
insert into child (lead, file, line, cells) values (:lead, :file, :line, :cells);

-- name: add_hold_ref(lead, hold)^
insert into hold_ref (lead, hold) values (:lead, :hold) on conflict do nothing returning 1;

-- name: leads(after, at_most)
select position, cells from lead
where accepted = 1 and position > :after
order by position
limit :at_most;

-- name: children(lead)
select file, cells from child where lead = :lead order by file, line;

-- name: refuse_lead(external_id)!
update lead set accepted = 0 where external_id = :external_id;

-- name: child_lines(lead)
select file, line from child where lead = :lead order by file, line;

-- name: protect(company_key, city_key, postcode_key, external_id, registered_at)!
insert into protected (company_key, city_key, postcode_key, external_id, registered_at)
values (:company_key, :city_key, :postcode_key, :external_id, :registered_at);

-- name: twin_before(company_key, city_key, external_id, postcode_key, ended_at)$
-- An earlier row of this file that is protected, says the same company and place, and was registered
-- before `ended_at`, the end of the row in question (null while it lasts).
select external_id from protected
where
    company_key = :company_key
    and city_key = :city_key
    and external_id <> :external_id
    and (postcode_key = '' or :postcode_key = '' or postcode_key = :postcode_key)
    and (:ended_at is null or registered_at < :ended_at)
order by external_id
limit 1;

-- name: add_reject(file, line, external_id, column_name, reason)!
insert into reject (file, line, external_id, column_name, reason)
values (:file, :line, :external_id, :column_name, :reason);

-- name: rejects(file, line, row, at_most)
select rowid, file, line, external_id, column_name, reason from reject
where (file, line, rowid) > (:file, :line, :row)
order by file, line, rowid
limit :at_most;

-- name: count_rejects()$
select count(*) from reject;

-- name: count_leads()$
select count(*) from lead where accepted = 1;
