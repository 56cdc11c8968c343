-- migrate:up

set local lock_timeout = '5s';
set local statement_timeout = '5min';

set local role fristwerk_owner;

alter table setting_definition no force row level security;
insert into setting_definition (key, type, scopes, default_value, schema, merge) values
  ('erp.sample.orders', 'object', '{tenant}',
   '{"enabled": true, "customer": "10000", "project": "1", "paymentMethod": "1", "shippingMethod": "1"}',
   '{"type": "object", "properties": {"enabled": {"type": "boolean"}, "customer": {"type": "string", "maxLength": 40}, "project": {"type": "string", "maxLength": 40}, "paymentMethod": {"type": "string", "maxLength": 40}, "shippingMethod": {"type": "string", "maxLength": 40}}, "required": ["enabled", "customer", "project", "paymentMethod", "shippingMethod"], "additionalProperties": false}', 'replace'),
  ('erp.priceApproval.hold', 'object', '{global, tenant}', '{"mode": "proposed"}',
   '{"type": "object", "properties": {"mode": {"enum": ["off", "proposed", "placed"]}}, "required": ["mode"], "additionalProperties": false}', 'replace'),
  ('erp.newCustomer.check', 'object', '{tenant}', '{"mode": "warn", "months": 12}',
   '{"type": "object", "properties": {"mode": {"enum": ["off", "warn", "refuse"]}, "months": {"type": "integer", "minimum": 1, "maximum": 60}}, "required": ["mode", "months"], "additionalProperties": false}', 'replace');
alter table setting_definition force row level security;

reset role;

-- migrate:down

set local role fristwerk_owner;
alter table setting_definition no force row level security;
alter table setting_value no force row level security;
delete from setting_value as v where v.key in ('erp.sample.orders', 'erp.priceApproval.hold', 'erp.newCustomer.check');
delete from setting_definition as d
where d.key in ('erp.sample.orders', 'erp.priceApproval.hold', 'erp.newCustomer.check');
alter table setting_value force row level security;
alter table setting_definition force row level security;
reset role;
