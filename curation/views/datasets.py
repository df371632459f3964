"""Pages of datasets: their versions, the pipelines that make them, and exports."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.models import Project
from annotate.views import project_page
from curation import aggregation, charts, construction, filters, pipeline, presets, selectors, tasks, trust
from curation.browsing import Rows
from curation.downloads import zipped
from curation.forms import ExportForm, PipelineForm
from curation.models import Dataset, DatasetVersion


@project_page(Permission.VIEW)
def datasets(request: HttpRequest) -> HttpResponse:
    rows = request.project.datasets.filter(versions__isnull=False).distinct().prefetch_related("versions")
    return render(request, "curation/datasets.html", {"datasets": rows})


@project_page(Permission.MANAGE)
def new_version(request: HttpRequest) -> HttpResponse:
    question = next(iter(selectors.questions(request.project, pairwise=True)), None)
    newest = selectors.latest_from_items(request.project)
    by = "group" if request.project.items.exclude(group="").exists() else "prompt"
    preset = request.GET.get("preset", "")
    known = presets.PIPELINES.get(preset, presets.PIPELINES["default"])
    default = known["text"].format(method=aggregation.DEFAULT, question=question.name if question else "", by=by)
    initial = {
        "dataset": newest.dataset.name if newest and preset in ("", "default") else known["dataset"],
        "pipeline": newest.pipeline if newest and not preset else default,
    }
    form = PipelineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["pipeline"]
        if "switch" in request.POST:
            try:
                text = pipeline.switched(text, int(request.POST["switch"]))
            except ValueError as error:
                raise Http404("There is no such stage.") from error
        common = {"organisation": request.project.organisation, "project": request.project, "user": request.user}
        if {"preview", "switch"} & request.POST.keys():
            job = jobs.enqueue(
                tasks.preview,
                **common,
                title="Preview of a pipeline",
                pipeline=text,
                dataset=form.cleaned_data["dataset"],
            )
            return redirect("preview", request.project.pk, job.pk)
        dataset, _created = Dataset.objects.get_or_create(project=request.project, name=form.cleaned_data["dataset"])
        job = jobs.enqueue(tasks.curate, **common, title=f"Curate {dataset}", dataset=dataset.pk, pipeline=text)
        return redirect("job", job.pk)
    context = {"form": form, "question": question, "presets": presets.PIPELINES}
    context |= {"filters": help_on(filters), "ways": help_on(construction)}
    return render(request, "curation/new_version.html", {**context, "preset": preset})


def help_on(plugins: Any) -> list[dict[str, Any]]:
    """What the pipeline editor says about each filter, or each way to construct pairs."""
    return [
        {
            "name": name,
            "title": plugins.get(name).TITLE,
            "summary": plugins.get(name).SUMMARY,
            "scope": getattr(plugins.get(name), "SCOPE", ""),
            "settings": [
                {"name": key, "default": json.dumps(value.get("default")), "title": value.get("title", "")}
                for key, value in plugins.get(name).SETTINGS.get("properties", {}).items()
            ],
        }
        for name in plugins.names()
    ]


@project_page(Permission.MANAGE)
def preview(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="preview")
    summary = job.result.get("summary")
    text = job.params["pipeline"]
    context: dict[str, Any] = {
        "job": job,
        "form": PipelineForm(initial={"dataset": job.params.get("dataset"), "pipeline": text}),
        "summary": summary,
    }
    if summary:
        context |= {
            "funnel": charts.funnel(summary, id="funnel"),
            "splits": summary[-1]["splits"],
            "stages": stages_page(request.project, text, summary, job.result.get("examples", {})),
        }
    return render(request, "curation/preview.html", context)


def stages_page(
    project: Project, text: str, summary: list[dict[str, Any]], examples: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """What the preview shows of each stage, as written: what it did, how it decided, and rows that it would touch."""
    tasks_of = selectors.tasks_of_items(project, {row["item"] for rows in examples.values() for row in rows})
    by_number = {entry["stage"]: entry for entry in summary if entry["stage"]}
    pages = [_stage_page(entry, examples.get(entry["filter"], [])) for entry in summary if not entry["stage"]]
    number = 0
    for place, (filter, off) in enumerate(pipeline.listed(text)):
        number += not off
        entry = {"title": filters.get(filter).TITLE, "filter": filter} if off else by_number[number]
        rows = [] if off else examples.get(str(number), [])
        pages.append({**_stage_page(entry, rows), "place": place, "switchable": True, "off": off})
    for page in pages:
        page["examples"] = [{**row, "task": tasks_of.get(row["item"])} for row in page["examples"]]
    return pages


def _stage_page(entry: dict[str, Any], examples: list[dict[str, Any]]) -> dict[str, Any]:
    histogram = entry.get("histogram")
    chart = None
    if histogram and sum(histogram["counts"]):
        note = _("%(rows)s rows have none.") % {"rows": f"{histogram['without']:,}"} if histogram["without"] else ""
        title = _("What it decided on")
        chart = charts.histogram(
            histogram["counts"],
            histogram["edges"],
            id=f"stage-{entry['stage']}-{entry['filter']}",
            title=title,
            note=note,
        )
    texts = {reason["reason"]: reason["text"] for reason in entry.get("reasons", [])}
    rows = [{**row, "why": texts.get(row["reason"], row["reason"])} for row in examples]
    notes = json.dumps(entry["notes"], indent=1, ensure_ascii=False) if entry.get("notes") else ""
    return {"entry": entry, "chart": chart, "examples": rows, "notes": notes, "switchable": False, "off": False}


def stage_charts(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The funnel, and a histogram of every score that a stage decided on."""
    found = [charts.funnel(stages, id="funnel")]
    for number, stage in enumerate(stages):
        histogram = stage.get("histogram")
        if histogram and sum(histogram["counts"]):
            title = _("%(stage)s: what it decided on") % {"stage": stage["title"]}
            found.append(charts.histogram(histogram["counts"], histogram["edges"], id=f"stage-{number}", title=title))
    return found


@project_page(Permission.VIEW)
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    found = project_version(request, version_id)
    split = request.GET.get("split", "")
    manifest = found.manifest
    page = Paginator(Rows(found, split, request.GET.get("q", "")), 20).get_page(request.GET.get("page"))
    context = {
        "version": found,
        "manifest": manifest,
        "charts": stage_charts(manifest["stages"]),
        "page": page,
        "split": split,
        "export_form": ExportForm(),
        "exports": request.project.jobs.filter(handler="export_dataset", params__version=found.pk)[:20],
        "others": found.dataset.versions.exclude(pk=found.pk),
        **trust.context(found),
    }
    return render(request, "curation/version.html", context)


def project_version(request: HttpRequest, version_id: int) -> DatasetVersion:
    """A version of this project, or 404."""
    versions = DatasetVersion.objects.select_related("dataset__project")
    return get_object_or_404(versions, pk=version_id, dataset__project=request.project)


@project_page(Permission.MANAGE)
@require_POST
def export(request: HttpRequest, version_id: int) -> HttpResponse:
    found = project_version(request, version_id)
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such format.")
    job = jobs.enqueue(
        tasks.export_dataset,
        organisation=request.project.organisation,
        project=request.project,
        user=request.user,
        title=f"Export {found} as {form.cleaned_data['format']}",
        version=found.pk,
        format=form.cleaned_data["format"],
    )
    return redirect("job", job.pk)


@project_page(Permission.VIEW)
def download(request: HttpRequest, job_id: UUID) -> FileResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="export_dataset", state="done")
    return FileResponse(zipped(Path(job.result["folder"])), as_attachment=True, filename=f"{job.params['format']}.zip")
