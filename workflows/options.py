"""Timeouts and retry policies, each named once (style.md rule 11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

from activities.orders import HEARTBEAT_EVERY

# Recording runs as a local activity: a few quick tries, within one workflow task, while no question can
# be answered. Then the workflow itself waits and tries again, so that an absent database shows in its
# details; the pause doubles, so that a long absence leaves a short history.
DB_ATTEMPT: Final = timedelta(seconds=5)
DB_IN_ALL: Final = timedelta(seconds=6)
DB_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=2),
    maximum_attempts=5,
)
DB_PAUSE: Final = timedelta(seconds=5)
DB_LONGEST_PAUSE: Final = timedelta(minutes=1)

# One try of one notification; as many as it takes. A worker that dies meanwhile is noticed by its missing
# heartbeat. The pauses are those after a death or without a database, and short, because a reminder is owed
# within the minute; after an answer of the mail server the activity says itself how long to wait.
MAIL_ATTEMPT: Final = timedelta(minutes=5)
MAIL_HEARTBEAT: Final = 4 * HEARTBEAT_EVERY
MAIL_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(seconds=20)
)

# After a notification was found to have nothing to say, not before so long is it looked at again.
SUPERSEDED_PAUSE: Final = timedelta(minutes=1)

# How long a workflow started for a reinstatement waits for it.
REINSTATE_WINDOW: Final = timedelta(minutes=5)

# One try of a step of an erasure, as often as it takes: the data must go even if the database is away long.
# Ending a living lead takes until its last mails are called off.
ERASURE_ATTEMPT: Final = timedelta(seconds=30)
ERASURE_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)

# One step of a hold campaign, a few dozen leads; a worker that dies meanwhile is noticed by its missing
# heartbeat. Leads that did not answer are told again after the pause.
CAMPAIGN_ATTEMPT: Final = timedelta(minutes=5)
CAMPAIGN_HEARTBEAT: Final = 4 * HEARTBEAT_EVERY
CAMPAIGN_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
CAMPAIGN_PAUSE: Final = timedelta(seconds=15)

# One step about a box of samples, as often as it takes: what a customer has said is told to the lead's clock
# even if the database, or that clock, is away long.
SAMPLE_ATTEMPT: Final = timedelta(seconds=30)
SAMPLE_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)

# One look at a pending credit check, as often as it takes. After an answer of the bureau, or of the breaker
# before it, the activity says itself how long to wait.
CREDIT_ATTEMPT: Final = timedelta(seconds=30)
CREDIT_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)
# One try of a question to a model: both sizes of two providers, each with its own patience. The activity says
# itself how long to wait for a provider; after a day nobody needs the answer any more.
AI_ATTEMPT: Final = timedelta(minutes=3)
AI_IN_ALL: Final = timedelta(days=1)
AI_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=5), backoff_coefficient=2, maximum_interval=timedelta(minutes=15)
)

# Between looks; news by webhook wake the workflow earlier.
CREDIT_PAUSE: Final = timedelta(seconds=10)
CREDIT_LONGEST_PAUSE: Final = timedelta(minutes=15)

# Handling a piece of news of a system outside: twelve tries over some three hours, because what it needs may
# be away; then it is a dead letter. The handler says itself how long to wait where a breaker is open.
WEBHOOK_ATTEMPT: Final = timedelta(seconds=60)
WEBHOOK_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    backoff_coefficient=3,
    maximum_interval=timedelta(minutes=30),
    maximum_attempts=12,
)

# Reading one kind of thing from the ERP: many pages; a worker that dies meanwhile is noticed by its missing
# heartbeat. The pauses are those after 5xx and time-outs; a breaker and a 429 say themselves how long. What
# could not be read within half an hour is read the next time.
ERP_READING: Final = timedelta(minutes=15)
ERP_READING_IN_ALL: Final = timedelta(minutes=30)
ERP_HEARTBEAT: Final = timedelta(seconds=60)
ERP_USING_IN_ALL: Final = timedelta(hours=2)
ERP_ATTEMPT: Final = timedelta(seconds=60)
ERP_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)

# One step about a mail that came in, as often as it takes: a bounce is told to the lead's clock even if that
# is away long. A model is asked for ten minutes; then the mail is proposed without its category.
INBOX_ATTEMPT: Final = timedelta(seconds=30)
CATEGORY_ATTEMPT: Final = timedelta(seconds=90)
CATEGORY_IN_ALL: Final = timedelta(minutes=10)
INBOX_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)

# One step of a reconciliation, a few hundred leads and their workflows, as often as it takes: a night without
# database or workers ends, and then it goes on. A worker that dies meanwhile is noticed by its missing
# heartbeat.
RECONCILE_LISTING: Final = timedelta(seconds=30)
RECONCILE_ATTEMPT: Final = timedelta(minutes=30)
RECONCILE_HEARTBEAT: Final = 6 * HEARTBEAT_EVERY
RECONCILE_RETRY: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)
