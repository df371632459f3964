"""Jobs of imports, agreement, consensus and datasets."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from annotate.jobs.models import Job
from annotate.jobs.registry import JobError, Progress, job
from curation import comparing, exporting, importing, project_files, reading, services
from curation.downloads import unpacked, used_up
from curation.mapping import MappingError
from curation.models import Dataset, DatasetVersion
from curation.tasks._links import export_warning, import_warning, link, rejected
from curation.versions import VersionError


def _imported(job: Job) -> list[dict[str, Any]]:
    return [link("Tasks", "tasks", job.project_id), *rejected(job)]


def _agreement(job: Job) -> list[dict[str, Any]]:
    return [link("Agreement", "agreement", job.project_id)]


@job("import_items", links=_imported, warning=import_warning)
def import_items(
    job: Job, progress: Progress, *, source: str, format: str = "", mapping: str = "", group_by: str = ""
) -> dict[str, Any]:
    try:
        with used_up(source), unpacked(source) as file:
            result = importing.import_items(
                project=job.project,
                source=file,
                format=format,
                mapping=mapping,
                group_by=group_by,
                rejected_path=settings.EXPORTS_DIR / str(job.pk) / "rejected.csv",
                progress=progress,
            )
    except (reading.UnsupportedSource, MappingError, LookupError) as error:
        raise JobError(str(error)) from error
    return result.to_dict()


@job(
    "export_project",
    links=lambda job: [link("Download", "download_project", job.project_id, job.pk, download=True)],
    warning=export_warning,
)
def export_project(
    job: Job, progress: Progress, *, format: str, options: dict[str, Any] | None = None
) -> dict[str, Any]:
    folder = Path(settings.EXPORTS_DIR) / str(job.pk)
    try:
        counts = project_files.export_project(
            project=job.project, out=folder, format=format, options=options or {}, progress=progress
        )
    except (ValueError, LookupError, FileExistsError) as error:
        raise JobError(str(error)) from error
    return {"folder": str(folder), **counts}


@job("agreement", links=_agreement)
def agreement(job: Job, progress: Progress, *, question: str) -> dict[str, Any]:
    try:
        report = services.compute_agreement(project=job.project, question=question, progress=progress)
    except LookupError as error:
        raise JobError(str(error)) from error
    return {"report": report.pk}


@job("consensus", links=_agreement)
def consensus(job: Job, progress: Progress, *, question: str, method: str) -> dict[str, Any]:
    try:
        runs = services.compute_consensus(project=job.project, question=question, method=method, progress=progress)
    except LookupError as error:
        raise JobError(str(error)) from error
    return {"runs": [run.pk for run in runs]}


@job("quality", links=lambda job: [link("Data quality", "quality", job.project_id)])
def quality(job: Job, progress: Progress, *, question: str, dimension: str = "") -> dict[str, Any]:
    try:
        report = services.compute_quality(
            project=job.project, question=question, dimension=dimension, progress=progress
        )
    except LookupError as error:
        raise JobError(str(error)) from error
    return {"report": report.pk}


@job("preview", links=lambda job: [link("The preview", "preview", job.project_id, job.pk)])
def preview(job: Job, progress: Progress, *, pipeline: str, dataset: str = "") -> dict[str, Any]:
    return services.preview(project=job.project, pipeline_yaml=pipeline, progress=progress)


@job("curate", links=lambda job: [link("Open the version", "version", job.project_id, job.result["version"])])
def curate(job: Job, progress: Progress, *, dataset: int, pipeline: str) -> dict[str, Any]:
    version = services.curate(
        dataset=Dataset.objects.get(pk=dataset), pipeline_yaml=pipeline, user=job.created_by, progress=progress
    )
    return {"version": version.pk, "hash": version.hash}


def _difference(job: Job) -> list[dict[str, Any]]:
    url = reverse("difference", args=[job.project_id])
    return [
        {"title": "The difference", "url": f"{url}?{urlencode({name: job.params[name] for name in ('old', 'new')})}"}
    ]


@job("compare_versions", links=_difference)
def compare_versions(job: Job, progress: Progress, *, old: int, new: int) -> dict[str, Any]:
    versions = DatasetVersion.objects.filter(dataset__project=job.project)
    try:
        found = comparing.compare(old=versions.get(pk=old), new=versions.get(pk=new), progress=progress)
    except VersionError as error:
        raise JobError(str(error)) from error
    return {"counts": found["counts"]}


@job("export_dataset", links=lambda job: [link("Download", "download_export", job.project_id, job.pk, download=True)])
def export_dataset(
    job: Job, progress: Progress, *, version: int, format: str, options: dict[str, Any] | None = None
) -> dict[str, Any]:
    folder = Path(settings.EXPORTS_DIR) / str(job.pk)
    found = DatasetVersion.objects.get(pk=version)
    try:
        counts = exporting.export(found.path, format, options or {}, folder, progress=progress)
    except (ValueError, LookupError, FileExistsError) as error:
        raise JobError(str(error)) from error
    return {"folder": str(folder), **counts}
