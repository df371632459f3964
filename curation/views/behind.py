"""The pairs behind a figure, as pages list them."""

from collections.abc import Sequence
from typing import Any

from annotate.models import Item, Project, Task
from annotate.workbench import excerpt


def with_texts(project: Project, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that name an item and two response keys, with texts and task; those whose item is gone are left out.

    Adds ``item``, ``task`` (None where no task asks about both), ``excerpt`` of the prompt, ``a`` and ``b``.
    """
    items = Item.objects.filter(project=project, external_id__in={row["item"] for row in found})
    by_name = {item.external_id: item for item in items.prefetch_related("responses")}
    tasks_of: dict[int, list[Task]] = {}
    for task in Task.objects.filter(item__in=by_name.values()).order_by("pk"):
        tasks_of.setdefault(task.item_id, []).append(task)
    shown = []
    for row in found:
        item = by_name.get(row["item"])
        if item is None:
            continue
        texts = {response.key: response.text for response in item.responses.all()}
        keys = {row["key_a"], row["key_b"]}
        about = {
            "item": item,
            "task": next((task for task in tasks_of.get(item.pk, []) if keys <= set(task.responses)), None),
            "excerpt": excerpt(item.prompt),
            "a": texts.get(row["key_a"], ""),
            "b": texts.get(row["key_b"], ""),
        }
        shown.append({**row, **about})
    return shown
