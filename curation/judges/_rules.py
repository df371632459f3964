"""What all rules share: a check of one response in, a score a response, an answer by `from_scores`.

A rule sees no person's answer and asks no model. Where it is not told what to check it gives no answer and says so.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from annotate import feedback
from curation.judges import Case, Judgement, Sample
from curation.judges._scores import answer_from, whole


class Checked(NamedTuple):
    """What a rule finds of one response: the share of its checks that hold, in [0, 1], and what does not."""

    score: float
    faults: tuple[str, ...] = ()


def ruled(case: Case, check: Callable[[str, str], Checked], **notes: Any) -> Judgement:
    """``check`` (response key, text) on every response; equal scores are a tie where the form allows one.

    A single response is good where every check holds, whatever threshold the form has for reward models.
    """
    found = {key: check(key, case.asked.texts.get(key, "")) for key in case.asked.responses}
    scores = {key: one.score for key, one in found.items()}
    samples = tuple(Sample((key,), "\n".join(one.faults)) for key, one in found.items())
    given: Mapping[str, float] = scores
    if feedback.get(case.kind).ARITY == 1:
        threshold = float(case.asked.settings.get("threshold", 0))
        given = {key: threshold + (1 if score >= 1 else -1) for key, score in scores.items()}
    faults = {key: list(one.faults) for key, one in found.items()}
    answer = answer_from(case.kind, case.asked, whole(case, given))
    return Judgement(answer, {}, samples, {"scores": scores, "faults": faults, **notes})


def nothing_to_check(reason: str) -> Judgement:
    """No answer, with the reason."""
    return Judgement(None, {}, (Sample((), "", error=reason),))


def share_of(checks: Mapping[str, bool]) -> Checked:
    """The share of named checks that hold, and the names of the others."""
    return Checked(sum(checks.values()) / len(checks), tuple(name for name, holds in checks.items() if not holds))


def from_item(case: Case, field: str, given: Any) -> Any:
    """What to check: the setting where it is given, else the item's metadata under ``field``; None where neither."""
    return given if given not in ("", [], {}, None) else case.metadata.get(field)


FIELD = {
    "type": "string",
    "minLength": 1,
    "maxLength": 80,
    "title": "Field of the item",
    "description": "Read from the item's metadata where the setting above is empty.",
}
