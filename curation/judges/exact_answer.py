"""A rule: the final answer of a response is the known one, but for capitals, blanks and marks around it."""

from typing import Any

from curation.judges import Case, Judgement, Tools
from curation.judges._final import final_answer, normalised
from curation.judges._rules import FIELD, Checked, from_item, nothing_to_check, ruled
from curation.judges._scores import can_score
from curation.judges._settings import settings_schema

TITLE = "Exact answer"
SUMMARY = "Compares the final answer of a response with the known one, normalised."
KIND = "rule"
NEEDS: frozenset[str] = frozenset()
SETTINGS = settings_schema(
    answer={"type": "string", "maxLength": 2000, "default": "", "title": "Known answer"},
    field={**FIELD, "default": "answer"},
    where={
        "enum": ["final", "whole"],
        "default": "final",
        "title": "Compared",
        "description": "final: the last boxed answer, what follows “answer:”, or the last line. whole: all of it.",
    },
)
PROMPT = ""
can_answer = can_score


def judge(case: Case, tools: Tools) -> Judgement:
    """The item may know several answers, any of which is right."""
    known = {
        normalised(answer) for answer in _texts(from_item(case, tools.settings["field"], tools.settings["answer"]))
    }
    known.discard("")
    if not known:
        return nothing_to_check(f"The item's metadata has no answer under {tools.settings['field']!r}.")

    def check(key: str, text: str) -> Checked:
        given = final_answer(text) if tools.settings["where"] == "final" else text
        return Checked(1.0) if normalised(given) in known else Checked(0.0, (f"answers {given[:200]!r}",))

    return ruled(case, check)


def _texts(given: Any) -> list[str]:
    listed = given if isinstance(given, list) else [given]
    return [str(one) for one in listed if isinstance(one, str | int | float) and not isinstance(one, bool)]
