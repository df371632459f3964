"""Pages of what people are asked next: choosing a batch, looking before it is made, and what came of it."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from annotate.workbench import excerpt
from curation import selection as strategies
from curation import tasks
from curation.asking import answers, reviewing, services
from curation.asking.forms import SelectionForm
from curation.models import Selection, SelectionEntry
from curation.wording import counted

PAGE = 50


@project_page(Permission.VIEW)
def selections(request: HttpRequest) -> HttpResponse:
    page = Paginator(request.project.selections.select_related("created_by", "version__dataset"), 20).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "rows": [{"selection": row, "title": title(row), "summary": answers.summary(answers.of(row))} for row in page],
        "jobs": request.project.jobs.filter(
            handler__in=["select", "preview_selection"], state__in=["queued", "running"]
        ),
    }
    return render(request, "curation/selections.html", context)


def title(row: Selection) -> str:
    """What the strategy is called; its name where it is gone."""
    return strategies.get(row.strategy).TITLE if row.strategy in strategies.names() else row.strategy


@project_page(Permission.MANAGE)
def new_selection(request: HttpRequest) -> HttpResponse:
    initial = {
        "source": request.GET.get("source") or "answered",
        "strategy": request.GET.get("strategy") or "suspicion",
        "version": request.GET.get("version"),
    }
    form = SelectionForm(request.project, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        common = {"organisation": request.project.organisation, "project": request.project, "user": request.user}
        name = strategies.get(form.cleaned_data["strategy"]).TITLE
        if "preview" in request.POST:
            job = jobs.enqueue(tasks.preview_selection, **common, title=f"Preview: {name}", wanted=form.wanted())
            return redirect("selection_preview", request.project.pk, job.pk)
        size = form.cleaned_data["size"]
        job = jobs.enqueue(
            tasks.select, **common, title=f"Ask about {counted(size, 'pair')}: {name}", wanted=form.wanted()
        )
        return redirect("job", job.pk)
    return render(request, "curation/new_selection.html", {"form": form, "strategies": strategy_help()})


def strategy_help() -> list[dict[str, Any]]:
    """What the form says of each strategy."""
    return [
        {
            "name": name,
            "title": module.TITLE,
            "summary": module.SUMMARY,
            "settings": [
                {"name": key, "default": value["default"], "title": value["title"]}
                for key, value in module.SETTINGS["properties"].items()
            ],
        }
        for name, module in ((name, strategies.get(name)) for name in strategies.names())
    ]


@project_page(Permission.MANAGE)
def preview(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="preview_selection")
    wanted = job.params["wanted"]
    rows = [{**row, "why": _why(wanted["strategy"], row)} for row in job.result.get("rows", [])]
    context = {
        "job": job,
        "rows": rows,
        "wanted": wanted,
        "form": SelectionForm(request.project, initial=_initial(wanted)),
    }
    return render(request, "curation/selection_preview.html", context)


def _initial(wanted: dict[str, Any]) -> dict[str, Any]:
    return {**wanted, "settings": json.dumps(wanted["settings"]), "reward_models": ", ".join(wanted["reward_models"])}


def _why(strategy: str, row: dict[str, Any]) -> dict[str, str]:
    """The words of an entry that is not written yet."""
    entry = SelectionEntry(slice=row["slice"], filter=row["filter"], reason=row["reason"])
    entry.selection = Selection(strategy=strategy)
    return reviewing.reason(entry)


@project_page(Permission.VIEW)
def selection(request: HttpRequest, selection_id: int) -> HttpResponse:
    found = project_selection(request, selection_id)
    said = answers.of(found)
    summary = answers.summary(said)
    by_entry = {row.entry.pk: row for row in said}
    wanted = {name: request.GET.get(name, "") for name in reviewing.FILTERS}
    listed = reviewing.entries(found, **wanted).select_related("task__item", "selection")
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    context = {
        "selection": found,
        "title": title(found),
        "summary": summary,
        "page": page,
        "rows": [
            {"entry": entry, "excerpt": excerpt(entry.task.item.prompt), "why": reviewing.reason(entry),
             "said": by_entry[entry.pk]}
            for entry in page
        ],
        "choices": reviewing.choices(found),
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "agreed": sum(bool(row.agreed) and not row.entry.task.item.gold for row in said),
        "can_review": reviewing.question_of(request.project, found.question) is not None,
    }  # fmt: skip
    return render(request, "curation/selection.html", context)


def project_selection(request: HttpRequest, selection_id: int) -> Selection:
    """A selection of this project, or 404."""
    return get_object_or_404(request.project.selections.select_related("project"), pk=selection_id)


@project_page(Permission.MANAGE)
@require_POST
def keep_gold(request: HttpRequest, selection_id: int) -> HttpResponse:
    count = services.keep_gold(selection=project_selection(request, selection_id), by=request.user)
    kept = ngettext("%(pairs)s pair has a verified label now.", "%(pairs)s pairs have a verified label now.", count)
    messages.success(request, kept % {"pairs": f"{count:,}"} if count else _("Nothing new to keep."))
    return redirect("selection", request.project.pk, selection_id)
