"""What customers are asked about samples. They know nothing of leads, and read nothing of them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from activities.orders import InvitationKind
from activities.ports import Contact, Invitation
from adapters.mail_texts.catalogue import Phrases
from adapters.mail_texts.content import Content
from adapters.mail_texts.moments import day, deadline
from adapters.mail_texts.plain import SUBJECT_NAME_LIMIT, one_line


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation, whom it goes to, and who speaks for the company.

    Attributes:
        agent: what people call the agent; empty if unknown.
        link: address of the form.
    """

    invitation: Invitation
    contact: Contact
    agent: str
    link: str


def invitation_content(kind: InvitationKind, asked: Asked, zone: ZoneInfo, phrases: Phrases) -> Content:
    """The invitation or its reminder in words."""
    about = asked.invitation
    reminding = kind is InvitationKind.REMINDER
    names = {"sender": one_line(about.sender), "company": one_line(about.company)}
    short = {"sender": one_line(about.sender, SUBJECT_NAME_LIMIT)}
    if reminding:
        subject = phrases.say("A short reminder: how did the samples from %(sender)s do?") % short
        opening = (
            phrases.say(
                "recently we asked you about the samples from %(sender)s. If you have two minutes: "
                "your word decides."
            )
            % names
        )
        footer = phrases.say(
            "You receive this message because you received samples from %(sender)s. This was the only "
            "reminder. The link is meant for you alone; please do not pass it on."
        )
    else:
        subject = phrases.say("How did the samples from %(sender)s do?") % short
        opening = _opening(about, zone, phrases, names)
        footer = phrases.say(
            "You receive this message because you received samples from %(sender)s. There is one reminder "
            "at most. The link is meant for you alone; please do not pass it on."
        )
    return Content(
        subject=subject,
        banner=phrases.say("Your opinion"),
        heading=phrases.say("How did the samples from %(sender)s do?") % names,
        until=None,
        greeting=_greeting(asked.contact, phrases),
        paragraphs=(
            opening,
            phrases.say(
                "It takes about two minutes, on a phone as well, and needs no login: "
                "stars for each product, a comment if you like."
            ),
        ),
        details=(
            *(((phrases.say("In the box"), _listed(about.products)),) if about.products else ()),
            (phrases.say("The form is open until"), deadline(about.expires_at, phrases.language, zone)),
            *(((phrases.say("Your contact"), one_line(asked.agent)),) if one_line(asked.agent) else ()),
        ),
        tasks_heading="",
        tasks=(),
        story_heading="",
        story=(),
        links=((phrases.say("Give feedback"), asked.link),),
        footer=footer % names,
    )


def _greeting(contact: Contact, phrases: Phrases) -> str:
    name = one_line(contact.name or "")
    return phrases.say("Hello %(name)s,") % {"name": name} if name else phrases.say("Hello,")


def _opening(about: Invitation, zone: ZoneInfo, phrases: Phrases, names: dict[str, str]) -> str:
    if about.delivered_at is None:
        return (
            phrases.say(
                "you received samples from %(sender)s. We would like to know how they did in your kitchen."
            )
            % names
        )
    arrived = day(about.delivered_at, phrases.language, zone)
    return phrases.say(
        "on %(date)s a box of samples from %(sender)s arrived at %(company)s. "
        "We would like to know how they did in your kitchen."
    ) % {**names, "date": arrived}


def _listed(products: tuple[str, ...]) -> str:
    return ", ".join(one_line(product, SUBJECT_NAME_LIMIT) for product in products)
