"""What the form builder needs: the kinds to choose from, a form's versions, and a preview of one that is not saved.

A preview is the real thing, undone: the form is made by the service, one task is shown by the workbench, and the
transaction is rolled back. So it says what saving would say, and shows what annotators would see.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate import feedback, services, versions, workbench
from annotate.access.models import Organisation
from annotate.models import Form, Lease, Project

#: What every question has beside the settings of its kind; fields of the builder are made from schemas alone.
QUESTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 200, "title": gettext_lazy("Question"), "default": ""},
        "help": {
            "type": "string",
            "maxLength": 500,
            "title": gettext_lazy("Help"),
            "description": gettext_lazy("Shown below the question."),
            "default": "",
        },
        "required": {"type": "boolean", "title": gettext_lazy("An answer is required"), "default": True},
        "name": {
            "type": "string",
            "maxLength": 40,
            "title": gettext_lazy("Name"),
            "description": gettext_lazy("What records and exports call it; keep it, for answers are compared by it."),
            "default": "",
        },
    },
}


def kinds() -> dict[str, dict[str, Any]]:
    """Every feedback kind by name: {title, summary, settings (JSON Schema), presets}."""
    found = {name: feedback.get(name) for name in feedback.names()}
    return {
        name: {"title": kind.TITLE, "summary": kind.SUMMARY, "settings": kind.SETTINGS, "presets": kind.PRESETS}
        for name, kind in sorted(found.items(), key=lambda pair: pair[1].TITLE)
    }


def form_versions(project: Project) -> list[dict[str, Any]]:
    """The project's forms, the newest first: {form, answers (current ones), changes to the one before, is_asked}."""
    current = Count("annotations", filter=Q(annotations__is_current=True))
    rows: list[Form] = list(project.forms.annotate(answers=current).prefetch_related("questions").order_by("-version"))
    return [
        {
            "form": row,
            "answers": row.answers,
            "is_asked": number == 0,
            "changes": versions.changes(rows[number + 1].spec, row.spec) if number + 1 < len(rows) else None,
        }
        for number, row in enumerate(rows)
    ]


def preview(*, questions: Sequence[Any], organisation: Organisation, project: Project | None = None) -> dict[str, Any]:
    """A task as annotators would see it with these questions: the project's first, or else an example.

    Raises
    ------
    ValidationError
        As `services.create_form`.
    """
    with transaction.atomic():
        try:
            if project is None:
                project = services.create_project(
                    organisation=organisation, name=f"preview {uuid.uuid4()}", questions=questions
                )
                form = project.form
            else:
                form = services.create_form(project=project, questions=questions)
            tasks = project.tasks.select_related("project__organisation", "item").order_by("pk")
            if not tasks.exists():
                services.add_items(project=project, items=[_example(form)])
            task = tasks[0]
            lease = Lease(task=task, form=form, shown=task.responses, expires_at=timezone.now())
            return workbench.view_of(lease)
        finally:
            transaction.set_rollback(True)


def _example(form: Form) -> services.NewItem:
    """An item with the texts of the kinds' own examples, as many as the form's tasks show."""
    examples = [feedback.get(question.kind).example()[0] for question in form.questions.all()]
    texts = max(([*example.texts.values()] for example in examples), key=lambda texts: len("".join(texts)))
    count = form.arity or max(2, *(len(example.responses) for example in examples))
    texts += [_("Another example of a response.")] * (count - len(texts))
    return services.NewItem(
        external_id="example",
        prompt=[{"role": "user", "content": _("An example; your own prompts and responses stand here once imported.")}],
        responses=tuple(services.NewResponse(text=text) for text in texts[:count]),
    )
