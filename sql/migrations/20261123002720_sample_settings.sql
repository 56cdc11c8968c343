-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

alter table setting_definition no force row level security;
insert into setting_definition (key, type, scopes, default_value, schema, merge) values
  ('sample.feedback.submissions', 'object', '{tenant, user}', '{"mode": "once"}',
   '{"type": "object", "properties": {"mode": {"enum": ["once", "until_closed"]}}, "required": ["mode"], "additionalProperties": false}', 'replace'),
  ('sample.feedback.timing', 'object', '{tenant, user}', '{"inviteDays": 3, "remindDays": 7}',
   '{"type": "object", "properties": {"inviteDays": {"type": "integer", "minimum": 0, "maximum": 90}, "remindDays": {"type": "integer", "minimum": 1, "maximum": 90}}, "required": ["inviteDays", "remindDays"], "additionalProperties": false}', 'replace'),
  ('sample.delay.hold', 'object', '{global, tenant}', '{"mode": "proposed"}',
   '{"type": "object", "properties": {"mode": {"enum": ["off", "proposed", "placed"]}}, "required": ["mode"], "additionalProperties": false}', 'replace');
alter table setting_definition force row level security;

reset role;

-- migrate:down

set local role fristwerk_owner;
alter table setting_definition no force row level security;
alter table setting_value no force row level security;
delete from setting_value as v where v.key in ('sample.feedback.submissions', 'sample.feedback.timing', 'sample.delay.hold');
delete from setting_definition as d
where d.key in ('sample.feedback.submissions', 'sample.feedback.timing', 'sample.delay.hold');
alter table setting_value force row level security;
alter table setting_definition force row level security;
reset role;
