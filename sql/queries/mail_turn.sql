-- Turns at the mail server, over all processes. As the worker, of no tenant.

-- name: ask_turn(mail, urgency, at, connections, minute, hour, lease, present)$
select mail_turn_ask(
  :mail::uuid, :urgency::integer, :at::timestamptz, :connections::integer, :minute::integer, :hour::integer,
  :lease::interval, :present::interval
);

-- name: keep_turn(mail, until)$
select mail_turn_keep(:mail::uuid, :until::timestamptz);

-- name: end_turn(mail)$
select mail_turn_done(:mail::uuid);
