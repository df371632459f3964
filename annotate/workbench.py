"""What an annotator sees of a task: the order of their own, and nothing that tells who or what stands behind it.

The model of a response, the item's own order, its id, its gold, other people's answers and whether
this is a check task never leave this module, unless the project is not blind (then the models do).
Of an item's metadata only these are shown: ``guideline`` (how to judge this very item), ``language`` (its tag, e.g.
``de``), ``documents`` ([{title, text}], what the prompt builds on) and ``mask`` (the reference of an image whose white
parts say where an edit belongs).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from annotate import rendering, summaries
from annotate.media.selectors import shown as shown_files
from annotate.models import Annotation, Draft, Form, Lease, Project, Rater, Skip, Task

HISTORY = 50
EXCERPT = 200
GUIDELINE = 2000  # characters
DOCUMENTS = 50
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def letters(keys: Iterable[str]) -> dict[str, str]:
    """A, B, …, Z, A2, B2, … by response key, in the order given."""
    return {key: chr(65 + index % 26) + (str(index // 26 + 1) if index > 25 else "") for index, key in enumerate(keys)}


def view_of(asked: Annotation | Lease) -> dict[str, Any]:
    """A task as the rater of ``asked`` sees it: see templates/annotate/_task.html for what it holds."""
    task, form = asked.task, asked.form
    metadata = task.item.metadata
    answers = asked.answers if isinstance(asked, Annotation) else _draft(asked)
    questions = questions_of(form, task)
    mask = metadata.get("mask") if isinstance(metadata.get("mask"), str) else ""
    own = [ref for response in task.item.responses.all() for ref in response.media]
    found = shown_files(task.project.organisation_id, [*task.item.media, mask, *own])
    responses = _responses(task, asked.shown or task.responses, found)
    media = files_of(found, task.item.media, _("Source image"))
    panes = not_placed(media, [message["content"] for message in task.item.prompt])
    return {
        "id": task.pk,
        "lease_seconds": _seconds_left(asked),
        "is_revision": isinstance(asked, Annotation),
        "answers": answers,
        "prompt": task.item.prompt,
        "guideline": _guideline(metadata),
        "language": _language(metadata),
        "documents": _documents(metadata),
        "mask": found.get(mask),
        "media": media,
        "panes": panes,
        "responses": responses,
        "questions": questions,
        "media_types": _types([*panes, *(file for response in responses for file in response["panes"])]),
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
            "condition": question.condition,
            "criteria": task.item.criteria,
            "steps": asked.steps,
            "drawn": asked.drawn,
        }
        for question in form.questions.all()
        for asked in [question.asked(task)]
    ]


def files_of(found: Mapping[str, Mapping[str, Any]], refs: Sequence[str], alt: str) -> list[dict[str, Any]]:
    """The files of references in their order, as templates/annotate/media/ takes them; unknown ones are left out.

    ``found``: what `annotate.media.selectors` gives for them. Adds ``index``, the place among the references, by
    which texts name them, and ``alt``: numbered where there are several.
    """
    several = len(refs) > 1
    return [
        {"type": "image", **found[ref], "index": index, "alt": f"{alt} {index + 1}" if several else alt}
        for index, ref in enumerate(refs)
        if ref in found
    ]


def not_placed(files: Sequence[dict[str, Any]], texts: Iterable[str]) -> list[dict[str, Any]]:
    """Those files that none of the texts shows in its place already."""
    pictures = rendering.pictures_of(files)
    shown = frozenset[int]().union(*(rendering.placed(text, pictures) for text in texts))
    return [file for file in files if file["index"] not in shown]


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
    """How to judge this very item, where somebody said so."""
    said = metadata.get("guideline", "")
    return said[:GUIDELINE] if isinstance(said, str) else ""


def _language(metadata: dict[str, Any]) -> dict[str, str]:
    """``tag`` and ``title`` of the item's language; {} where it is not said, or not as a BCP 47 tag."""
    tag = metadata.get("language")
    if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
        return {}
    try:
        return {"tag": tag, "title": str(get_language_info(tag)["name_translated"])}
    except KeyError:
        return {"tag": tag, "title": tag}


def _documents(metadata: dict[str, Any]) -> list[dict[str, str]]:
    """What the prompt builds on: {title, text} each; whatever has another shape is left out."""
    given = metadata.get("documents")
    rows = [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []
    return [
        {"title": str(row.get("title") or _("Document %(number)d") % {"number": number}), "text": row["text"]}
        for number, row in enumerate(rows[:DOCUMENTS], 1)
        if isinstance(row.get("text"), str)
    ]


def _types(files: Iterable[Mapping[str, Any]]) -> list[str]:
    """The media among files, each once, in the order of their first."""
    return list(dict.fromkeys(file["type"] for file in files))


def _responses(task: Task, shown: list[str], files: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = {row.key: row for row in task.item.responses.all()}
    return [
        {
            "key": key,
            "label": label,
            "text": rows[key].text,
            "media": (media := files_of(files, rows[key].media, _("Response %(label)s") % {"label": label})),
            "panes": not_placed(media, [rows[key].text]),
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
