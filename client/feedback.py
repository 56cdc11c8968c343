"""The subject feedback. Made by `make openapi`."""

from __future__ import annotations

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import RatingInput
from client.words import ContactRole


class FormInput(Sent):
    """What a customer says himself. `website` is a trap: leave it out."""

    contact_role: ContactRole
    ratings: list[RatingInput]
    website: str | None = None


class FormTaken(Told):
    """Thank you; it is on record."""

    received: bool


class OpenFormRead(Told):
    """A form that takes feedback: which products may be rated, in which language the customer was asked."""

    open: bool
    skus: list[str]
    language: str


class Feedback(Group):
    """Operations of the subject feedback."""

    def read_feedback_form(self, token: str) -> Answer[OpenFormRead]:
        """Whether the form is open, and which products it asks for.

        A link that has expired, was used, or never was is a 410; which of them is not told.
        """
        call = Call(method="GET", path=address("/api/feedback/{token}", token=token))
        return self._asker.ask(call, {200: OpenFormRead})

    def give_feedback(self, token: str, body: FormInput) -> Answer[FormTaken]:
        """Say how the samples were, once."""
        call = Call(method="POST", path=address("/api/feedback/{token}", token=token), body=body)
        return self._asker.ask(call, {201: FormTaken})
