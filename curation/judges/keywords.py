"""A rule: words and phrases that a response must hold, and those that it must not."""

import re
from typing import Any

from curation.judges import Case, Judgement, Tools
from curation.judges._rules import Checked, from_item, nothing_to_check, ruled, share_of
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Keywords"
SUMMARY = "Checks that a response holds what it must and nothing that it must not."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
_LIST = {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 200}, "maxItems": 200, "default": []}
SETTINGS = settings_schema(
    required={**_LIST, "title": "Required", "description": "Empty: the item's metadata under keywords."},
    forbidden={**_LIST, "title": "Forbidden", "description": "Empty: the item's metadata under forbidden_keywords."},
    case_sensitive={"type": "boolean", "default": False, "title": "Capitals matter"},
    whole_words={"type": "boolean", "default": True, "title": "Whole words only"},
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """The score is the share of keywords that are as they should be."""
    required = _texts(from_item(case, "keywords", tools.settings["required"]))
    forbidden = _texts(from_item(case, "forbidden_keywords", tools.settings["forbidden"]))
    if not required and not forbidden:
        return nothing_to_check("Neither the settings nor the item name keywords.")

    def holds(text: str, word: str) -> bool:
        pattern = re.escape(word)
        if tools.settings["whole_words"]:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        return re.search(pattern, text, 0 if tools.settings["case_sensitive"] else re.IGNORECASE) is not None

    def check(key: str, text: str) -> Checked:
        lacking = {f"lacks {word!r}": holds(text, word) for word in required}
        return share_of(lacking | {f"holds {word!r}": not holds(text, word) for word in forbidden})

    return ruled(case, check)


def _texts(given: Any) -> list[str]:
    """An item's metadata may hold anything; only texts are keywords."""
    listed = given if isinstance(given, list) else [given]
    return list(dict.fromkeys(word for word in listed if isinstance(word, str) and word))
