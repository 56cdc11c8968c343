-- The logins of our processes: each may act as one role and owns nothing. Again with new passwords, it sets them.
\set app_password `cat "$SECRETS/app_database_password"`
\set worker_password `cat "$SECRETS/worker_database_password"`
\set public_password `cat "$SECRETS/public_database_password"`

select format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls noinherit', login)
from (values ('fristwerk_app_login'), ('fristwerk_worker_login'), ('fristwerk_public_login')) as wanted (login)
where not exists (select from pg_catalog.pg_roles where rolname = login)
\gexec

alter role fristwerk_app_login password :'app_password';
alter role fristwerk_worker_login password :'worker_password';
alter role fristwerk_public_login password :'public_password';

grant fristwerk_app to fristwerk_app_login with set true, inherit false;
grant fristwerk_worker to fristwerk_worker_login with set true, inherit false;
grant fristwerk_public to fristwerk_public_login with set true, inherit false;
