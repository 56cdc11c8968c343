-- After the data of a backup and of today's keys were restored, before its constraints are: whatever was
-- sealed under a key that exists no more was erased since, and is emptied here too (docs/personal-data.md).
update public.lead_contact as c set
  key = null, name = null, email = null, phone = null, note = null, email_index = null, phone_index = null,
  domain_index = null, channel = null
where c.key is not null and not exists (
  select from public.lead_key as k where k.tenant = c.tenant and k.lead = c.lead and k.id = c.key
);

update public.inbound_mail as m set
  key = null, sender = null, subject = null, body = null, linked = null, sender_index = null
where m.key is not null and not exists (
  select from public.mail_key as k where k.tenant = m.tenant and k.mail = m.id and k.id = m.key
);

-- Today's keys are newer than the backup's data: of what came in between there is nothing to open.
delete from public.lead_key as k where not exists (
  select from public.lead as l where l.tenant = k.tenant and l.id = k.lead
);

delete from public.mail_key as k where not exists (
  select from public.inbound_mail as m where m.tenant = k.tenant and m.id = k.mail
);
