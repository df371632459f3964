"""Where finished jobs lead to, and what they say of rows that they rejected."""

from typing import Any

from django.urls import reverse

from annotate.jobs.models import Job
from curation import formats
from curation.wording import counted


def link(title: str, url: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"title": title, "url": reverse(url, args=args), **more}


def rejected(job: Job) -> list[dict[str, Any]]:
    """The list of what an import rejected, if it rejected anything."""
    if not job.result.get("rejected_file"):
        return []
    title = counted(job.result["rejected"], "rejected row")
    if answers := job.result.get("answers_rejected"):
        title += f", {counted(answers, 'rejected answer')}"
    return [link(title, "rejected", job.project_id, job.pk, download=True)]


def export_warning(job: Job) -> str:
    """What the export of a project could not say."""
    module = formats.item_exporter(job.params["format"])
    left_out = (job.result.get("left_out") or {}).items()
    return " ".join(f"{formats.why_left_out(module, code)} ({counted(count, 'time')})" for code, count in left_out)


def import_warning(job: Job) -> str:
    """The warning of an import that rejected every row, or that found answers which nobody asked for."""
    rows = job.result.get("rows")
    if not rows or job.result.get("rejected") != rows:
        left_out = job.result.get("left_out") or {}
        return " ".join(f"{reason} ({counted(count, 'record')} left out)" for reason, count in left_out.items())
    what = "The only row was rejected" if rows == 1 else f"All {rows:,} rows were rejected"
    return f"{what}: nothing was imported. The list of rejected rows says why."
