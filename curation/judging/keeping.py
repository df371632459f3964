"""Judgements as annotations: checked by the people's own form, with everything that was said; the rest as refusals."""

import math
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotate import conditions, feedback
from annotate.feedback import InvalidAnswer
from annotate.models import Annotation, Task
from annotate.services import NewAnnotation, add_annotations
from curation.judges import Case, Judgement, Sample
from curation.judging import library
from curation.judging.cases import Key
from curation.judging.ledger import NO_TEXT
from curation.judging.session import Judged
from curation.models import JudgeRun, Refusal

MOST_RAW = 10_000  # characters of a sample that an annotation keeps; the request's own row keeps all
MOST_SAMPLES = 200
Found = Mapping[str, tuple[Case, Judged]]


class Keeper:
    """Keeps a task once all its questions are judged, in one transaction with the run's counts."""

    def __init__(self, run: JudgeRun) -> None:
        self._run, self._form, self._skills = run, run.project.form, library.names_of(run.judge)
        self._questions = list(self._form.questions.all())
        self._found: dict[int, dict[str, tuple[Case, Judged]]] = {}

    def keep(self, key: Key, case: Case, judged: Judged) -> None:
        """One question's judgement; the task is kept with its last."""
        found = self._found.setdefault(key.task, {})
        found[key.question] = case, judged
        if len(found) == key.of:
            self._keep(key.task, self._found.pop(key.task))

    @transaction.atomic
    def _keep(self, pk: int, found: Found) -> None:
        run, task = self._run, Task.objects.get(pk=pk)
        answers: dict[str, Any] = {}
        outcomes = set()
        for question, (case, judged) in found.items():
            kind, reason = _fault(case, judged)
            if not reason and judged.judgement is not None:
                answers[question] = storable(judged.judgement.answer)
                continue
            outcomes.add(kind)
            said = _samples(question, judged.judgement)
            Refusal.objects.get_or_create(
                run=run,
                task=task,
                question=question,
                defaults={"judge": run.judge, "kind": kind, "reason": storable(reason)[:500], "samples": said},
            )
        # A model is asked everything at once; what its own answers leave unasked does not count.
        held = [(q.name, q.condition if q.condition.get("question") in found else {}) for q in self._questions]
        asked = conditions.asked(held, answers)
        answers = {name: answer for name, answer in answers.items() if name in asked}
        if answers:
            shown = _shown(task, found)
            new = NewAnnotation(task, run.judge.rater, answers, shown=shown, metadata=self._metadata(found))
            add_annotations(form=self._form, annotations=[new], status=Annotation.Status.UNASKED)
        for name in ("tasks", *(["answered"] if answers else []), *map(str, outcomes)):
            run.counts[name] = run.counts.get(name, 0) + 1
        run.save(update_fields=["counts"])

    def _metadata(self, found: Found) -> dict[str, Any]:
        judge, judged = self._run.judge, [one for _, one in found.values()]
        said = {question: one.judgement for question, (_, one) in found.items() if one.judgement is not None}
        return storable(
            {
                "judge": judge.name,
                "version": judge.version,
                "run": self._run.pk,
                "model": ", ".join(dict.fromkeys(model for one in judged for model in one.models)),
                "endpoint": judge.endpoint,
                "prompt_hash": judge.prompt_hash,
                **({"skills": self._skills} if self._skills else {}),
                "probs": {question: one.probs for question, one in said.items() if one.probs},
                "samples": [sample for question, one in said.items() for sample in _samples(question, one)],
                "notes": {question: one.notes for question, one in said.items() if one.notes},
                "tokens": {
                    "input": sum(one.input_tokens for one in judged),
                    "output": sum(one.output_tokens for one in judged),
                },
                "cost": sum(one.cost for one in judged),
                "seconds": sum(one.seconds for one in judged),
            }
        )


def storable(value: Any) -> Any:
    """Plain JSON that every database keeps: no NUL, no half surrogate pairs, None for a number that is not finite."""
    if isinstance(value, str):
        return value.translate(NO_TEXT)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name).translate(NO_TEXT): storable(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(part) for part in value]
    return value


def _fault(case: Case, judged: Judged) -> tuple[str, str]:
    """Of what kind a refusal is and why; two empty strings where the judgement is an answer that the form allows."""
    if judged.judgement is None:
        return Refusal.Kind.FAILED, judged.reason
    if judged.judgement.answer is None:
        errors = [sample.error for sample in judged.judgement.samples if sample.error]
        return Refusal.Kind.UNPARSED, errors[0] if errors else "What was said does not make one answer."
    try:
        feedback.validate(case.kind, judged.judgement.answer, case.asked)
    except InvalidAnswer as error:
        return Refusal.Kind.UNPARSED, f"{error.path}: {error}" if error.path else str(error)
    return "", ""


def _samples(question: str, judgement: Judgement | None) -> list[dict[str, Any]]:
    if judgement is None:
        return []
    return [_sample(question, sample) for sample in judgement.samples[:MOST_SAMPLES]]


def _sample(question: str, sample: Sample) -> dict[str, Any]:
    said = {"question": question, "order": sample.order, "raw": sample.raw[:MOST_RAW], "answer": sample.answer}
    return storable({**said, "error": sample.error, "probs": sample.probs, "call": sample.call})


def _shown(task: Task, found: Found) -> tuple[str, ...]:
    """The order in which all responses were shown; () where there was more than one, as with both orders."""
    judgements = [one.judgement for _, one in found.values() if one.judgement is not None]
    orders = {sample.order for judgement in judgements for sample in judgement.samples}
    whole = {order for order in orders if set(order) == set(task.responses)}
    return next(iter(whole)) if len(whole) == len(orders) == 1 else ()
