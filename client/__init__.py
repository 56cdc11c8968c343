"""A typed client of the HTTP API. Bodies and answers are models in the module of their subject.

from client import Fristwerk
from client.leads import ContactInput, NewLeadInput

with Fristwerk("http://127.0.0.1:8080", token) as api:
    api.leads.open_lead(NewLeadInput(company="Gasthof", city="Erfurt", contact=ContactInput(name="Jo")))
"""

from client.asking import Answer, Retries, every
from client.problems import FieldError, NotModified, Problem, Strange, Unreachable
from client.service import Fristwerk

__all__ = [
    "Answer",
    "FieldError",
    "Fristwerk",
    "NotModified",
    "Problem",
    "Retries",
    "Strange",
    "Unreachable",
    "every",
]
