"""What may only be one of a few words. Made by `make openapi`."""

from __future__ import annotations

from typing import Literal, TypeAlias

BoxStatus: TypeAlias = Literal["PROMISED", "SHIPPED", "DELIVERED", "CANCELLED"]
CampaignState: TypeAlias = Literal["placing", "placed", "ending", "ended"]
Cause: TypeAlias = Literal["lapse", "request"]
Closed: TypeAlias = Literal["used", "closed", "cancelled", "erased"]
Code: TypeAlias = Literal[
    "protection-ended",
    "not-registered",
    "already-registered",
    "not-ended",
    "base-period-over",
    "unknown-kind",
    "unknown-reason",
    "future-progress",
    "hold-exists",
    "unknown-hold",
    "end-before-start",
    "days-out-of-range",
    "unknown-fact",
    "not-correctable",
    "fact-id-reused",
    "lapse-not-due",
    "recorded-backwards",
    "own-request",
    "unknown-request",
    "request-decided",
    "request-pending",
    "revision-conflict",
    "would-have-ended",
    "other-policy",
    "known-customer",
    "malformed",
]
ContactRole: TypeAlias = Literal["CHEF", "BUYER", "GM", "OTHER"]
Counting: TypeAlias = Literal["exact", "calendar_days"]
CreditStatus: TypeAlias = Literal["pending", "approved", "declined", "requires_review"]
Decision: TypeAlias = Literal["cached", "small", "escalated", "large", "reduced"]
Due: TypeAlias = Literal["end", "progress", "reminder"]
Effect: TypeAlias = Literal["same", "gains", "loses", "open", "refused", "unreadable"]
EndReason: TypeAlias = Literal["BASE_PERIOD", "INACTIVITY", "UNPURSUED"]
EventKind: TypeAlias = Literal[
    "order-due",
    "order-cancelled",
    "samples-shipped",
    "samples-delivered",
    "price-asked",
    "price-decided",
    "invoice-issued",
    "invoice-cancelled",
]
EventState: TypeAlias = Literal["waiting", "handled", "dead"]
Fault: TypeAlias = Literal[
    "timeout",
    "no-connection",
    "connection-lost",
    "certificate-not-trusted",
    "tls-failed",
    "server-error",
    "busy",
    "wrong-credentials",
    "refused",
    "malformed",
    "half-answer",
    "circuit-open",
]
FeedbackSource: TypeAlias = Literal["EMAIL", "FORM", "PHONE", "VISIT"]
Grade: TypeAlias = Literal["A", "B", "C", "D"]
HoldReason: TypeAlias = Literal[
    "FFZ_PRICE_APPROVAL", "FFZ_SAMPLE_DELAY", "FFZ_SUPPLY_ISSUE", "CUSTOMER_BLOCKED", "OTHER"
]
ImportState: TypeAlias = Literal["running", "done", "interrupted"]
Knowledge: TypeAlias = Literal["then", "now"]
LeadSource: TypeAlias = Literal["TRADE_FAIR", "REFERRAL", "PHONE", "WEB_FORM", "PARTNER", "OTHER"]
Merge: TypeAlias = Literal["replace", "append", "merge"]
Mode: TypeAlias = Literal["LEAST", "GREATEST"]
Obstacle: TypeAlias = Literal["converted", "legal-hold", "living", "not-running", "refused", "unknown-lead"]
Part: TypeAlias = Literal["up", "down", "read-only", "behind", "missing", "unknown"]
Potential: TypeAlias = Literal["HIGH", "MEDIUM", "LOW"]
ProposalKind: TypeAlias = Literal["CUSTOMER_REACTION", "CONVERSION", "LEAD_CLASS", "CONTACT_ROLE"]
ProposalSource: TypeAlias = Literal["inbound-mail", "erp-event", "ai-router"]
ProposalState: TypeAlias = Literal["open", "confirmed", "rejected", "expired"]
Purpose: TypeAlias = Literal["SAMPLES", "FIRST_ORDER", "CONVERSION", "CREDIT_LINE", "OTHER"]
RequestKind: TypeAlias = Literal["HOLD", "EXTENSION"]
RequestStatus: TypeAlias = Literal["PENDING", "APPROVED", "REJECTED", "WITHDRAWN", "VOID"]
Role: TypeAlias = Literal["agent", "manager", "admin", "auditor"]
RowOutcome: TypeAlias = Literal["registered", "already-there", "live-duplicate", "similar", "refused"]
Rule: TypeAlias = Literal[
    "registered",
    "backdated",
    "tenure",
    "reinstated",
    "progress",
    "base-period",
    "progress-period",
    "extension",
    "hold",
    "hold-days",
    "roll",
    "open-hold",
    "correction",
    "reminder",
    "reminder-due",
    "reminder-bounced",
    "grace-period",
    "ends-first",
    "greatest",
    "decided-first",
    "policy",
    "reserved",
    "unpursued",
    "ended",
]
Scope: TypeAlias = Literal["global", "tenant", "org", "user"]
Segment: TypeAlias = Literal[
    "RESTAURANT",
    "HOTEL",
    "CANTEEN",
    "CATERING",
    "CARE_HOME",
    "HOSPITAL",
    "SCHOOL",
    "RETAIL",
    "WHOLESALE",
    "INDUSTRY",
    "OTHER",
]
SettingType: TypeAlias = Literal["scalar", "list", "object"]
Share: TypeAlias = Literal["VIEW", "ASSIST", "NEGOTIATE"]
Size: TypeAlias = Literal["small", "large"]
Source: TypeAlias = Literal["xentral", "allianz"]
Stage: TypeAlias = Literal["SAMPLE", "TRIAL", "PRODUCTION_CANDIDATE"]
State: TypeAlias = Literal["running", "done", "interrupted"]
Status: TypeAlias = Literal["PREREGISTERED", "ACTIVE", "GRACE", "EXPIRED", "CONVERTED", "RELEASED", "ERASED"]
Subject: TypeAlias = Literal[
    "base_until", "progress_until", "grace_until", "valid_until", "reserved_until", "ended"
]
TestOutcome: TypeAlias = Literal["SUCCESS", "MIXED", "FAIL"]
Turn: TypeAlias = Literal["waiting", "placed", "refused", "ended", "left-out"]
UseCase: TypeAlias = Literal[
    "LEAD_CLASSIFY",
    "EMAIL_CATEGORIZE",
    "CONTACT_ROLE_DETECT",
    "ACTIVITY_SUMMARIZE",
    "PRODUCT_MATCH",
    "HELP_DRAFT",
    "ROI_RECOMMEND",
    "RISK_ASSESS",
    "SAMPLE_STRATEGY",
    "NEGOTIATION_SUPPORT",
]
WorkingDayRoll: TypeAlias = Literal["off", "next_working_day"]
