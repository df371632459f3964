"""Step labels: each step of a response's reasoning or trajectory judged, up to the first wrong one or to the end.

Answer: ``{"r1": ["right", "right", "neutral", "wrong"]}``, one label a step, counted from 0. Where only the first
error is asked for, the list ends with it, and a list of all steps without "wrong" says that there is none. In
the mode "progress" the list holds percentages: ``{"r1": [10, 40, 100]}``. How a response is cut into steps:
`annotate.steps`. Labels are those of PRM800K (https://arxiv.org/abs/2305.20050), first errors those of
BIG-Bench-Mistake (https://arxiv.org/abs/2311.08516). Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed
from annotate.records import Record, StepLabel
from annotate.steps import SPLITS, Part, Step

TITLE = "Steps"
SUMMARY = "Each step of reasoning or of an agent's work: right or wrong, the first error only, or the progress made."
ARITY = None
MEASURES = ("nominal", "ordinal")
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "mode": {
            "type": "string",
            "enum": ["labels", "first_error", "progress"],
            "default": "labels",
            "title": "Asked of each step",
            "description": "labels: right, neutral or wrong; first_error: the first wrong step, or none; "
            "progress: how much of the task is done after it, 0 to 100.",
        },
        "neutral": {
            "type": "boolean",
            "default": True,
            "title": "Neutral",
            "description": "A step may be neither right nor wrong, such as one that is correct and leads nowhere.",
        },
        "unsure": {
            "type": "boolean",
            "default": True,
            "title": "Unsure",
            "description": "A step may be left undecided.",
        },
        "until_error": {
            "type": "boolean",
            "default": False,
            "title": "Stop at the first error",
            "description": "What comes after a wrong step is not asked about, for it builds on the error.",
        },
        "split": {
            "type": "string",
            "enum": list(SPLITS),
            "default": "paragraphs",
            "title": "Cut at",
            "description": "Where a response that brings no list of steps is cut: blank lines, lines, "
            "lines that begin with “Step 1”, or a marker.",
        },
        "marker": {
            "type": "string",
            "maxLength": 20,
            "default": "ки",
            "title": "Marker",
            "description": "What stands after each step if texts are cut at a marker.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "prm800k": {"mode": "labels", "neutral": True, "unsure": True, "until_error": True},
    "big_bench_mistake": {"mode": "first_error"},
    "right_wrong": {"mode": "labels", "neutral": False, "unsure": False},
    "progress": {"mode": "progress"},
}
PROGRESS = "progress"
FIRST_ERROR = "first_error"
_VALUES: dict[str, float | None] = {"right": 1, "neutral": 0, "wrong": -1, "unsure": None}
_NAMES = {value: name for name, value in _VALUES.items()}
_HEAD = 80  # characters of a step that a judge is reminded of


def labels(asked: Asked) -> list[str]:
    """What a step can be called."""
    if asked.settings["mode"] == FIRST_ERROR:
        return ["right", "wrong"]
    return [name for name in _VALUES if asked.settings.get(name, True)]


def schema(asked: Asked) -> dict[str, Any]:
    """A list for each response: of percentages or of labels, as long as it has steps, or up to the first error."""
    mode = asked.settings["mode"]
    meaning = {"right": "right", "neutral": "neither", "wrong": "wrong", "unsure": "cannot tell"}
    said = "; ".join(f"{name}: {meaning[name]}" for name in labels(asked))
    item: dict[str, Any] = {"type": "string", "enum": labels(asked), "description": said}
    if mode == PROGRESS:
        item = {"type": "integer", "minimum": 0, "maximum": 100, "description": "Percent done after the step"}
    short = _may_end_early(asked)
    lists = {}
    for key in asked.responses:
        steps = asked.steps.get(key, ())
        heads = "; ".join(f"{i}: {' '.join(step.text.split())[:_HEAD]}" for i, step in enumerate(steps, 1))
        least = min(1, len(steps)) if short else len(steps)
        said = f"The steps in order{', up to the first wrong one' if short else ''}. {heads}"
        lists[key] = {"type": "array", "items": item, "minItems": least, "maxItems": len(steps), "description": said}
    return closed(lists)


def check(answer: Answer, asked: Asked) -> None:
    """Where a list may end early, it ends with the first wrong step; every step before the first error is right."""
    if not _may_end_early(asked):
        return
    for key, given in answer.items():
        first = given.index("wrong") if "wrong" in given else None
        if first is None and len(given) < len(asked.steps.get(key, ())):
            raise InvalidAnswer("There are more steps, and none of these is wrong.", f"{key}/{len(given) - 1}")
        if first is not None and first < len(given) - 1:
            raise InvalidAnswer("Steps after the first error are not judged.", f"{key}/{first + 1}")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (StepLabel,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One StepLabel for each step judged."""
    progress = asked.settings["mode"] == PROGRESS
    for key in asked.responses:
        for step, given in enumerate(answer[key]):
            value = float(given) if progress else _VALUES[given]
            yield StepLabel(
                **asked.source, dimension=PROGRESS if progress else "", response=key, step=step, value=value
            )


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """The labels in order; a step without one stays None, for `validate` to report."""
    mode = asked.settings["mode"]
    found: dict[str, dict[int, float | None]] = {}
    for r in asked.own(records, StepLabel):
        if r.dimension == (PROGRESS if mode == PROGRESS else ""):
            found.setdefault(r.response, {})[r.step] = r.value
    if not found:
        return None
    answer: dict[str, list[Any]] = {key: [] for key in asked.responses}
    for key, by_step in found.items():
        if _may_end_early(asked) and (wrong := [step for step, value in by_step.items() if value == -1]):
            by_step = {step: value for step, value in by_step.items() if step <= min(wrong)}
        answer[key] = [_given(by_step[step], mode) if step in by_step else None for step in range(max(by_step) + 1)]
    return answer


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell where."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Each step's label as category and level, its progress as level.

    In a dimension of its own, "first_error": the number of a response's first wrong step, counted from 0, or "none".
    """
    first: dict[tuple[str, ...], int | None] = {}
    for r in records:
        if not isinstance(r, StepLabel):
            continue
        category = "" if r.dimension == PROGRESS else _NAMES.get(r.value, "")
        yield Reading(r.item, f"{r.response}#{r.step}", r.dimension, r.rater, category, r.value)
        if r.dimension != PROGRESS:
            sheet = (r.item, r.response, r.rater, r.annotation)
            known = first.setdefault(sheet, None)
            if r.value == -1:
                first[sheet] = r.step if known is None else min(known, r.step)
    for (item, response, rater, _), step in first.items():
        yield Reading(item, response, FIRST_ERROR, rater, "none" if step is None else str(step))


def example() -> tuple[Asked, Answer]:
    """A trajectory with a call and a proof; the proof has a wrong step."""
    call = Step(
        (Part("text", "I look it up."), Part("call", '{"q": "7 * 8"}', "search"), Part("result", "56", "search"))
    )
    settings = {
        **{"mode": "labels", "neutral": True, "unsure": True, "until_error": False},
        **{"split": "paragraphs", "marker": "ки"},
    }
    proof = tuple(Step((Part("text", text),)) for text in ("7 · 8 = 54.", "So it is 54."))
    steps = {"r1": (call, Step((Part("text", "So it is 56."),))), "r2": proof}
    texts = {key: "\n\n".join(step.text for step in own) for key, own in steps.items()}
    asked = Asked("steps", settings, ("r1", "r2"), texts, steps=steps)
    return asked, {"r1": ["neutral", "right"], "r2": ["wrong", "unsure"]}


def _may_end_early(asked: Asked) -> bool:
    return asked.settings["mode"] == FIRST_ERROR or (
        asked.settings["mode"] == "labels" and bool(asked.settings["until_error"])
    )


def _given(value: float | None, mode: str) -> Any:
    if mode != PROGRESS:
        return _NAMES.get(value)
    return round(value) if value is not None else None
