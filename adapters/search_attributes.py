"""What a workflow shows of itself in Temporal's lists; ids and clock facts only.

Apart from the client, because this list is needed where Temporal's library is not.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

AttributeType = Literal["Keyword", "Bool", "Datetime", "KeywordList"]

# Name, and the type as the `temporal` program calls it.
SEARCH_ATTRIBUTES: Final[Mapping[str, AttributeType]] = MappingProxyType(
    {
        "LeadStatus": "Keyword",
        "LeadPaused": "Bool",
        "LeadOwner": "Keyword",
        "LeadTenant": "Keyword",
        "ValidUntil": "Datetime",
        "NextWakeUp": "Datetime",
        "HoldReasons": "KeywordList",
    }
)
