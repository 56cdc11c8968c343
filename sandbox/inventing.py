"""Answers that fit a JSON Schema, made up from the words of the question: always the same for the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.phrases import NO_PERSON, SPEAK_FOR, Language, sentence

_WORDS: Final = re.compile(r"[a-zäöüß]{3,}", re.IGNORECASE)
_SKU: Final = re.compile(r'"(?:sku|number)"\s*:\s*"([^"]{1,40})"')
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
_DEEPEST: Final = 12
_LONGEST: Final = 400  # characters of a text
_BOUND: Final = re.compile(r"(m(?:in|ax)(?:imum|Length|Items)): (-?[0-9.]+)")
_NUMBERED: Final = re.compile(r"(.*?)(\d*)")


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

    def field(self, name: str) -> str | None:
        """A text of a question that is a JSON object; None if it has none of that name."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return None
        value = found.get(name) if isinstance(found, dict) else None
        return value if isinstance(value, str) else None

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
                person = not any(word in self._lower for word in NO_PERSON)
                return person if kind == "boolean" else None
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
        # Anthropic's SDK moves bounds into the words.
        words = str(schema.get("description", ""))
        schema = {**{bound[1]: float(bound[2]) for bound in _BOUND.finditer(words)}, **schema}
        parts = schema.get("allOf")
        return self._resolved({**schema, "allOf": None, **parts[0]}) if parts else schema

    def _choice(self, values: Sequence[Any], name: str) -> Any:
        weights = [self._weight(str(value)) for value in values]
        best = max(weights)
        if best:
            return values[weights.index(best)]
        others = [value for value in values if str(value).lower() in {"other", "medium"}]
        return others[0] if others else values[int(self._question.chance(name) * len(values))]

    def _weight(self, value: str) -> int:
        """How much in the question speaks for a choice."""
        name = value.lower()
        spoken = [word for key, words in SPEAK_FOR.items() if key in name for word in words]
        parts = [part for part in re.split(r"[^a-zäöüß]+", name) if len(part) > 3]
        return sum(self._lower.count(word) for word in spoken) + 2 * sum(
            part in self._lower for part in parts
        )

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
        high = low + 1 if given is None else float(given)
        value = low + (high - low) * self._question.chance(name)
        if "exclusiveMinimum" in schema:
            value = max(value, float(schema["exclusiveMinimum"]) + (1 if whole else 0.01))
        return round(value) if whole else round(value, 2)

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if self._skus and "sku" in name.lower():
            return self._skus[int(self._question.chance(name) * len(self._skus))]
        longest = min(int(schema.get("maxLength", _LONGEST)), _LONGEST)
        made = self._said(name)
        made = made if len(made) <= longest else f"{made[: max(longest - 1, 0)].rstrip()}…"
        return made.ljust(int(schema.get("minLength", 0)), ".")

    def _said(self, name: str) -> str:
        found = _NUMBERED.fullmatch(name)
        field, number = (found[1], int(found[2] or 0)) if found else (name, 0)
        language: Language = "de" if self._german() else "en"
        said = sentence(field, language, self._question.chance(field), number)
        leaves = self._question.leaves()
        latest = " ".join(leaves[-1].split()[:24]).rstrip(".,;") if leaves else "–"
        if said is None:
            return f"{'Kurz gefasst:' if language == 'de' else 'In short:'} {latest}."
        company = self._question.field("company") or ("Das Haus" if language == "de" else "The house")
        return said.format(company=company, latest=latest)

    def _german(self) -> bool:
        asked = self._question.field("language")
        if asked is not None:
            return asked == "de"
        if "in german" in self._question.system.lower():
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
