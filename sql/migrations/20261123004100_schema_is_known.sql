-- A process must be able to tell whether the database is as new as its own code (GET /readyz).

-- migrate:up

grant select (version) on schema_migrations to fristwerk_app, fristwerk_worker;

-- migrate:down

revoke select (version) on schema_migrations from fristwerk_app, fristwerk_worker;
