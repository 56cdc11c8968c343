"""Everything that is said about leads to systems outside, with personal data in every word people write."""

from __future__ import annotations

import json
from email.message import EmailMessage
from functools import partial
from typing import Any, Final

import asyncpg
import httpx

from tests.stack.running import UNMEASURED, Up, fristwerk
from tests.workflows.lab import until

NAME: Final = "Zdeněk O'Wrzesień-Kœnig"
EMAIL: Final = "zdenek.koenig@unikat-kantine.example"
PHONE: Final = "+493619988001"
SPOKEN_PHONE: Final = "0361 / 99 88 - 001"
IBAN: Final = "DE02120300000000202051"
SPACED_IBAN: Final = "DE02 1203 0000 0000 2020 51"
STRANGER: Final = "niemand.sonst@unikat-fremd.example"
# None of these may stand anywhere but sealed.
PLANTED: Final = (NAME, EMAIL, PHONE, SPOKEN_PHONE, IBAN, SPACED_IBAN, STRANGER)
# The registration, the mail, and twice what is asked for in words.
PROMPTS: Final = 4
COMPANY: Final = "Kantine Fundgrube GmbH"
_WORDS: Final = (
    f"{NAME} ({EMAIL}, {SPOKEN_PHONE} oder {PHONE}) zahlt von {IBAN}, früher {SPACED_IBAN};"
    f" sonst {STRANGER} fragen. Samples came, he wants an offer."
)


class Talk:
    """One new lead, spoken of to models, the credit bureau and through the inbox.

    Args:
        running: a whole stack that plays the outside world.
    """

    def __init__(self, running: Up) -> None:
        self._running = running
        self._sandbox = str(running.parts()["sandbox"]["where"]).split(",", maxsplit=1)[0]

    async def had(self) -> None:
        """Say everything once, and wait until it is through."""
        # Leads registered in the first seconds of a tenant are not asked about.
        await until(self._classifying)
        registered = self._did(
            "register", COMPANY, "Jena", "--owner", "agent01@agents.example", "--contact-name", NAME,
            "--contact-email", EMAIL, "--contact-phone", PHONE, "--first-contact", _WORDS,
        )  # fmt: skip
        lead = registered["lead"]
        self._did("log", lead, "QUALIFIED_CALL", "--note", _WORDS)
        token = fristwerk(self._running.state, "token", "--as", "adam", **UNMEASURED).stdout.strip()
        base = self._running.addresses()["API_URL"]
        async with httpx.AsyncClient(
            base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60
        ) as http:
            await self._ask(http, lead)
        await self._write(lead)
        # The registration is classified in the background.
        await until(self._all_asked)

    async def _classifying(self) -> bool:
        return bool(await self._value("select exists (select from ai_classifies)"))

    async def _all_asked(self) -> bool:
        asked = await self.prompts()
        return len(asked["openai"]) + len(asked["anthropic"]) >= PROMPTS

    async def _ask(self, http: httpx.AsyncClient, lead: str) -> None:
        happened = [{"on": "2026-11-01", "kind": "QUALIFIED_CALL", "note": _WORDS}]
        history = {"language": "de", "company": COMPANY, "status": "ACTIVE", "happened": happened}
        for case, given in (
            ("ACTIVITY_SUMMARIZE", history),
            ("EMAIL_CATEGORIZE", {"subject": f"Gruß von {NAME}", "text": _WORDS}),
        ):
            told = {"leadId": lead, "input": given}
            answer = await http.post(f"/api/ai/{case}", json=told)
            assert answer.status_code == 200, answer.text
        asked = {"leadId": lead, "amount": "2500.00", "purpose": "SAMPLES"}
        answer = await http.post("/api/credit/checks", json=asked, headers={"Idempotency-Key": lead})
        assert answer.status_code in {200, 201, 202}, answer.text

    async def _write(self, lead: str) -> None:
        """A mail of the customer, matched and sorted."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f'"{NAME}" <{EMAIL}>', "vertrieb@fristwerk.example"
        mail["Subject"], mail["Message-ID"] = f"Gruß von {NAME}", "<planted@unikat-kantine.example>"
        mail.set_content(f"{_WORDS} Bitte um Antwort.")
        async with httpx.AsyncClient(timeout=60) as http:
            posted = await http.post(f"{self._sandbox}/_sandbox/inbox", content=mail.as_bytes())
            assert posted.status_code == 201, posted.text
        await until(partial(self._categorised, lead))

    async def _categorised(self, lead: str) -> bool:
        settled = "select category from inbound_mail where lead = $1::uuid and settled_at is not null"
        return await self._value(settled, lead) is not None

    async def _value(self, query: str, *given: str) -> Any:
        connection = await asyncpg.connect(self._running.addresses()["DATABASE_URL"])
        try:
            return await connection.fetchval(query, *given)
        finally:
            await connection.close()

    async def prompts(self) -> dict[str, list[dict[str, Any]]]:
        """Every request that models and the bureau got."""
        async with httpx.AsyncClient(timeout=60) as http:
            return {
                name: (await http.get(f"{self._sandbox}/_sandbox/requests/{name}")).json()
                for name in ("openai", "anthropic", "credit")
            }

    def _did(self, *said: str) -> Any:
        done = fristwerk(self._running.state, *said, "--json", **UNMEASURED)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)
