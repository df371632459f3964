"""From a project's tasks to the cases that judges see."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from annotate.media.models import MediaFile
from annotate.media.selectors import PREFIX
from annotate.models import Annotation, Project, Question, Task
from curation import judges
from curation.judges import Case, Example
from curation.models import Judge, JudgeRun

CHUNK = 200
Examples = Callable[[Case], Sequence[Example]]


class Key(NamedTuple):
    """A case: the task's primary key, the question, and how many questions of the task are asked altogether."""

    task: int
    question: str
    of: int


def open_tasks(run: JudgeRun) -> QuerySet[Task]:
    """The tasks that a run is to judge: those that the judge has neither answered nor, in this run, refused."""
    answered = Annotation.objects.filter(rater=run.judge.rater, is_current=True).values("task")
    rows = run.project.tasks.exclude(pk__in=answered)
    if run.pk is not None:
        rows = rows.exclude(pk__in=run.refusals.values("task"))
    if run.only_gold:
        rows = rows.exclude(item__gold="")
    if run.tasks:
        rows = rows.filter(pk__in=run.tasks)
    return rows.order_by("-priority", "pk")


def questions(run: JudgeRun) -> list[Question]:
    """The questions of the project's form that a run asks."""
    rows = list(run.project.form.questions.all())
    return [row for row in rows if run.question in ("", row.name)]


def answerable(judge: Judge, task: Task, asked: Sequence[Question]) -> list[Question]:
    """Those of the questions that a judge can answer about a task."""
    method = judges.get(judge.method)
    return [question for question in asked if method.can_answer(question.kind, question.asked(task))]


def unseen(task: Task) -> list[str]:
    """Types of the task's media that no judge is shown: judges see text and images, and a guess is no verdict."""
    refs = [*task.item.media, *(ref for response in task.item.responses.all() for ref in response.media)]
    if not refs:
        return []
    files = MediaFile.objects.filter(
        organisation=task.project.organisation_id, digest__in={ref.removeprefix(PREFIX) for ref in refs}
    )
    return sorted(set(files.exclude(type="image").values_list("type", flat=True)))


def cases(run: JudgeRun, tasks: Sequence[int], examples: Examples | None = None) -> Iterator[tuple[Key, Case]]:
    """The cases of tasks, in their order; read in chunks.

    ``examples`` gives the cases that people answered and that are shown with one, the most similar first.
    """
    asked = questions(run)
    for start in range(0, len(tasks), CHUNK):
        rows = Task.objects.filter(pk__in=tasks[start : start + CHUNK]).select_related("item", "project")
        found = {task.pk: task for task in rows.prefetch_related("item__responses")}
        for task in (found[pk] for pk in tasks[start : start + CHUNK] if pk in found):
            own = [] if unseen(task) else answerable(run.judge, task, asked)
            for question in own:
                yield Key(task.pk, question.name, len(own)), case(run.project, task, question, examples)


def case(project: Project, task: Task, question: Question, examples: Examples | None = None) -> Case:
    """One question about one task."""
    responses = {response.key: response for response in task.item.responses.all()}
    shown = [responses[key] for key in task.responses]
    pictures = _pictures(project, [*task.item.media, *(ref for response in shown for ref in response.media)])
    made = Case(
        item=task.item.external_id,
        kind=question.kind,
        asked=question.asked(task),
        title=question.title,
        prompt=tuple(_with_pictures(task.item.prompt, [pictures[ref] for ref in task.item.media if ref in pictures])),
        guidelines=project.guidelines,
        models={response.key: response.model for response in shown},
        images={
            response.key: [pictures[ref] for ref in response.media if ref in pictures]
            for response in shown
            if response.media
        },
        metadata=task.item.metadata,
    )
    return replace(made, examples=tuple(examples(made))) if examples else made


def _with_pictures(prompt: list[dict[str, Any]], urls: list[str]) -> list[dict[str, Any]]:
    """The conversation with its source pictures in the last message."""
    if not urls or not prompt:
        return prompt
    *before, last = prompt
    parts = [{"type": "text", "text": str(last.get("content", ""))}]
    return [*before, {**last, "content": parts + [{"type": "image_url", "image_url": {"url": url}} for url in urls]}]


def _pictures(project: Project, refs: Sequence[str]) -> dict[str, str]:
    """data: URLs by reference; unknown references are left out."""
    if not refs:
        return {}
    digests = {ref.removeprefix(PREFIX) for ref in refs}
    urls = {}
    for file in MediaFile.objects.filter(organisation=project.organisation_id, digest__in=digests):
        with default_storage.open(file.path) as stored:
            urls[file.ref] = f"data:{file.content_type};base64,{base64.b64encode(stored.read()).decode()}"
    return urls
