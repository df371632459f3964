"""Attributes: what a pair is about and how it is to be judged, before anybody judges it.

    describe(table, settings, tools) -> list of attributes, one a row

Attributes are plain JSON that fits `SCHEMA`: the five of Skywork-Reward-V2 (arXiv 2507.01352), and who gave them.
Contract beyond this: `curation.campaign`.
"""

from collections.abc import Mapping
from typing import Any

CATEGORIES = (
    "coding", "maths", "reasoning", "factual", "summarising", "rewriting", "translation", "writing", "advice",
    "opinion", "safety", "conversation", "other",
)  # fmt: skip
DEGREES = ("low", "medium", "high")
ASKED = {
    "category": {"enum": list(CATEGORIES), "description": "What kind of task the prompt sets"},
    "objectivity": {"enum": list(DEGREES), "description": "How far the better response can be told by facts"},
    "controversiality": {"enum": list(DEGREES), "description": "How far reasonable people may differ"},
    "desired": {
        "type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 80},
        "description": "What a good response to this very prompt has, a few words each",
    },
    "guideline": {"type": "string", "maxLength": 1500, "description": "How to judge these two responses"},
}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {**ASKED, "by": {"type": "string"}},
    "required": [*ASKED, "by"],
}


def summary(attributes: Mapping[str, Any]) -> str:
    """Attributes as the text that is embedded beside the prompt."""
    return f"{attributes['category']}: {', '.join(attributes['desired'])}"


def ease(attributes: Mapping[str, Any]) -> int:
    """How well people can decide a pair, 0 to 4: objective and uncontroversial ones first."""
    return DEGREES.index(attributes["objectivity"]) + 2 - DEGREES.index(attributes["controversiality"])
