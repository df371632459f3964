"""A rule: a response has at least so many and at most so many characters, words or sentences."""

import re

from curation.judges import Case, JudgeError, Judgement, Tools
from curation.judges._rules import Checked, ruled
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Length"
SUMMARY = "Checks that a response is neither too short nor too long."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
_LIMIT = {"type": "integer", "minimum": 0, "default": 0}
SETTINGS = settings_schema(
    unit={"enum": ["characters", "words", "sentences"], "default": "words", "title": "Counted"},
    least={**_LIMIT, "title": "At least"},
    most={**_LIMIT, "title": "At most", "description": "0: no limit."},
)
PROMPT = ""
can_answer = can_score
_SENTENCE = re.compile(r"[.!?…。！？]+(?=\s|$)|[。！？]|\n+|$")


def judge(case: Case, tools: Tools) -> Judgement:
    """Notes hold the lengths."""
    unit, least, most = (tools.settings[name] for name in ("unit", "least", "most"))
    if not least and not most:
        raise JudgeError("The rule has neither a least nor a most length: set one of them.")
    if most and least > most:
        raise JudgeError(f"No response has at least {least} and at most {most} {unit}: set a least that is no larger.")
    lengths = {key: measured(case.asked.texts.get(key, ""), unit) for key in case.asked.responses}

    def check(key: str, text: str) -> Checked:
        if lengths[key] < least:
            return Checked(0.0, (f"{lengths[key]} {unit}, fewer than {least}",))
        if most and lengths[key] > most:
            return Checked(0.0, (f"{lengths[key]} {unit}, more than {most}",))
        return Checked(1.0)

    return ruled(case, check, lengths=lengths)


def measured(text: str, unit: str) -> int:
    """Characters, words (between blanks) or sentences of a text."""
    if unit == "characters":
        return len(text)
    return len(text.split()) if unit == "words" else sum(bool(part.strip()) for part in _SENTENCE.split(text))
