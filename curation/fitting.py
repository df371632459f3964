"""Fits imported answers to a project's form: which task they belong to, and which question each record answers.

A record that names a question goes to it; one that names none goes to the first question that can say it. What a
question refuses is a fault; what no question asks about is left over, counted by the caller.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate import feedback
from annotate.models import Form, Question, Task
from annotate.records import Preference, Rating, Record, Verdict, readdressed, responses_of
from curation.formats import ParsedAnswer

# Whether these fit depends on the form and on which of the responses they name, on no text: checked once a shape.
_SHAPED = (Preference, Rating, Verdict)
_MAX_SHAPES = 10_000


@dataclass
class Fitted:
    """Answers by question; what was wrong, a sentence each; and records that no question takes."""

    answers: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unasked: list[Record] = field(default_factory=list)


class Fitting:
    """The questions of one form, ready to take records."""

    def __init__(self, form: Form) -> None:
        self.questions: list[Question] = list(form.questions.all())
        self.arity = form.arity
        settings = {q.name: feedback.settings_with_defaults(q.kind, q.settings) for q in self.questions}
        self._says = {q.name: feedback.get(q.kind).says(settings[q.name]) for q in self.questions}
        self._dimensions = {name: _dimensions(own) for name, own in settings.items()}
        self._elsewhere = {name: self._others(name) for name in self._dimensions}
        self._shapes: dict[tuple[Any, ...], str] = {}

    def asks_for(self, record: Record) -> bool:
        """Whether any question can say this, be it right or wrong."""
        return any(
            record.question in ("", question.name) and isinstance(record, self._says[question.name])
            for question in self.questions
        )

    def by_task(
        self, answer: ParsedAnswer, records: Sequence[Record], count: int
    ) -> Iterator[tuple[tuple[int, ...], list[Record]]]:
        """Those records of an answer by the responses of the task that they belong to.

        Where the form shows fewer responses at a time than the answer is about, a record that names just as many
        as a task shows opens that task, and one that names fewer joins the first of those that shows what it names.
        Records that find no task come with the responses that they name.
        """
        whole = answer.responses or tuple(range(count))
        if self.arity is None or self.arity >= len(whole):
            yield whole, list(records)
            return
        opened: dict[tuple[int, ...], list[Record]] = defaultdict(list)
        joining: list[tuple[tuple[int, ...], Record]] = []
        for record in records:
            named = tuple(sorted(map(int, responses_of(record))))
            if len(named) == self.arity:
                opened[named].append(record)
            else:
                joining.append((named, record))
        homes = list(opened)
        for named, record in joining:
            opened[next((home for home in homes if set(named) <= set(home)), named)].append(record)
        yield from opened.items()

    def fit(self, task: Task, indices: Sequence[int], records: Iterable[Record], asked: "AskedOf") -> Fitted:
        """Answers to the form's questions that say what the records say; ``indices`` are those of the task."""
        result = Fitted()
        keys = {str(index): key for index, key in zip(indices, task.responses, strict=True)}
        left = list(records)
        refused: dict[int, str] = {}  # by the record's place in memory: what the last question said of it
        for question in self.questions:
            own = self._own(question, left)
            if not own:
                continue
            answer, fault = self._answer(question, own, keys, asked)
            if answer is not None and not fault:
                result.answers[question.name] = answer
                taken = set(map(id, own))
                left = [record for record in left if id(record) not in taken]
            elif fault:
                refused |= dict.fromkeys(map(id, own), f"“{question.name}”: {fault}")
                if question.required:
                    result.answers.clear()
                    break
        result.faults = list(dict.fromkeys(refused[id(record)] for record in left if id(record) in refused))
        result.unasked = [record for record in left if id(record) not in refused]
        return result

    def _others(self, name: str) -> set[str]:
        """The dimensions that only other questions name."""
        return set().union(*self._dimensions.values()) - self._dimensions[name] - {""}

    def _own(self, question: Question, records: Iterable[Record]) -> list[Record]:
        """The records that a question is offered: where they differ in their dimension, those of its own dimensions."""
        says = self._says[question.name]
        own = [r for r in records if r.question in ("", question.name) and isinstance(r, says)]
        dimensions = self._dimensions[question.name]
        own = [r for r in own if r.question or r.dimension not in self._elsewhere[question.name]]
        return [r for r in own if r.dimension in dimensions] or own

    def _answer(
        self, question: Question, records: list[Record], keys: Mapping[str, str], asked: "AskedOf"
    ) -> tuple[Any, str]:
        put = asked(question)
        shape = None
        if all(isinstance(record, _SHAPED) for record in records):
            shape = (question.name, tuple(keys), tuple(records))
        try:
            said = [readdressed(record, keys, question=question.name, item=put.stamp["item"]) for record in records]
            answer = feedback.get(question.kind).from_records(said, put)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            return None, f"cannot be read as an answer ({type(error).__name__})."
        if answer is None:
            return None, ""
        if shape is None:
            return answer, _fault(question.kind, answer, put)
        if shape not in self._shapes:
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            self._shapes[shape] = _fault(question.kind, answer, put)
        return answer, self._shapes[shape]


class AskedOf:
    """The form's questions about one task, each made once for all its raters."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._made: dict[str, feedback.Asked] = {}

    def __call__(self, question: Question) -> feedback.Asked:
        if question.name not in self._made:
            self._made[question.name] = question.asked(self.task)
        return self._made[question.name]


def _dimensions(settings: Mapping[str, Any]) -> set[str]:
    """The dimensions that a question names, and "" for the whole; empty where it names none."""
    named = settings.get("dimensions") or []
    return {"", *(dimension["name"] for dimension in named)} if named else set()


def _fault(kind: str, answer: Any, asked: feedback.Asked) -> str:
    try:
        feedback.validate(kind, answer, asked)
    except feedback.InvalidAnswer as error:
        return f"{error.path}: {error}" if error.path else str(error)
    return ""
