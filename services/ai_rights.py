"""Who may ask AI for what: whoever may do one of these to the lead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from activities.ai.case import UseCase
from protection.permission import Act

RIGHTS: Final[Mapping[UseCase, tuple[Act, ...]]] = MappingProxyType(
    {
        UseCase.LEAD_CLASSIFY: (Act.EDIT_LEAD,),
        UseCase.EMAIL_CATEGORIZE: (Act.LOG_ACTIVITY,),
        UseCase.CONTACT_ROLE_DETECT: (Act.EDIT_LEAD,),
        UseCase.ACTIVITY_SUMMARIZE: (Act.READ_LEAD,),
        UseCase.PRODUCT_MATCH: (Act.LOG_ACTIVITY,),
        UseCase.SAMPLE_STRATEGY: (Act.LOG_ACTIVITY,),
        UseCase.ROI_RECOMMEND: (Act.LOG_ACTIVITY,),
        UseCase.RISK_ASSESS: (Act.LOG_ACTIVITY,),
        # Its owner and whoever negotiates; and those who decide what they ask for.
        UseCase.NEGOTIATION_SUPPORT: (Act.REQUEST, Act.DECIDE),
        UseCase.HELP_DRAFT: (Act.EXPORT_OWN,),
    }
)
