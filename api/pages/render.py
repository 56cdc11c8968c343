"""Templates: one environment a language, always escaping, and what all of them may call."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages import parts, reader
from api.pages.reader import Reader
from api.pages.static_files import address
from api.pages.texts import translations
from protection.explain_texts import Language

TEMPLATES: Final = Path(__file__).with_name("templates")


def render(template: str, context: Mapping[str, Any], who: Reader) -> str:
    """The template in the reader's language and zone."""
    with reader.reading(who):
        return environment(who.language).get_template(template).render(context)


@cache
def environment(language: Language) -> Environment:
    """What templates of this language are rendered with."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    found = translations(language)
    # mypy knows nothing of what the extension adds.
    install = getattr(made, "install_gettext_callables")  # noqa: B009
    install(found.gettext, found.ngettext, newstyle=True)
    made.policies["ext.i18n.trimmed"] = True
    made.globals.update(static=address, new_act=new_act, called=partial(parts.called, found.gettext))
    made.filters.update(
        iso=reader.iso,
        day=lambda instant: reader.current().day(instant),
        moment=lambda instant: reader.current().moment(instant),
        due=lambda instant: reader.current().due(instant),
        due_day=lambda instant: reader.current().due_day(instant),
        typed=lambda instant: reader.current().typed(instant),
        number=lambda value: reader.current().number(value),
        word=lambda word: reader.current().word(word),
    )
    return made


def new_act() -> str:
    """A key for one act: a form that is sent twice has one effect."""
    return secrets.token_urlsafe(16)
