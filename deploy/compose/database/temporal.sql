-- The databases of the Temporal server and their owner. Again with a new password, it sets it.
\set temporal_password `cat "$SECRETS/temporal_database_password"`

select 'create role temporal login nosuperuser nocreatedb nocreaterole nobypassrls'
where not exists (select from pg_catalog.pg_roles where rolname = 'temporal')
\gexec

alter role temporal password :'temporal_password';

select format('create database %I owner temporal', wanted.name)
from (values ('temporal'), ('temporal_visibility')) as wanted (name)
where not exists (select from pg_catalog.pg_database where datname = wanted.name)
\gexec
