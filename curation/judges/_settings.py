"""Settings that several judges have in common."""

from typing import Any

from annotate import feedback
from annotate.feedback import Asked
from curation.filters import settings_schema

SAMPLES: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "maximum": 32,
    "default": 1,
    "title": "Samples",
    "description": "Answers drawn for each order of the responses; more than one needs a temperature above 0.",
}
TEMPERATURE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 2, "default": 0, "title": "Temperature"}
MAX_TOKENS: dict[str, Any] = {
    "type": "integer",
    "minimum": 16,
    "maximum": 16384,
    "default": 1024,
    "title": "Most tokens of a reply",
}
INCONSISTENT: dict[str, Any] = {
    "enum": ["undecided", "none"],
    "default": "undecided",
    "title": "Where the two orders disagree",
    "description": "undecided: a tie, a shared rank or does not apply, where the form allows it. none: no answer.",
}
DECISIVE: dict[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "title": "Decisive difference",
    "description": "A difference of scores this large makes it 95 % likely that the higher one is better.",
}
__all__ = ("DECISIVE", "INCONSISTENT", "MAX_TOKENS", "SAMPLES", "TEMPERATURE", "has_form", "settings_schema")


def has_form(kind: str, asked: Asked) -> bool:
    """Whether there is anything to answer: a rubric without criteria has no form."""
    parts = list(feedback.get(kind).schema(asked)["properties"].values())
    return bool(parts) and all(part.get("properties", True) for part in parts)
