"""Attributes by keywords, without any server: coarse, free, and the same on every machine."""

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation import pairs
from curation.campaign import Tools
from curation.filters import settings_schema

TITLE = "By keywords"
SUMMARY = "Finds the category by keywords of the prompt, and takes the rest from the category; asks no model."
SETTINGS = settings_schema()

# The first that is found in the prompt; what a category asks for, how objective and how controversial it is.
_RULES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("safety", r"\b(bomb|weapon|hack into|suicide|self-harm|poison|steal|drugs)\b", "medium", "high",
     ("harmless", "honest about limits", "not preachy")),
    ("coding", r"```|\b(python|javascript|java|sql|function|code|bug|compile|regex|algorithm|api)\b", "high", "low",
     ("runs", "does what was asked", "clear")),
    ("maths", r"\b(solve|equation|integral|probability|calculate|prove|theorem|how many|percent)\b|\d\s*[-+*/^=]\s*\d",
     "high", "low", ("right result", "sound steps")),
    ("translation", r"\btranslat\w*\b", "high", "low", ("faithful", "fluent")),
    ("summarising", r"\b(summari[sz]e|summary|tl;?dr|main points)\b", "medium", "low",
     ("faithful", "short", "complete")),
    ("rewriting", r"\b(rewrite|rephrase|paraphrase|edit|proofread|improve this)\b", "medium", "low",
     ("keeps the meaning", "reads better")),
    ("writing", r"\b(write|story|poem|essay|email|letter|slogan|script)\b", "low", "medium",
     ("fits the wish", "well written", "original")),
    ("opinion", r"\b(debate|should|argument|opinion|do you think|better or worse|pros and cons|convinc\w*)\b", "low",
     "high", ("sound reasons", "to the point", "civil")),
    ("reasoning", r"\b(why|explain|reason|logic|puzzle|compare)\b", "medium", "low",
     ("sound steps", "right conclusion")),
    ("factual", r"\b(who|what|when|where|which|name|list)\b", "high", "low", ("true", "complete", "short")),
    ("advice", r"\b(how (do|can|should) i|tips|advice|recommend|suggest\w*|help me)\b", "medium", "medium",
     ("useful", "practical", "safe")),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), rule) for rule in _RULES for pattern in [rule[1]])
_OTHER = ("other", "", "medium", "medium", ("does what was asked", "right", "clear"))


def describe(table: pa.Table, settings: Mapping[str, Any], tools: Tools) -> list[dict[str, Any]]:
    """From the prompt alone."""
    return [_of(pairs.prompt_text(prompt)) for prompt in table["prompt"].to_pylist()]


def _of(prompt: str) -> dict[str, Any]:
    rule = next((rule for pattern, rule in _PATTERNS if pattern.search(prompt)), _OTHER)
    category, _, objectivity, controversiality, desired = rule
    return {
        "category": category,
        "objectivity": objectivity,
        "controversiality": controversiality,
        "desired": list(desired),
        "guideline": "Judge how the case is made, not which side it takes." if controversiality == "high" else "",
        "by": "rules",
    }
