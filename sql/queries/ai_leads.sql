-- What is classified of new leads, as the worker of the queue `ai`.

-- name: classify_tenant(tenant, at)!
insert into ai_classifies (tenant, since) values (:tenant::uuid, :at::timestamptz)
on conflict (tenant) do nothing;

-- name: classify_no_more(tenant)!
delete from ai_classifies as c where c.tenant = :tenant::uuid;

-- name: forget_waiting(tenant)!
delete from lead_to_classify as c where c.tenant = :tenant::uuid;

-- name: to_classify(tenant, most)
-- The oldest first.
select c.lead from lead_to_classify as c where c.tenant = :tenant::uuid order by c.at, c.lead limit :most::integer;

-- name: begun(tenant, lead)!
delete from lead_to_classify as c where c.tenant = :tenant::uuid and c.lead = :lead::uuid;

-- name: lead_told(tenant, lead)^
select l.company, l.city, l.industry, l.source, p.status, c.segment
from lead as l
join protection as p on p.tenant = l.tenant and p.lead = l.id
left join lead_class as c on c.tenant = l.tenant and c.lead = l.id
where l.tenant = :tenant::uuid and l.id = :lead::uuid;
