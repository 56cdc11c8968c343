-- The public form. As the public role, which reaches these two functions and nothing else.

-- name: look(hash, range, at, most)^
select f.verdict, f.retry_after, f.tenant, f.lead, f.locale, f.skus, f.key, f.kek_id, f.wrapped_key
from feedback_look(:hash::bytea, :range::bytea, :at::timestamptz, :most::integer) as f;

-- name: give(hash, at, submission, role, skus, ratings, comment_ids, comments, key)$
select feedback_give(
  :hash::bytea, :at::timestamptz, :submission::uuid, :role::text, :skus::text [], :ratings::integer [],
  :comment_ids::uuid [], :comments::bytea [], :key::uuid
);
