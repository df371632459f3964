"""Answers made from a score for each response, through the feedback kind's own `from_scores`."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotate import feedback
from annotate.feedback import OVERALL, Answer, Asked
from curation.judges import Case, Judgement, Sample

NEAR_CERTAIN = math.log(0.95 / 0.05)  # the logit of 95 %


def can_score(kind: str, asked: Asked) -> bool:
    """Whether scores answer the question."""
    distinct = {key: float(place) for place, key in enumerate(asked.responses)}
    return bool(distinct) and feedback.get(kind).from_scores(distinct, asked) is not None


def is_comparison(kind: str, asked: Asked) -> bool:
    """Whether scores answer it and several responses are held against each other."""
    return len(asked.responses) > 1 and feedback.get(kind).ARITY != 1 and can_score(kind, asked)


def dimensions(asked: Asked) -> list[Mapping[str, Any]]:
    """What is judged apart: the item's criteria where the question wants them, its dimensions, or the whole."""
    if asked.settings.get("criteria") == "item" and asked.criteria:
        return [{"name": criterion["name"], "title": criterion["text"]} for criterion in asked.criteria]
    return list(asked.settings.get("dimensions") or [{"name": OVERALL}])


def answer_from(kind: str, asked: Asked, scores: Mapping[str, Mapping[str, float]]) -> Answer | None:
    """The answer that scores by dimension and response key give; None where a dimension has none."""
    module = feedback.get(kind)
    apart = dimensions(asked)
    if [dimension["name"] for dimension in apart] == [OVERALL]:
        return module.from_scores(scores[OVERALL], asked)
    answer = {}
    for dimension in apart:
        narrowed = replace(asked, settings={**asked.settings, "dimensions": [dimension]}, criteria=())
        part = module.from_scores(scores[dimension["name"]], narrowed)
        if part is None:
            return None
        answer.update(part)
    return answer


def judged(
    case: Case,
    scores: Mapping[str, Mapping[str, float]],
    samples: Sequence[Sample] = (),
    *,
    probable: bool = True,
    **notes: Any,
) -> Judgement:
    """A judgement from log-odds scores by dimension and response key; ``probable``: their sigmoids are meant."""
    answer = answer_from(case.kind, case.asked, scores)
    probs = {}
    if probable and len(case.asked.responses) == 2 and feedback.get(case.kind).ARITY == 2:
        each = {name: preference(of, case.asked.responses) for name, of in scores.items()}
        probs = {name: of for name, of in each.items() if of}
    whole = {"scores": dict(scores[OVERALL])} if list(scores) == [OVERALL] else {"scores": scores}
    return Judgement(answer, probs, tuple(samples), {**whole, **notes})


def whole(case: Case, score: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """The same scores for every dimension asked."""
    return {dimension["name"]: dict(score) for dimension in dimensions(case.asked)}


def preference(score: Mapping[str, float], responses: Sequence[str]) -> dict[str, float]:
    """Bradley-Terry: the probability of each of two responses to be the better one; {} without finite scores."""
    a, b = responses
    difference = score.get(a, math.nan) - score.get(b, math.nan)
    if math.isnan(difference):
        return {}
    p = 0.5 * (1 + math.tanh(difference / 2))
    return {a: p, b: 1 - p}


def logit(p: float, least: float = 1e-6) -> float:
    """Log-odds of a probability, kept off 0 and 1."""
    p = min(max(p, least), 1 - least)
    return math.log(p / (1 - p))
