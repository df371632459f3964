"""What an annotator sees of a task: the order of their own, and nothing that tells who or what stands behind it.

The model of a response, the item's own order, its id, its gold, other people's answers and whether
this is a check task never leave this module, unless the project is not blind (then the models do).
Of an item's metadata only its ``guideline`` is shown.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, prefetch_related_objects
from django.utils import timezone

from annotate import summaries
from annotate.media.selectors import images
from annotate.models import Annotation, Draft, Form, Lease, Project, Rater, Response, Skip, Task

HISTORY = 50
EXCERPT = 200
GUIDELINE = 2000  # characters


def letters(keys: Iterable[str]) -> dict[str, str]:
    """A, B, …, Z, A2, B2, … by response key, in the order given."""
    return {key: chr(65 + index % 26) + (str(index // 26 + 1) if index > 25 else "") for index, key in enumerate(keys)}


def view_of(asked: Annotation | Lease) -> dict[str, Any]:
    """A task as the rater of ``asked`` sees it: see templates/annotate/_task.html for what it holds."""
    task, form = asked.task, asked.form
    answers = asked.answers if isinstance(asked, Annotation) else _draft(asked)
    questions = questions_of(form, task)
    responses = _responses(task, asked.shown or task.responses)
    sources = images(task.project.organisation_id, task.item.media)
    media = [{**sources[ref], "alt": "Source image"} for ref in task.item.media if ref in sources]
    return {
        "id": task.pk,
        "lease_seconds": _seconds_left(asked),
        "is_revision": isinstance(asked, Annotation),
        "answers": answers,
        "prompt": task.item.prompt,
        "guideline": _guideline(task.item.metadata),
        "media": media,
        "responses": responses,
        "questions": questions,
        "has_images": bool(media) or any(response["media"] for response in responses),
        "payload": {
            "id": task.pk,
            "answers": answers,
            "responses": [{name: response[name] for name in ("key", "label", "text")} for response in responses],
            "questions": [
                {name: part for name, part in question.items() if name not in ("help", "steps")}
                for question in questions
            ],
        },
    }


def questions_of(form: Form, task: Task) -> list[dict[str, Any]]:
    """The form's questions as widgets take them."""
    prefetch_related_objects([task], "item__responses")
    return [
        {
            "name": question.name,
            "kind": question.kind,
            "title": question.title,
            "help": question.help,
            "required": question.required,
            "settings": asked.settings,
            "criteria": task.item.criteria,
            "steps": asked.steps,
            "drawn": asked.drawn,
        }
        for question in form.questions.all()
        for asked in [question.asked(task)]
    ]


def progress(project: Project, rater: Rater) -> dict[str, int]:
    """``done``: tasks this rater answered; ``total``: those, and all that there still are for them."""
    mine = {"rater": rater, "task__project": project}
    open_ = {"task__taken__lt": F("task__overlap")}
    answered = Annotation.objects.filter(**mine, is_current=True)
    done = answered.count()
    leased = Lease.objects.filter(**mine, end="")
    skipped = Skip.objects.filter(**mine, **open_).exclude(task__in=answered.values("task"))
    left = (
        project.tasks.filter(taken__lt=F("overlap")).count()
        - answered.filter(**open_).count()
        - skipped.count()
        + leased.filter(~Q(**open_)).count()
    )
    return {"done": done, "total": done + max(left, 0)}


def history(project: Project, rater: Rater) -> list[dict[str, Any]]:
    """The rater's last answers, newest first: see templates/annotate/_history.html."""
    rows = (
        Annotation.objects.filter(rater=rater, task__project=project, is_current=True)
        .select_related("task__item", "form")
        .prefetch_related("form__questions")
        .order_by("-submitted_at", "-pk")[:HISTORY]
    )
    return [
        {
            "task_id": row.task_id,
            "submitted_at": row.submitted_at,
            "excerpt": excerpt(row.task.item.prompt),
            "summary": "; ".join(summaries.of_annotation(row, letters(row.shown or row.task.responses))),
            "revision": row.revision,
            "status": row.status,
        }
        for row in rows
    ]


def excerpt(prompt: list[dict[str, str]]) -> str:
    """The beginning of the last thing that a person says in a prompt."""
    contents = [str(message.get("content", "")) for message in prompt if message.get("role") == "user"]
    contents = contents or [str(message.get("content", "")) for message in prompt]
    return " ".join(contents[-1][: EXCERPT * 2].split())[:EXCERPT] if contents else ""


def _guideline(metadata: dict[str, Any]) -> str:
    """How to judge this very item, where somebody said so: the one part of its metadata that annotators see."""
    said = metadata.get("guideline", "")
    return said[:GUIDELINE] if isinstance(said, str) else ""


def _responses(task: Task, shown: list[str]) -> list[dict[str, Any]]:
    rows = {row.key: row for row in Response.objects.filter(item=task.item_id)}
    files = images(task.project.organisation_id, [ref for row in rows.values() for ref in row.media])
    return [
        {
            "key": key,
            "label": label,
            "text": rows[key].text,
            "media": [{**files[ref], "alt": f"Response {label}"} for ref in rows[key].media if ref in files],
            "model": "" if task.project.blind else rows[key].model,
        }
        for key, label in letters(shown).items()
        if key in rows
    ]


def _draft(lease: Lease) -> dict[str, Any]:
    draft = Draft.objects.filter(task=lease.task_id, rater=lease.rater_id).first()
    return draft.answers if draft else {}


def _seconds_left(asked: Annotation | Lease) -> int:
    if isinstance(asked, Annotation) or asked.end:
        return 0
    return max(0, int((asked.expires_at - timezone.now()).total_seconds()))
