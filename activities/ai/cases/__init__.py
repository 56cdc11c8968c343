"""The ten use cases (domain.md section 9), each with what is asked, what is answered and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from activities.ai.case import Case, UseCase
from activities.ai.cases.deals import HELP_DRAFT, NEGOTIATION_SUPPORT, RISK_ASSESS
from activities.ai.cases.leads import ACTIVITY_SUMMARIZE, CONTACT_ROLE_DETECT, LEAD_CLASSIFY
from activities.ai.cases.mails import EMAIL_CATEGORIZE
from activities.ai.cases.samples import PRODUCT_MATCH, ROI_RECOMMEND, SAMPLE_STRATEGY

CASES: Final[Mapping[UseCase, Case[Any, Any]]] = MappingProxyType(
    {
        case.use_case: case
        for case in (
            LEAD_CLASSIFY,
            EMAIL_CATEGORIZE,
            CONTACT_ROLE_DETECT,
            ACTIVITY_SUMMARIZE,
            PRODUCT_MATCH,
            HELP_DRAFT,
            ROI_RECOMMEND,
            RISK_ASSESS,
            SAMPLE_STRATEGY,
            NEGOTIATION_SUPPORT,
        )
    }
)
