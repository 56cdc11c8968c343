-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

alter table setting_definition no force row level security;
insert into setting_definition (key, type, scopes, default_value, schema, merge) values
  ('credit.require.samples', 'object', '{tenant, org}', '{"required": false}',
   '{"type": "object", "properties": {"required": {"type": "boolean"}, "worstGrade": {"enum": ["A", "B", "C", "D"]}}, "required": ["required"], "additionalProperties": false}', 'replace'),
  ('credit.require.conversion', 'object', '{tenant, org}', '{"required": false}',
   '{"type": "object", "properties": {"required": {"type": "boolean"}, "worstGrade": {"enum": ["A", "B", "C", "D"]}}, "required": ["required"], "additionalProperties": false}', 'replace');
alter table setting_definition force row level security;

reset role;

-- migrate:down

set local role fristwerk_owner;
alter table setting_definition no force row level security;
alter table setting_value no force row level security;
delete from setting_value as v where v.key in ('credit.require.samples', 'credit.require.conversion');
delete from setting_definition as d where d.key in ('credit.require.samples', 'credit.require.conversion');
alter table setting_value force row level security;
alter table setting_definition force row level security;
reset role;
