-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

alter table setting_definition no force row level security;
insert into setting_definition (key, type, scopes, default_value, schema, merge) values
  ('ai.routing.providers', 'object', '{global, tenant}', '{}',
   '{"type": "object", "propertyNames": {"enum": ["default", "LEAD_CLASSIFY", "EMAIL_CATEGORIZE", "CONTACT_ROLE_DETECT", "ACTIVITY_SUMMARIZE", "PRODUCT_MATCH", "HELP_DRAFT", "ROI_RECOMMEND", "RISK_ASSESS", "SAMPLE_STRATEGY", "NEGOTIATION_SUPPORT"]}, "additionalProperties": {"type": ["array", "null"], "items": {"enum": ["openai", "anthropic"]}, "minItems": 1, "uniqueItems": true}}', 'merge'),
  ('ai.providers.perMinute', 'object', '{global, tenant}', '{"openai": 500, "anthropic": 50}',
   '{"type": "object", "properties": {"openai": {"type": "integer", "minimum": 1, "maximum": 100000}, "anthropic": {"type": "integer", "minimum": 1, "maximum": 100000}}, "required": ["openai", "anthropic"], "additionalProperties": false}', 'replace'),
  ('ai.prices.models', 'object', '{global, tenant}', '{}',
   '{"type": "object", "propertyNames": {"minLength": 1, "maxLength": 100}, "maxProperties": 100, "additionalProperties": {"type": ["object", "null"], "properties": {"inputUsd": {"type": "number", "minimum": 0, "maximum": 10000}, "outputUsd": {"type": "number", "minimum": 0, "maximum": 10000}, "temperature": {"type": "boolean"}}, "required": ["inputUsd", "outputUsd"], "additionalProperties": false}}', 'merge'),
  ('ai.prices.eurPerUsd', 'scalar', '{global, tenant}', '0.95',
   '{"type": "number", "minimum": 0.01, "maximum": 100}', 'replace'),
  ('ai.audit.content', 'object', '{global, tenant}', '{"enabled": false}',
   '{"type": "object", "properties": {"enabled": {"type": "boolean"}}, "required": ["enabled"], "additionalProperties": false}', 'replace');
alter table setting_definition force row level security;

reset role;

-- migrate:down

set local role fristwerk_owner;
alter table setting_definition no force row level security;
alter table setting_value no force row level security;
delete from setting_value as v
where v.key in (
  'ai.routing.providers', 'ai.providers.perMinute', 'ai.prices.models', 'ai.prices.eurPerUsd', 'ai.audit.content'
);
delete from setting_definition as d
where d.key in (
  'ai.routing.providers', 'ai.providers.perMinute', 'ai.prices.models', 'ai.prices.eurPerUsd', 'ai.audit.content'
);
alter table setting_value force row level security;
alter table setting_definition force row level security;
reset role;
