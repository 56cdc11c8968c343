-- Lists of leads, read from the one row a lead has in `protection`. Written for the order by end of
-- protection, upwards; adapters/lead_list.py makes the other orders of it. A filter that is null does not
-- narrow, and costs nothing, because the statements are planned with their values.

-- name: lead_page(tenant, owner, shared_with, city, status, paused, ends_before, progress_before, reminder_before, words, among, after_key, after_lead, most)
select page.*, l.id, l.external_id, l.company, l.city, l.postcode, l.industry, l.source, l.created_at
from (
  select p.*, p.sorted_end as place
  from protection as p
  where
    p.tenant = :tenant::uuid
    and (:owner::text is null or p.owner = :owner::text)
    and (
      :shared_with::text is null
      or (p.owner <> :shared_with::text and p.lead = any(array(select s.lead from app_shared_leads() as s (lead))))
    )
    and (:city::text is null or p.city_key = left(:city::text, 100))
    and (:status::text is null or p.status = :status::text)
    and (:paused::boolean is null or p.paused = :paused::boolean)
    and (:ends_before::timestamptz is null or p.sorted_end < :ends_before::timestamptz)
    and (:progress_before::timestamptz is null or p.progress_until < :progress_before::timestamptz)
    and (:reminder_before::timestamptz is null or p.reminder_due_at < :reminder_before::timestamptz)
    and (
      coalesce(:ends_before::timestamptz, :progress_before::timestamptz, :reminder_before::timestamptz) is null
      or p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE')
    )
    and (:words::text [] is null or p.search_words like all(:words::text []))
    and (:among::uuid [] is null or p.lead = any(:among::uuid []))
    and (p.sorted_end, p.lead) > (:after_key::timestamptz, :after_lead::uuid)
  order by p.sorted_end asc, p.lead asc
  limit :most::integer
) as page
inner join lead as l on l.tenant = page.tenant and l.id = page.lead;

-- name: lead_page_at_once(tenant, user, roles, owner, shared, after_key, after_lead, most)^
-- Context and page in one statement, the leads as JSON: those of an owner, those shared with the caller, or all.
select p.items, p.last_key, p.last_lead
from lead_page(
  :tenant::uuid, :user::text, :roles::text, :owner::text, :shared::boolean, :after_key::timestamptz, :after_lead::uuid,
  :most::integer
) as p;

-- name: plan_with_values()!
-- Until the transaction ends.
select set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: leads_saying(words, most)
-- Leads whose company, city and postcode say all of these, the longest word first; for who reads the whole tenant.
select s.lead from leads_saying(:words::text [], :most::integer) as s (lead);
