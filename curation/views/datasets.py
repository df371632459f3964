"""Pages of datasets: their versions, the pipelines that make them, and exports."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import aggregation, charts, filters, presets, selectors, tasks
from curation.browsing import Rows
from curation.downloads import zipped
from curation.forms import ExportForm, PipelineForm
from curation.models import Dataset, DatasetVersion


@project_page(Permission.VIEW)
def datasets(request: HttpRequest) -> HttpResponse:
    rows = request.project.datasets.prefetch_related("versions")
    return render(request, "curation/datasets.html", {"datasets": rows})


@project_page(Permission.MANAGE)
def new_version(request: HttpRequest) -> HttpResponse:
    question = next(iter(selectors.questions(request.project, pairwise=True)), None)
    newest = DatasetVersion.objects.filter(dataset__project=request.project, campaigns=None).order_by("-pk").first()
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
        common = {"organisation": request.project.organisation, "project": request.project, "user": request.user}
        if "preview" in request.POST:
            job = jobs.enqueue(
                tasks.preview,
                **common,
                title="Preview of a pipeline",
                pipeline=text,
                dataset=form.cleaned_data["dataset"],
            )
            return redirect("preview", request.project.pk, job.pk)
        dataset, _ = Dataset.objects.get_or_create(project=request.project, name=form.cleaned_data["dataset"])
        job = jobs.enqueue(tasks.curate, **common, title=f"Curate {dataset}", dataset=dataset.pk, pipeline=text)
        return redirect("job", job.pk)
    context = {"form": form, "filters": filter_help(), "question": question, "presets": presets.PIPELINES}
    return render(request, "curation/new_version.html", {**context, "preset": preset})


def filter_help() -> list[dict[str, Any]]:
    """What the pipeline editor says about each filter."""
    return [
        {
            "name": name,
            "title": filters.get(name).TITLE,
            "summary": filters.get(name).SUMMARY,
            "settings": [
                {"name": key, "default": json.dumps(value.get("default")), "title": value.get("title", "")}
                for key, value in filters.get(name).SETTINGS.get("properties", {}).items()
            ],
        }
        for name in filters.names()
    ]


@project_page(Permission.MANAGE)
def preview(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(request.project.jobs, pk=job_id, handler="preview")
    summary = job.result.get("summary")
    context = {
        "job": job,
        "form": PipelineForm(initial={"dataset": job.params.get("dataset"), "pipeline": job.params["pipeline"]}),
        "charts": stage_charts(summary) if summary else [],
        "summary": summary,
    }
    return render(request, "curation/preview.html", context)


def stage_charts(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The funnel, and a histogram of every score that a stage decided on."""
    found = [charts.funnel(stages, id="funnel")]
    for number, stage in enumerate(stages):
        histogram = stage.get("histogram")
        if histogram and sum(histogram["counts"]):
            title = f"{stage['title']}: what it decided on"
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
