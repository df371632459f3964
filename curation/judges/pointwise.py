"""Each response alone, against the guidelines and the item's criteria; so no order can sway the judge.

Where responses are compared, each gets points on a scale, and the points answer through the kind's `from_scores`.
Where each response is answered for by itself (a verdict, a rubric, a critique), the kind's own form is filled in.
"""

from collections.abc import Mapping
from dataclasses import replace
from statistics import fmean
from typing import Any

from annotate import feedback
from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, closed
from curation.judges import Case, Judgement, Sample, Tools
from curation.judges._merge import Vote, distribution, merge
from curation.judges._prompt import Shown, messages
from curation.judges._reply import ask
from curation.judges._scores import NEAR_CERTAIN, dimensions, is_comparison, judged
from curation.judges._settings import DECISIVE, MAX_TOKENS, SAMPLES, TEMPERATURE, has_form, settings_schema

TITLE = "Pointwise"
SUMMARY = "Judges each response alone, against the guidelines and criteria; compares them by their points."
KIND = "language_model"
NEEDS = frozenset({"ask"})
SETTINGS = settings_schema(
    scale={"type": "integer", "minimum": 2, "maximum": 100, "default": 10, "title": "Most points"},
    decisive={**DECISIVE, "default": 3},
    samples=SAMPLES,
    temperature=TEMPERATURE,
    max_tokens=MAX_TOKENS,
)
PROMPT = """\
You are a careful and impartial judge of one response to a conversation. Judge it by the guidelines and criteria that \
you are given; where there are none, by how well it serves the person who asked: does it do what was asked, is it \
right, is it complete, is it clear? Neither its length nor a confident tone makes it better."""
POINTS = "Give the response points from 1 (useless) to {scale} (could not be better); use the whole scale."


def can_answer(kind: str, asked: Asked) -> bool:
    """What scores answer, and what is answered response by response."""
    return has_form(kind, asked) and (is_separate(kind, asked) or is_comparison(kind, asked))


def is_separate(kind: str, asked: Asked) -> bool:
    """Whether a response's part of the answer is its own, the same form whatever other responses there are."""
    schema = feedback.get(kind).schema(asked)["properties"]
    return set(schema) == set(asked.responses) and all(
        feedback.get(kind).schema(_alone(asked, key))["properties"][key] == schema[key] for key in asked.responses
    )


def judge(case: Case, tools: Tools) -> Judgement:
    """No answer where a response has none."""
    return _separate(case, tools) if is_separate(case.kind, case.asked) else _by_points(case, tools)


def _by_points(case: Case, tools: Tools) -> Judgement:
    scale, samples = tools.settings["scale"], []
    rows = {row["name"]: _points(row, scale) for row in dimensions(case.asked)}
    points: dict[str, dict[str, float]] = {name: {} for name in rows}
    for key in case.asked.responses:
        shown = Shown(case, (key,))
        sent = messages(tools.prompt or PROMPT, shown, closed(rows), task=POINTS.format(scale=scale), examples=False)
        replies = ask(tools, sent, closed(rows), n=tools.settings["samples"])
        samples += [reply.sample(shown) for reply in replies]
        given = [reply.value for reply in replies if not reply.error]
        for name in rows:
            if given:
                points[name][key] = fmean(value[name] for value in given)
    unit = NEAR_CERTAIN / tools.settings["decisive"]
    scores = {name: {key: value * unit for key, value in of.items()} for name, of in points.items()}
    found = judged(case, scores, samples)
    kept: Mapping[str, Any] = points[OVERALL] if list(points) == [OVERALL] else points
    return replace(found, notes={**found.notes, "points": kept})


def _separate(case: Case, tools: Tools) -> Judgement:
    answer: dict[str, Any] = {}
    probs: dict[str, dict[str, float]] = {}
    samples: list[Sample] = []
    for key in case.asked.responses:
        part = replace(case, asked=_alone(case.asked, key))
        shown = Shown(part, (key,))
        replies = ask(
            tools, messages(tools.prompt or PROMPT, shown, shown.schema), shown.schema, n=tools.settings["samples"]
        )
        own = [reply.sample(shown, reply.value) for reply in replies]
        votes = [Vote(sample.answer) for sample in own if sample.answer is not None]
        samples += own
        probs |= distribution(part.kind, part.asked, votes)
        answer |= merge(part.kind, part.asked, votes) or {}
    return Judgement(_valid(case, answer), probs, tuple(samples))


def _valid(case: Case, answer: Answer) -> Answer | None:
    try:
        feedback.validate(case.kind, answer, case.asked)
    except InvalidAnswer:
        return None
    return answer


def _alone(asked: Asked, key: str) -> Asked:
    return replace(asked, responses=(key,), texts={key: asked.texts.get(key, "")})


def _points(row: Mapping[str, Any], scale: int) -> dict[str, Any]:
    meaning = ": ".join(part for part in (row.get("title"), row.get("help")) if part)
    return {"type": "integer", "minimum": 1, "maximum": scale, **({"description": meaning} if meaning else {})}
