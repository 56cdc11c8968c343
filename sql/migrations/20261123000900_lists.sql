-- migrate:up

-- squawk-ignore-file adding-field-with-default, require-concurrent-index-creation
-- The tables are locked while they are rewritten: migrations run before a release's processes.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Trigrams, for names that are alike and for words inside words. A trusted extension: whoever may create in
-- the database may add it.
create extension if not exists pg_trgm with schema public;

set local role fristwerk_owner;

-- One normalisation for Python and SQL: each function here is adapters/normalise.py's of the same name,
-- character by character (tests/lists compares them). Collation pg_unicode_fast is built in, so that the
-- result is the same on every server; case folding with it is Unicode's full one, as Python's.
create function fold(said text) returns text
language sql immutable strict parallel safe
return trim(both ' ' from regexp_replace(
  regexp_replace(
    normalize(
      regexp_replace(
        normalize(
          replace(replace(replace(replace(replace(replace(replace(
            normalize(casefold(normalize(said, NFKC) collate pg_unicode_fast), NFC),
            'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'), 'œ', 'oe'), 'æ', 'ae'), 'ł', 'l'),
          NFKD
        ),
        '[\u0300-\u036f]', '', 'g'
      ),
      NFC
    ),
    '[&+]', ' und ', 'g'
  ),
  '[\u0001-/:-@\[-`{-\u00bf\u00d7\u00f7\u02b0-\u02ff\u058a\u05be\u05f3\u05f4\u060c\u061b\u061f\u06d4\u0964\u0965\u1680'
  '\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\u30fb\ue000-\uf8ff\ufe00-\ufe6f\ufeff\ufff9-\uffff'
  '\U0001f000-\U0001faff\U000e0000-\U0010ffff]+',
  ' ', 'g'
));

-- Words without the blanks between them, except between two digits ("1 23" is not "12 3").
create function fold_joined(words text) returns text
language sql immutable strict parallel safe
return regexp_replace(words, '(?<![0-9]) | (?![0-9])', '', 'g');

-- What is left of a text that has neither letters nor digits.
create function fold_verbatim(said text) returns text
language sql immutable strict parallel safe
return regexp_replace(
  casefold(said collate pg_unicode_fast),
  '[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', '', 'g'
);

-- Folded words without the legal forms at their end; the first word always stays.
create function without_legal_forms(folded text) returns text
language plpgsql immutable strict parallel safe as $f$
declare
  forms constant text [] := array[
    'ag', 'kg', 'kgaa', 'ohg', 'og', 'keg', 'gbr', 'se', 'eg', 'egen', 'ev', 'ek', 'ekfm', 'ekfr', 'eu',
    'gmbh', 'ggmbh', 'mbh', 'gesmbh', 'stggmbh', 'ug', 'haftungsbeschraenkt', 'partg', 'partmbb', 'partgmbb',
    'cokg', 'cokgaa', 'coohg', 'undcokg', 'undcokgaa', 'undcoohg', 'gmbhcokg', 'gmbhcokgaa', 'gmbhcoohg',
    'gmbhundcokg', 'gmbhundcokgaa', 'gmbhundcoohg',
    'ltd', 'limited', 'inc', 'llc', 'plc', 'bv', 'sarl', 'sro', 'spzoo'
  ];
  dotted constant text [] := array['spa', 'sa', 'sas', 'srl', 'nv', 'as', 'ab'];
  longest constant integer := 19;
  words text [] := string_to_array(folded, ' ');
  many integer := cardinality(words);
  letters text;
  stripped boolean := true;
begin
  while stripped and many > 1 loop
    stripped := false;
    for taken in reverse least(longest, many - 1) .. 1 loop
      letters := array_to_string(words[many - taken + 1 : many], '');
      if letters = any(forms) or (taken > 1 and length(letters) = taken and letters = any(dotted)) then
        many := many - taken;
        stripped := true;
        exit;
      end if;
    end loop;
  end loop;
  return array_to_string(words[1 : many], ' ');
end
$f$;

create function company_key(company text) returns text
language sql immutable strict parallel safe
return coalesce(
  nullif(fold_joined(without_legal_forms(fold(company))), ''), nullif(fold_joined(fold(company)), ''),
  fold_verbatim(company)
);

create function city_key(city text) returns text
language sql immutable strict parallel safe
return coalesce(nullif(fold_joined(fold(city)), ''), fold_verbatim(city));

create function lead_key(company text, city text) returns text
language sql immutable strict parallel safe
return company_key(company) || '|' || city_key(city);

create function postcode_key(postcode text) returns text
language sql immutable strict parallel safe
return replace(fold(postcode), ' ', '');

create function email_key(email text) returns text
language sql immutable strict parallel safe
return lower(
  regexp_replace(
    email,
    '^[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+'
    '|[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$',
    '', 'g'
  ) collate pg_unicode_fast
);

create function phone_key(phone text) returns text
language plpgsql immutable strict parallel safe as $f$
declare
  dialled text := substring(regexp_replace(normalize(phone, NFKC), '\( *0 *\)', '', 'g') from '[+0-9][^A-Za-z;#,]*');
  digits text := regexp_replace(dialled, '[^0-9]', '', 'g');
begin
  if dialled like '+%' then
    digits := regexp_replace(digits, '^490', '49');
  elsif digits like '00%' then
    digits := regexp_replace(substr(digits, 3), '^490', '49');
  else
    digits := '49' || regexp_replace(digits, '^0', '');
  end if;
  return case when digits ~ '^[1-9][0-9]{6,14}$' then '+' || digits else '' end;
end
$f$;

grant execute on function fold(text), fold_joined(text), fold_verbatim(text), without_legal_forms(text), company_key(text),
city_key(text), lead_key(text, text), postcode_key(text), email_key(text), phone_key(text)
to fristwerk_app, fristwerk_worker;

-- What a lead is found and sorted by. Byte order: names are folded, and so sort as in a German index. Folding
-- can make 18 letters of one, and an index takes 2,700 bytes; 100 letters tell apart what has to be.
alter table lead
add column name_words text collate "C" generated always as (
  left(coalesce(nullif(without_legal_forms(fold(company)), ''), fold_verbatim(company)), 100)
) stored,
add column city_key text collate "C" generated always as (left(city_key(city), 100)) stored,
add column postcode_key text collate "C" generated always as (
  nullif(left(postcode_key(coalesce(postcode, '')), 100), '')
) stored,
add column search_words text collate "C" generated always as (
  fold(company) || ' ' || fold(city) || ' ' || fold(coalesce(postcode, ''))
) stored;
create index lead_by_city on lead (tenant, city_key, id);
create index lead_by_postcode on lead (tenant, postcode_key, id) where postcode_key is not null;

-- Row security lets no operator but leakproof ones choose rows by index before it has had its say, and those
-- of trigrams are not. So the words have a table of their own, in which the policy itself is the search: it
-- shows, to functions of the owner only, the tenant's leads that say app.sought. Without that there are none.
create function app_sought() returns text
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.sought', true), '');

create table lead_search (
  tenant uuid not null,
  lead uuid not null,
  words text collate "C" not null,
  primary key (tenant, lead),
  constraint lead_search_of_lead foreign key (tenant, lead) references lead (tenant, id)
);
create index lead_search_by_words on lead_search using gin (words gin_trgm_ops);
alter table lead_search enable row level security;
alter table lead_search force row level security;

create policy seeker_read on lead_search for select to fristwerk_owner
using (tenant = (select app_tenant()) and words like (select app_sought()));
create policy tenant_add on lead_search for insert to fristwerk_owner
with check (tenant = (select app_tenant()));
create policy tenant_change on lead_search for update to fristwerk_owner
using (tenant = (select app_tenant())) with check (tenant = (select app_tenant()));

-- A list reads one table: the projection carries what its lead is found and sorted by.
alter table protection
add column name_words text collate "C",
add column city_key text collate "C",
add column search_words text collate "C";

create function protection_named() returns trigger
language plpgsql as $f$
begin
  select l.name_words, l.city_key, l.search_words into new.name_words, new.city_key, new.search_words
  from lead as l
  where l.tenant = new.tenant and l.id = new.lead;
  return new;
end
$f$;
create trigger protection_named before insert on protection
for each row execute function protection_named();

create function lead_named() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if tg_op = 'INSERT' then
    insert into lead_search (tenant, lead, words) values (new.tenant, new.id, new.search_words);
    return null;
  end if;
  perform set_config('app.sought', '%', true);
  update lead_search as s set words = new.search_words where s.tenant = new.tenant and s.lead = new.id;
  perform set_config('app.sought', '', true);
  update protection as p
  set name_words = new.name_words, city_key = new.city_key, search_words = new.search_words
  where p.tenant = new.tenant and p.lead = new.id;
  return null;
end
$f$;
create trigger lead_named_first after insert on lead
for each row execute function lead_named();
create trigger lead_named_anew after update on lead
for each row when ((old.company, old.city, old.postcode) is distinct from (new.company, new.city, new.postcode))
execute function lead_named();

-- The leads that are there already, of every tenant at once.
alter table lead no force row level security;
alter table protection no force row level security;
alter table lead_search no force row level security;
insert into lead_search (tenant, lead, words)
select l.tenant, l.id, l.search_words from lead as l;
update protection as p
set name_words = l.name_words, city_key = l.city_key, search_words = l.search_words
from lead as l
where l.tenant = p.tenant and l.id = p.lead;
alter table lead force row level security;
alter table protection force row level security;
alter table lead_search force row level security;

-- One index for every list a person opens.
create index protection_by_owner_name on protection (tenant, owner, name_words, lead);
create index protection_by_name on protection (tenant, name_words, lead);
create index protection_by_city on protection (tenant, city_key, coalesce(valid_until, 'infinity'), lead);
create index protection_by_registered_at on protection (tenant, coalesce(registered_at, 'infinity'), lead);
create index protection_by_updated_at on protection (tenant, updated_at, lead);
create index protection_by_reminder on protection (tenant, reminder_due_at, lead) where reminder_due_at is not null;
create index protection_living on protection (tenant, coalesce(valid_until, 'infinity'), lead)
where status in ('PREREGISTERED', 'ACTIVE', 'GRACE');

create index notification_by_kind on notification (tenant, kind, updated_at);
create index audit_event_reactivated on audit_event (tenant, at)
where what = 'activity' and before ->> 'status' = 'GRACE' and after ->> 'status' = 'ACTIVE';

-- Leads whose words are like all of these patterns, for those who read the whole tenant; of the others each
-- has leads so few that they are read one by one. The first pattern chooses by index: it should tell most.
create function leads_saying(patterns text [], most integer) returns setof uuid
language plpgsql rows 100 security definer set search_path = pg_catalog, public, pg_temp as $f$
begin
  if app_reads_all() then
    perform set_config('app.sought', patterns[1], true);
    return query select s.lead from lead_search as s where s.words like all(patterns) limit most;
    perform set_config('app.sought', '', true);
  end if;
end
$f$;

-- Living leads the caller may see with a similar name in the same city or of the same postcode, the likest
-- first. Likeness is that of trigrams, 0 to 1, of the words in any order or of the letters without blanks.
create function similar_leads(
  p_company text, p_city text, p_postcode text, p_at timestamptz, p_except uuid, p_least real, p_most integer
) returns table (lead uuid, company text, city text, score real)
language sql stable rows 5
begin atomic
  select l.id, l.company, l.city, likeness.score
  from lead as l
  inner join protection as p on p.tenant = l.tenant and p.lead = l.id
  cross join lateral (
    select coalesce(nullif(without_legal_forms(fold(p_company)), ''), fold_verbatim(p_company)) as words
  ) as asked
  cross join lateral (
    select greatest(
      similarity(l.name_words, asked.words),
      similarity(replace(l.name_words, ' ', ''), replace(asked.words, ' ', ''))
    ) as score
  ) as likeness
  where
    l.tenant = (select app_tenant())
    and (l.city_key = left(city_key(p_city), 100) or l.postcode_key = left(postcode_key(p_postcode), 100))
    and l.id is distinct from p_except
    and likeness.score >= p_least
    and keeps_others_away(p.status, p.valid_until, p_at)
  order by likeness.score desc, l.name_words, l.id
  limit p_most;
end;

grant execute on function app_sought(), leads_saying(text [], integer),
similar_leads(text, text, text, timestamptz, uuid, real, integer) to fristwerk_app;

reset role;

-- migrate:down

set local role fristwerk_owner;
drop function similar_leads(text, text, text, timestamptz, uuid, real, integer);
drop function leads_saying(text [], integer);
drop trigger lead_named_anew on lead;
drop trigger lead_named_first on lead;
drop function lead_named();
drop trigger protection_named on protection;
drop function protection_named();
drop table lead_search;
drop function app_sought();
drop index audit_event_reactivated;
drop index notification_by_kind;
drop index protection_living;
drop index protection_by_reminder;
drop index protection_by_updated_at;
drop index protection_by_registered_at;
alter table protection drop column name_words, drop column city_key, drop column search_words;
alter table lead drop column name_words, drop column city_key, drop column postcode_key, drop column search_words;
drop function phone_key(text);
drop function email_key(text);
drop function postcode_key(text);
drop function lead_key(text, text);
drop function city_key(text);
drop function company_key(text);
drop function without_legal_forms(text);
drop function fold_verbatim(text);
drop function fold_joined(text);
drop function fold(text);
reset role;
drop extension pg_trgm;
