"""Revision: the rater corrects the response; what they make of it is better than it was.

Answer: ``{"r1": "The corrected text.", "r2": ""}``; "" says that the response was read and has nothing to correct.
Revised > chosen > rejected, as in the data of Llama 3 (https://arxiv.org/abs/2407.21783), is built from these records
by curation. Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed
from annotate.feedback.critique import text_distance
from annotate.records import Record, Revision

TITLE = "Revision"
SUMMARY = "The response corrected in an editor, with the difference in sight; the correction is better than it was."
ARITY = None
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "unchanged": {
            "type": "boolean",
            "default": True,
            "title": "Nothing to correct",
            "description": "A response may be left as it is; without this every response is to be made better.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {"correct": {}, "always_better": {"unchanged": False}}
MOST = 200_000  # characters


def schema(asked: Asked) -> dict[str, Any]:
    """A text for each response."""
    meaning = "The whole response, corrected"
    if asked.settings["unchanged"]:
        meaning += "; an empty text where there is nothing to correct"
    return closed({key: {"type": "string", "description": meaning} for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """A text that differs from the response in more than blanks around it, or none where that is allowed."""
    for key, text in answer.items():
        if text and not text.strip():
            raise InvalidAnswer("Holds nothing but blanks.", key)
        if not text and not asked.settings["unchanged"]:
            raise InvalidAnswer("Correct this response; it may not be left as it is.", key)
        if text and _same(text, asked.texts.get(key, "")):
            raise InvalidAnswer("This is the response as it was; say that there is nothing to correct.", key)
        if len(text) > MOST:
            raise InvalidAnswer(f"Longer than {MOST:,} characters.", key)


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Revision,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Revision for each response; one without a text where there is nothing to correct."""
    for key in asked.responses:
        yield Revision(**asked.source, response=key, text=answer[key])


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A revision that says the same as its response says that there is nothing to correct."""
    answer = {}
    for r in asked.own(records, Revision):
        answer[r.response] = "" if _same(r.text, asked.texts.get(r.response, "")) else r.text
    return answer or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: a score has no words."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Whether it was corrected as category, and the corrected text as content."""
    for r in records:
        if isinstance(r, Revision):
            category = "corrected" if r.text else "unchanged"
            yield Reading(r.item, r.response, r.dimension, r.rater, category, content=r.text or None)


# Whether anything is to be corrected, and how far two corrections lie apart. The words of the whole texts are
# compared, not the edits: two people correct one fault in different places, and the records alone do not hold the
# response as it was. Corrections of one response share most words, so alpha, which measures them against those of
# other responses, is high by nature: compare it between raters and projects, not with other kinds.
MEASURES = ("nominal", text_distance)


def example() -> tuple[Asked, Answer]:
    """A wrong figure put right; the other response needs nothing."""
    texts = {"r1": "Water boils at 90 °C at sea level.", "r2": "At 100 °C, at sea level."}
    return Asked("revision", {"unchanged": True}, ("r1", "r2"), texts), {
        "r1": "Water boils at 100 °C at sea level.",
        "r2": "",
    }


def _same(x: str, y: str) -> bool:
    """Whether two texts differ in blanks around them and in how their lines end (browsers change that) at most."""
    return "\n".join(x.splitlines()).strip() == "\n".join(y.splitlines()).strip()
