"""Answers that fit a JSON Schema, made up from the words of the question: always the same for the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_WORDS: Final = re.compile(r"[a-zäöüß]{3,}", re.IGNORECASE)
_SKU: Final = re.compile(r'"(?:sku|number)"\s*:\s*"([^"]{1,40})"')
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_DEEPEST: Final = 12
# German and English words that speak for a choice whose name holds the key.
_SPEAK_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "interest": ("interess", "gern", "muster", "probe", "angebot", "termin", "sample", "offer", "welcome"),
    "reaction": ("interess", "gern", "muster", "angebot", "danke", "termin", "bestell", "sample", "offer"),
    "request": ("bitte", "könnten", "please", "could", "angebot", "muster"),
    "order": ("bestell", "auftrag", "order", "liefern"),
    "question": ("frage", "wann", "wie", "question", "when", "how"),
    "decline": ("leider", "kein", "absage", "abgelehnt", "unfortunately", "not interested"),
    "negative": ("leider", "kein", "beschwerde", "schlecht", "unfortunately", "complain"),
    "complaint": ("beschwerde", "reklam", "kaputt", "defekt", "complain", "broken"),
    "positive": ("gern", "danke", "gut", "begeistert", "great", "thank", "happy"),
    "newsletter": ("newsletter", "abmelden", "unsubscribe"),
    "automatic": ("abwesen", "automatisch", "out of office", "auto-reply"),
    "spam": ("gewinn", "casino", "viagra", "winner"),
    "chef": ("koch", "küche", "chef", "kitchen"),
    "buyer": ("einkauf", "beschaffung", "buyer", "purchas"),
    "gm": ("geschäftsführ", "inhaber", "direktor", "general manager", "owner"),
    "hotel": ("hotel", "zimmer", "room"),
    "restaurant": ("restaurant", "gasthof", "gasthaus", "wirt", "küche"),
    "high": ("dringend", "groß", "kette", "urgent", "large", "chain"),
    "low": ("klein", "später", "small", "later"),
    "other": (),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked.

    Attributes:
        text: the user's part of the prompt.
        system: the rest of it.
        model: who is asked.
    """

    text: str
    system: str
    model: str

    def chance(self, salt: str) -> float:
        """A number from 0 to 1, always the same for this question and salt, whoever is asked."""
        digest = hashlib.sha256(f"{salt}\0{self.text}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / float(1 << 48)

    def leaves(self) -> list[str]:
        """The texts in it: the strings of a JSON object, or its sentences."""
        try:
            found = list(_strings(json.loads(self.text)))
        except ValueError:
            found = []
        return found or [part for part in _SENTENCE.split(self.text) if part.strip()]


def is_large(model: str) -> bool:
    """Whether a model is one of the large ones, by its name."""
    return not any(part in model.lower() for part in ("mini", "nano", "small", "haiku", "lite"))


def confidence(question: Question) -> float:
    """How sure a model is: a small one is below 0.7 in one of five questions, a large one never."""
    chance = question.chance("confidence")
    if is_large(question.model):
        return round(0.86 + 0.12 * chance, 2)
    return round(0.45 + chance, 2) if chance < 0.2 else round(0.72 + 0.25 * chance, 2)


def invent(schema: Mapping[str, Any], question: Question) -> Any:
    """Something that fits the schema, as sensible as keywords can make it.

    Args:
        schema: JSON Schema of the answer.
        question: what was asked.
    """
    return _Inventor(schema, question).value(schema, "answer", 0)


class _Inventor:
    def __init__(self, root: Mapping[str, Any], question: Question) -> None:
        self._root = root
        self._question = question
        self._lower = question.text.lower()
        self._skus: list[str] = list(dict.fromkeys(_SKU.findall(question.text)))

    def value(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema or "enum" in schema:
            return self._choice(schema.get("enum", [schema.get("const")]), name)
        for several in ("anyOf", "oneOf"):
            if several in schema:
                first = [one for one in schema[several] if one.get("type") != "null"]
                return self.value(first[0], name, depth + 1) if first and depth < _DEEPEST else None
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        return self._of_kind(str(kind), schema, name, depth)

    def _of_kind(self, kind: str, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match kind:
            case "object":
                properties: Mapping[str, Any] = schema.get("properties", {})
                return {key: self.value(inner, key, depth + 1) for key, inner in properties.items()}
            case "array":
                return self._list(schema, name, depth)
            case "integer" | "number":
                return self._number(schema, name, whole=kind == "integer")
            case "boolean" | "null":
                return self._question.chance(name) < 0.5 if kind == "boolean" else None
            case _:
                return self._text(schema, name)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        for _ in range(_DEEPEST):
            reference = schema.get("$ref")
            if reference is None:
                break
            found: Any = self._root
            for part in str(reference).removeprefix("#/").split("/"):
                found = found[part]
            schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
        parts = schema.get("allOf")
        return self._resolved({**schema, "allOf": None, **parts[0]}) if parts else schema

    def _choice(self, values: Sequence[Any], name: str) -> Any:
        def weight(value: Any) -> int:
            parts = re.split(r"[^a-zäöüß]+", str(value).lower())
            spoken = [
                word for part in parts for key, words in _SPEAK_FOR.items() if key in part for word in words
            ]
            return sum(self._lower.count(word) for word in spoken) + 2 * sum(
                part in self._lower for part in parts if len(part) > 3
            )

        weights = [weight(value) for value in values]
        best = max(weights)
        if best:
            return values[weights.index(best)]
        return values[int(self._question.chance(name) * len(values))]

    def _list(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        items: Mapping[str, Any] = self._resolved(schema.get("items", {}))
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 3))
        if depth >= _DEEPEST:
            return []
        count = max(least, min(most, 2))
        if self._skus and "sku" in str(items.get("properties", {"sku" if "sku" in name else "": 0})).lower():
            return [
                self._with_sku(self.value(items, name, depth + 1), sku) for sku in self._skus[: max(count, 1)]
            ]
        made = [self.value(items, f"{name}{number or ''}", depth + 1) for number in range(count)]
        different = [one for number, one in enumerate(made) if one not in made[:number]]
        return different if len(different) >= least else made

    def _with_sku(self, made: Any, sku: str) -> Any:
        if isinstance(made, dict):
            return {key: sku if "sku" in key.lower() else value for key, value in made.items()}
        return sku

    def _number(self, schema: Mapping[str, Any], name: str, *, whole: bool) -> int | float:
        low, given = float(schema.get("minimum", 0)), schema.get("maximum")
        if "confidence" in name.lower():
            return confidence(self._question)
        high = max(low, 1 if "score" in name.lower() else 10) if given is None else float(given)
        value = low + (high - low) * self._question.chance(name)
        if "exclusiveMinimum" in schema:
            value = max(value, float(schema["exclusiveMinimum"]) + (1 if whole else 0.01))
        return round(value) if whole else round(value, 2)

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if self._skus and "sku" in name.lower():
            return self._skus[int(self._question.chance(name) * len(self._skus))]
        longest = int(schema.get("maxLength", 400))
        leaves = sorted(self._question.leaves(), key=len, reverse=True)
        said = " ".join(leaves[0].split()[:28]) if leaves else "–"
        made = f"{self._introduction(name)} {said.rstrip('.,;')}."
        made = made if len(made) <= longest else f"{made[: max(longest - 1, 0)].rstrip()}…"
        return str(made.ljust(int(schema.get("minLength", 0)), "."))

    def _introduction(self, name: str) -> str:
        german = self._german()
        if "reason" in name.lower() or "why" in name.lower():
            return "Dafür spricht:" if german else "What speaks for it:"
        if any(part in name.lower() for part in ("recommend", "next", "step", "action", "tactic")):
            return "Vorschlag: ansprechen, was der Kunde sagt –" if german else "Take up what was said –"
        if "risk" in name.lower():
            return "Zu beachten:" if german else "To keep in mind:"
        return "Kurz gefasst:" if german else "In short:"

    def _german(self) -> bool:
        asked = self._question.system.lower() + self._lower
        if "in german" in asked or "auf deutsch" in asked or '"language": "de"' in asked:
            return True
        words = set(_WORDS.findall(self._lower))
        return bool(words & {"und", "der", "die", "das", "ist", "nicht", "wir", "bitte", "für"})


def _strings(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        if " " in found.strip():
            yield found.strip()
    elif isinstance(found, dict):
        for inner in found.values():
            yield from _strings(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _strings(inner)
