"""An answer in words, for lists: one short line for each thing that it says. Plain text, never HTML."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate import feedback
from annotate.models import Annotation
from annotate.records import (
    Check,
    Critique,
    Preference,
    Ranking,
    Rating,
    Record,
    Region,
    Revision,
    Score,
    Span,
    StepLabel,
    TimeRange,
    Verdict,
)

QUOTE = 160
Letters = Mapping[str, str]


def of_annotation(annotation: Annotation, letters: Letters) -> list[str]:
    """Every question's answer, in the form's order; several questions are named."""
    questions = list(annotation.form.questions.all())
    lines = []
    for question in questions:
        for line in of_answer(question, annotation.answers.get(question.name), annotation.task, letters):
            lines.append(f"{question.title}: {line}" if len(questions) > 1 else line)
    return lines


def of_answer(question: Any, answer: Any, task: Any, letters: Letters) -> list[str]:
    """One answer to a `annotate.models.Question` about an `annotate.models.Task`."""
    if answer is None:
        return []
    settings = feedback.settings_with_defaults(question.kind, question.settings)
    asked = feedback.Asked(question.name, settings, tuple(task.responses), criteria=tuple(task.item.criteria))
    titles = {row["name"]: row.get("title") or row["name"] for row in settings.get("dimensions", [])}
    records = list(feedback.get(question.kind).to_records(answer, asked))
    steps = [record for record in records if isinstance(record, StepLabel)]
    lines = [_trace(list(own), letters) for _response, own in groupby(steps, lambda step: step.response)]
    for record in (record for record in records if not isinstance(record, StepLabel)):
        said = _SAID.get(type(record), _plain)(record, letters, settings)
        lines.append(f"{titles.get(record.dimension, record.dimension)}: {said}" if record.dimension else said)
    return lines


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:QUOTE]}…”" if len(text) > QUOTE else f"“{text}”"


def _of(key: str, letters: Letters) -> str:
    return letters.get(key, key)


def _preference(record: Preference, letters: Letters, settings: Mapping[str, Any]) -> str:
    if "schedule" in settings:  # one match of a tournament
        sign = {"a": ">", "b": "<"}.get(record.outcome, "=")
        return f"{_of(record.a, letters)} {sign} {_of(record.b, letters)}"
    if record.outcome in ("tie", "both_bad"):
        return {"tie": _("tie"), "both_bad": _("both bad")}[record.outcome]
    labels = settings.get("labels") or [_("better")]
    step = labels[record.strength - 1] if record.strength <= len(labels) else _("better")
    return f"{_of(record.a if record.outcome == 'a' else record.b, letters)} {step}"


def _ranking(record: Ranking, letters: Letters, settings: Mapping[str, Any]) -> str:
    places: dict[int, list[str]] = {}
    for key, rank in record.ranks.items():
        places.setdefault(rank, []).append(_of(key, letters))
    return " > ".join(" = ".join(sorted(names)) for _rank, names in sorted(places.items()))


def _check(record: Check, letters: Letters, settings: Mapping[str, Any]) -> str:
    verdict = {True: _("met"), False: _("not met"), None: _("does not apply")}[record.met]
    errors = {error["name"]: error.get("title") or error["name"] for error in settings.get("errors", [])}
    if record.criterion in errors:
        return f"{_of(record.response, letters)} {errors[record.criterion]}: {_('yes') if record.met else _('no')}"
    if record.criterion == (record.dimension or feedback.OVERALL):
        return f"{_of(record.response, letters)} {verdict}"
    if record.credit is not None:
        verdict = _("%(share)s met") % {"share": f"{record.credit:.0%}"}
    return f"{_of(record.response, letters)} {record.criterion}: {verdict}"


def _rating(record: Rating, letters: Letters, settings: Mapping[str, Any]) -> str:
    words = {anchor["value"]: anchor["label"] for anchor in settings.get("anchors", [])}
    place = round((record.value - record.low) / settings["step"]) if settings.get("levels") else -1
    levels = [level.get("title", "") for level in settings.get("levels", [])]
    word = levels[place] if 0 <= place < len(levels) else words.get(record.value)
    said = _("%(value)s of %(most)s") % {"value": f"{record.value:g}", "most": f"{record.high:g}"}
    return f"{_of(record.response, letters)} {said}{f' ({word})' if word else ''}"


def _critique(record: Critique, letters: Letters, settings: Mapping[str, Any]) -> str:
    head = " ".join(part for part in (_of(record.response, letters), record.aspect) if part)
    return f"{head}: {_quoted(record.text)}" if head else _quoted(record.text)


def _span(record: Span, letters: Letters, settings: Mapping[str, Any]) -> str:
    if not record.category:
        return f"{_of(record.response, letters)} {_('nothing to mark')}"
    place = f"{record.start}–{record.end}" if record.end else ""
    return _mark(record, place, letters, severity=record.severity)


def _region(record: Region, letters: Letters, settings: Mapping[str, Any]) -> str:
    if not record.category:
        return f"{_of(record.response, letters) or _('source')} {_('nothing to mark')}"
    image = _("image %(number)d") % {"number": record.image + 1} if record.image else ""
    return _mark(record, f"{image} {record.shape}".strip(), letters, severity=record.severity)


def _time_range(record: TimeRange, letters: Letters, settings: Mapping[str, Any]) -> str:
    if not record.category:
        return f"{_of(record.response, letters)} {_('nothing to mark')}"
    return _mark(record, f"{record.begin:g}–{record.finish:g} s", letters)


def _mark(record: Span | Region | TimeRange, place: str, letters: Letters, severity: str = "") -> str:
    parts = [_of(record.response, letters) or _("source"), place, record.category, severity]
    if record.explanation:
        parts.append(_quoted(record.explanation))
    return " ".join(part for part in parts if part)


def _verdict(record: Verdict, letters: Letters, settings: Mapping[str, Any]) -> str:
    label = "good_label" if record.good else "bad_label"
    return f"{_of(record.response, letters)} {settings.get(label, label.removesuffix('_label')).lower()}"


def _revision(record: Revision, letters: Letters, settings: Mapping[str, Any]) -> str:
    if not record.text:
        return f"{_of(record.response, letters)} {_('nothing to correct')}"
    return f"{_of(record.response, letters)} {_('rewritten:')} {_quoted(record.text)}"


def _trace(steps: list[StepLabel], letters: Letters) -> str:
    """All steps of one response; neighbours that are called the same stand together."""
    words = {1: _("right"), 0: _("neutral"), -1: _("wrong"), None: _("unsure")}
    said = []
    for value, run in groupby(steps, lambda step: step.value):
        numbers = [step.step + 1 for step in run]
        which = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else f"{numbers[0]}"
        progress = steps[0].dimension == "progress" and value is not None
        said.append(f"{which} {f'{value:g} %' if progress else words.get(value, value)}")
    line = ngettext("%(response)s step %(said)s", "%(response)s steps %(said)s", len(steps))
    return line % {"response": _of(steps[0].response, letters), "said": ", ".join(said)}


def _plain(record: Record, letters: Letters, settings: Mapping[str, Any]) -> str:
    response = _of(getattr(record, "response", ""), letters)
    return _("%(kind)s of %(response)s") % {"kind": record.name.replace("_", " "), "response": response}


_SAID: dict[type[Record], Callable[[Any, Letters, Mapping[str, Any]], str]] = {
    Preference: _preference,
    Ranking: _ranking,
    Check: _check,
    Critique: _critique,
    Span: _span,
    Region: _region,
    TimeRange: _time_range,
    Revision: _revision,
    Rating: _rating,
    Verdict: _verdict,
    Score: lambda record, letters, _settings: f"{_of(record.response, letters)} {record.value:.3g}",
}
