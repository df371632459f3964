"""Noise review: a person walks the pairs of a selection, one key a pair. Each is a normal answer to a normal task.

Nothing is taken from the queue by looking: the task is leased when the answer comes (`annotate.queue.take`), so a pair
that is only looked at blocks nobody, and one person's answer counts once however it was given.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from annotate import feedback, queue
from annotate.discovery import UnknownPlugin
from annotate.media.selectors import images as shown_files
from annotate.models import Annotation, Project, Question, Rater, Skip
from annotate.workbench import files_of
from curation import filters, selection
from curation.models import Selection, SelectionEntry
from curation.selection import _dealing

FILTERS = ("slice", "filter", "reason")


@dataclass(frozen=True)
class Step:
    """One button: its answer as the form takes it, what it says, and its keys."""

    name: str
    title: str
    keys: tuple[str, ...]
    side: str = ""


def question_of(project: Project, name: str) -> Question | None:
    """The question, if one key can answer the whole form: a pairwise one as a whole, and nothing else required."""
    questions = list(project.form.questions.all())
    own = next((row for row in questions if row.name == name and row.kind == "pairwise"), None)
    if own is None or any(row.required for row in questions if row.pk != own.pk):
        return None
    return None if feedback.settings_with_defaults(own.kind, own.settings)["dimensions"] else own


def steps(question: Question) -> list[Step]:
    """The choices from "A is far better" to "B is"; A and B are the sides as shown, digits go from left to right."""
    settings = feedback.settings_with_defaults(question.kind, question.settings)
    strengths = list(enumerate(settings["labels"], 1))
    found = [("a", strength, label) for strength, label in reversed(strengths)]
    found += [("tie", 0, "Tie")] if settings["tie"] else []
    found += [("b", strength, label) for strength, label in strengths]
    found += [("both_bad", 0, "Both bad")] if settings["both_bad"] else []
    letters = {"a": "a", "b": "b", "tie": "t", "both_bad": "x"}
    return [
        Step(
            f"{side}:{strength}",
            f"{side.upper()} {label}" if side in "ab" else label,
            (*((letters[side],) if strength <= 1 else ()), str(number)),
            side if side in "ab" else "",
        )
        for number, (side, strength, label) in enumerate(found, 1)
    ]


def entries(found: Selection, **wanted: str) -> QuerySet[SelectionEntry]:
    """The entries of a selection in their order, of one slice, filter or reason where wanted."""
    return found.entries.filter(**{name: value for name, value in wanted.items() if name in FILTERS and value})


def left(found: QuerySet[SelectionEntry], chosen: Selection, rater: Rater) -> QuerySet[SelectionEntry]:
    """Those that this person has neither answered since the selection was made nor passed over."""
    mine = {"task": OuterRef("task"), "rater": rater}
    said = Annotation.objects.filter(**mine, is_current=True, submitted_at__gte=chosen.created_at)
    passed = Skip.objects.filter(**mine, created_at__gte=chosen.created_at)
    return found.exclude(Exists(said)).exclude(Exists(passed))


def progress(found: QuerySet[SelectionEntry], chosen: Selection, rater: Rater) -> dict[str, int]:
    """``done`` of ``total`` for this person."""
    total = found.count()
    return {"done": total - left(found, chosen, rater).count(), "total": total}


def shown(entry: SelectionEntry, question: Question, rater: Rater, *, tells_label: bool) -> dict[str, Any]:
    """A pair as this person sees it: sides in their own order, the label only where the page is to tell it."""
    task = entry.task
    order = [key for key in queue.shown_order(task=task, rater=rater) if key in (entry.key_a, entry.key_b)]
    responses = {response.key: response for response in task.item.responses.all()}
    files = shown_files(task.project.organisation_id, [ref for key in order for ref in responses[key].media])
    annotation = Annotation.objects.filter(task=task, rater=rater, is_current=True).first()
    return {
        "entry": entry,
        "prompt": task.item.prompt,
        "responses": [
            {
                "letter": letter,
                "text": responses[key].text,
                "media": files_of(files, responses[key].media, f"Response {letter}"),
            }
            for letter, key in zip("AB", order, strict=True)
        ],
        "reason": reason(entry),
        "label": label(entry, order) if tells_label else "",
        "steps": steps(question),
        "given": _given(annotation, question, order),
    }


def reason(entry: SelectionEntry) -> dict[str, str]:
    """Which filter or strategy chose the pair, and why, in words; codes where the plug-in is gone."""
    if entry.slice == SelectionEntry.Slice.RANDOM:
        return {"by": "Random slice", "text": _dealing.REASONS[_dealing.REASON]}
    try:
        module = filters.get(entry.filter) if entry.filter else selection.get(entry.selection.strategy)
    except UnknownPlugin:
        return {"by": entry.filter or entry.selection.strategy, "text": entry.reason}
    return {"by": module.TITLE, "text": module.REASONS.get(entry.reason, entry.reason)}


def label(entry: SelectionEntry, order: list[str]) -> str:
    """The label that the pair had when it was chosen, by the letters shown."""
    if entry.label is None:
        return "no label"
    if entry.label == 0.5:
        return "a tie"
    winner = entry.key_a if entry.label > 0.5 else entry.key_b
    return "AB"[order.index(winner)]


def answer(
    entry: SelectionEntry, question: Question, rater: Rater, *, choice: str, submission: UUID, seconds: float | None
) -> dict[str, str]:
    """Store one step's name as this person's answer to the task; what the label was, and what they said, in letters.

    Raises
    ------
    ValidationError
        If there is no such step.
    """
    step = next((step for step in steps(question) if step.name == choice), None)
    if step is None:
        raise ValidationError("Choose one of the answers shown.")
    order = queue.take(task=entry.task, rater=rater).shown or entry.task.responses
    order = [key for key in order if key in (entry.key_a, entry.key_b)]
    side, _, strength = choice.partition(":")
    chosen = {"a": order[0], "b": order[1]}.get(side, side)
    verdict = {feedback.OVERALL: {"chosen": chosen, "strength": int(strength)}}
    queue.submit(task=entry.task, rater=rater, answers={question.name: verdict}, submission=submission, seconds=seconds)
    return {"said": step.title, "label": label(entry, order)}


def pass_over(entry: SelectionEntry, rater: Rater) -> None:
    """Leave a pair to others; one that this person answered keeps its answer."""
    if not isinstance(queue.take(task=entry.task, rater=rater), Annotation):
        queue.skip(task=entry.task, rater=rater, reason="Passed over in review")


def choices(found: Selection) -> dict[str, list[dict[str, str]]]:
    """What the page can be narrowed to: value and title of each slice, filter and reason that the selection holds."""
    rows = found.entries.order_by().values("slice", "filter", "reason").distinct()
    samples = [SelectionEntry(selection=found, **row) for row in rows]
    titles: dict[str, dict[str, str]] = {name: {} for name in FILTERS}
    for sample in samples:
        words = reason(sample)
        titles["slice"][sample.slice] = sample.slice
        titles["reason"][sample.reason] = words["text"]
        if sample.filter:
            titles["filter"][sample.filter] = words["by"]
    return {
        name: [{"value": value, "title": title} for value, title in sorted(own.items())] for name, own in titles.items()
    }


def _given(annotation: Annotation | None, question: Question, order: list[str]) -> str:
    """The step that this person chose before; "" where they did not."""
    verdict = (annotation.answers.get(question.name) or {}).get(feedback.OVERALL) if annotation else None
    if not verdict:
        return ""
    side = {order[0]: "a", order[1]: "b"}.get(verdict["chosen"], verdict["chosen"])
    return f"{side}:{verdict['strength']}"
