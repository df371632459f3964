"""Pages on how versions hang together: the lineage graph, and the difference of two versions."""

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs import services as jobs
from annotate.views import project_page
from curation import charts, comparing, differences, ports, tasks
from curation import lineage as reading
from curation.formats import safe_cell
from curation.models import DatasetVersion

PAGE = 50


@project_page(Permission.VIEW)
def lineage(request: HttpRequest) -> HttpResponse:
    found = reading.graph(request.project)
    chart = reading.chart(found) if found["nodes"] else None
    return render(request, "curation/lineage.html", {"chart": chart})


@project_page(Permission.VIEW)
def difference(request: HttpRequest) -> HttpResponse:
    versions = DatasetVersion.objects.filter(dataset__project=request.project).select_related("dataset").order_by("-pk")
    old, new = _two(request, list(versions))
    context: dict[str, Any] = {"versions": versions, "old": old, "new": new}
    if old is not None and new is not None:
        summary = comparing.summary(old, new)
        context |= {"summary": summary, "jobs": _running(request, old, new)}
        if summary is not None:
            context |= _found(request, old, new, summary)
    return render(request, "curation/difference.html", context)


def _found(request: HttpRequest, old: DatasetVersion, new: DatasetVersion, summary: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a comparison that was made."""
    change, filter = request.GET.get("change", ""), request.GET.get("filter", "")
    rows = comparing.Changes(old, new, change=change, filter=filter)
    reasons = [(f"{row['change']}: {row['text']}", row["rows"]) for row in summary["reasons"][:12]]
    return {
        "change": change,
        "filter": filter,
        "filters": sorted({row["filter"] for row in summary["reasons"] if row["filter"]}),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "reasons": charts.bars(reasons, id="reasons", title=_("What changed, and why")) if reasons else None,
        "shift": [
            charts.before_and_after(
                row["values"], id=f"shift-{row['property']}", title=row["title"], note=_distance(row)
            )
            for row in summary["shift"]
            if row["values"]
        ],
        "trainings": trainings(old, new),
    }


def _distance(row: dict[str, Any]) -> str:
    if row["distance"] is None:
        note = _("Only one of the two versions tells it.")
    else:
        distance = f"{row['distance']:.3f}"
        note = _("Total variation distance %(distance)s (0: the same, 1: nothing in common).") % {"distance": distance}
    return f"{note} {_('In a sample of rows.')}" if row["property"] == "language" else note


def trainings(old: DatasetVersion, new: DatasetVersion) -> list[dict[str, Any]]:
    """Accuracies of the same recipe trained on both versions, seeds aside."""
    found = [run for run in ports.trained_on([old.pk, new.pk]) if run.accuracy]
    sides = {pk: {run.recipe: run for run in found if run.version == pk} for pk in (old.pk, new.pk)}
    return [
        {"before": sides[old.pk][recipe], "after": sides[new.pk][recipe]}
        for recipe in sides[old.pk]
        if recipe in sides[new.pk] and old.pk != new.pk
    ]


@project_page(Permission.MANAGE)
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    ids = [request.POST.get("old", ""), request.POST.get("new", "")]
    if not all(name.isdecimal() for name in ids):
        raise Http404("Name two versions.")
    versions = DatasetVersion.objects.filter(dataset__project=request.project)
    old, new = (get_object_or_404(versions, pk=name) for name in ids)
    if comparing.summary(old, new) is None and not _running(request, old, new):
        jobs.enqueue(
            tasks.compare_versions,
            organisation=request.project.organisation,
            project=request.project,
            user=request.user,
            title=f"Compare {old} with {new}",
            old=old.pk,
            new=new.pk,
        )
    query = urlencode({"old": old.pk, "new": new.pk})
    return redirect(f"{reverse('difference', args=[request.project.pk])}?{query}")


@project_page(Permission.VIEW)
def download_difference(request: HttpRequest, old_id: int, new_id: int, format: str) -> HttpResponse:
    """All rows that differ, as Parquet or CSV."""
    versions = DatasetVersion.objects.filter(dataset__project=request.project)
    old, new = (get_object_or_404(versions, pk=pk) for pk in (old_id, new_id))
    path = comparing.folder(old, new) / "rows.parquet"
    if not path.is_file() or format not in ("parquet", "csv"):
        raise Http404("These two versions were not compared yet.")
    if format == "parquet":
        return FileResponse(path.open("rb"), as_attachment=True, filename="difference.parquet")
    response = StreamingHttpResponse(_csv(comparing.Changes(old, new)), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="difference.csv"'
    return response


def _csv(rows: comparing.Changes) -> Any:
    names = differences.SCHEMA.names
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    for start in range(0, len(rows), 1000):
        writer.writerows([safe_cell(row[name]) for name in names] for row in rows[start : start + 1000])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _two(request: HttpRequest, versions: list[DatasetVersion]) -> tuple[DatasetVersion | None, DatasetVersion | None]:
    """The versions asked for; the two newest of one dataset where none are."""
    by_pk = {str(version.pk): version for version in versions}
    asked = [request.GET.get(name, "") for name in ("old", "new")]
    if any(asked):
        if not all(name in by_pk for name in asked):
            raise Http404("There is no such version.")
        return by_pk[asked[0]], by_pk[asked[1]]
    own = [version for version in versions if version.dataset_id == versions[0].dataset_id]
    return (own[1], own[0]) if len(own) > 1 else (None, None)


def _running(request: HttpRequest, old: DatasetVersion, new: DatasetVersion) -> list[Any]:
    live = request.project.jobs.filter(handler="compare_versions", state__in=["queued", "running"])
    return list(live.filter(params__old=old.pk, params__new=new.pk))
