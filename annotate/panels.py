"""Collection's panels of the dashboard: how far it is, what waits for somebody, and how raters answer."""

from datetime import timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Length, TruncDate, TruncHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate import charts, quality, selectors
from annotate.access.policy import Permission
from annotate.dashboard import panel
from annotate.models import Annotation, Flag, Project, Rater, Response, Skip
from annotate.records import Preference
from annotate.workbench import excerpt

#: Panels that read answers one by one look at so many of the newest, and say so.
NEWEST = 10_000
RATERS = 20
WAITING = 5
KEPT_SECONDS = 300


@panel("progress", title=gettext_lazy("Collection"), order=10, template="annotate/panels/progress.html", wide=True)
def progress(request: HttpRequest) -> dict[str, Any]:
    """Tasks and answers, answers over time, and who gave how many how fast."""
    project = request.project
    counts = selectors.progress(project)
    return {
        "counts": counts,
        "tasks_url": reverse("tasks", args=[project.pk]),
        "percent": round(100 * counts["given"] / counts["wanted"]) if counts["wanted"] else 0,
        "chart": _over_time(project),
        "raters": _rater_rows(project),
        "rater_count": _answers(project).values("rater").distinct().count(),
        "may_review": Permission.REVIEW in request.permissions,
    }


@panel(
    "attention",
    title=gettext_lazy("Waiting for somebody"),
    order=20,
    template="annotate/panels/attention.html",
    permission=Permission.REVIEW,
)
def attention(request: HttpRequest) -> dict[str, Any]:
    """Open flags and late answers, the newest first."""
    flags = Flag.objects.filter(task__project=request.project, resolved_at=None)
    late = Annotation.objects.filter(task__project=request.project, status="late", is_current=True)
    return {
        "flags": flags.select_related("rater__user").order_by("-pk")[:WAITING],
        "flag_count": flags.count(),
        "late": [
            {"annotation": row, "excerpt": excerpt(row.task.item.prompt)}
            for row in late.select_related("rater__user", "task__item").order_by("-pk")[:WAITING]
        ],
        "late_count": late.count(),
        "tasks_url": reverse("tasks", args=[request.project.pk]),
    }


@panel("seconds", title=gettext_lazy("Time per task"), order=70, template="annotate/panels/chart.html")
def seconds(request: HttpRequest) -> dict[str, Any]:
    """How long answers take."""
    rows = _answers(request.project).filter(seconds__isnull=False).order_by("-pk")
    spread = quality.spread(list(rows.values_list("seconds", flat=True)[:NEWEST]))
    if not spread["n"]:
        return {"empty": _("No answer has a time yet. Times are measured in the workbench; imports may bring them.")}
    return {"chart": charts.seconds(spread, of=rows.count())}


@panel("position", title=gettext_lazy("Does the place sway raters?"), order=80, template="annotate/panels/chart.html")
def position(request: HttpRequest) -> dict[str, Any]:
    """By rater, how often the response shown first won."""
    shares = _bias(request.project)["position"]
    if not shares:
        return {"empty": _("No answer compares two responses whose order on the screen is known.")}
    chart = charts.shares(shares[:RATERS], _titles(request.project), id="position", title=_("First shown was chosen"))
    return {"chart": chart, "others": max(0, len(shares) - RATERS)}


@panel("length", title=gettext_lazy("Does the length sway raters?"), order=90, template="annotate/panels/chart.html")
def length(request: HttpRequest) -> dict[str, Any]:
    """By rater, how often the longer response won. It may be the better one: see how raters differ in it."""
    shares = _bias(request.project)["length"]
    if not shares:
        return {"empty": _("No answer compares two responses of different length.")}
    chart = charts.shares(shares[:RATERS], _titles(request.project), id="length", title=_("The longer one was chosen"))
    return {"chart": chart, "others": max(0, len(shares) - RATERS)}


def _answers(project: Project) -> Any:
    return Annotation.objects.filter(task__project=project, is_current=True)


def _titles(project: Project) -> dict[str, str]:
    rows = Rater.objects.filter(organisation=project.organisation_id).exclude(kind=Rater.Kind.IMPORT)
    return {rater.name: rater.title for rater in rows.select_related("user")}


def _over_time(project: Project) -> dict[str, Any] | None:
    """Answers a day, or an hour where all of them came within two days."""
    rows = _answers(project).filter(status=Annotation.Status.COUNTED)
    ends = rows.aggregate(first=Min("submitted_at"), last=Max("submitted_at"))
    if ends["first"] is None:
        return None
    hourly = ends["last"] - ends["first"] < timedelta(days=2)
    moment = (TruncHour if hourly else TruncDate)("submitted_at")
    counts = rows.annotate(moment=moment).values("moment").annotate(n=Count("pk")).order_by("moment")
    points = [(f"{row['moment']:{'%m-%d %H:00' if hourly else '%Y-%m-%d'}}", row["n"]) for row in counts]
    return charts.over_time(points, unit="hour" if hourly else "day")


def _rater_rows(project: Project) -> list[dict[str, Any]]:
    """Who answered most: how many, how fast (median of the newest), how many late and skipped."""
    rows = _answers(project).values("rater").annotate(n=Count("pk"), late=Count("pk", filter=Q(status="late")))
    most = list(rows.order_by("-n")[:RATERS])
    ids = [row["rater"] for row in most]
    raters = Rater.objects.select_related("user").in_bulk(ids)
    times: dict[int, list[float]] = {}
    timed = _answers(project).filter(rater__in=ids, seconds__isnull=False).order_by("-pk")
    for rater, value in timed.values_list("rater", "seconds")[:NEWEST]:
        times.setdefault(rater, []).append(value)
    skips = dict(
        Skip.objects.filter(task__project=project, rater__in=ids)
        .values_list("rater")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return [
        {
            "rater": raters[row["rater"]],
            "n": row["n"],
            "late": row["late"],
            "skips": skips.get(row["rater"], 0),
            "seconds": median(times[row["rater"]]) if row["rater"] in times else None,
            "url": f"{reverse('tasks', args=[project.pk])}?{urlencode({'rater': raters[row['rater']].name})}",
        }
        for row in most
    ]


def _bias(project: Project) -> dict[str, list[quality.Share]]:
    """Both biases from one pass over the newest answers, kept until there is a newer one."""
    counting = selectors.current_annotations(project)
    newest = list(counting.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
    if not newest:
        return {"position": [], "length": []}
    key = f"bias:{project.pk}:{newest[0]}:{len(newest)}"
    found = cache.get(key)
    if found is None:
        records = selectors.records(project, pk__gte=newest[-1])
        preferences = quality.verdicts(record for record in records if isinstance(record, Preference))
        found = {
            "position": quality.first_shown(preferences),
            "length": quality.longer(preferences, _lengths(project, newest[-1])),
        }
        cache.set(key, found, KEPT_SECONDS)
    return found


def _lengths(project: Project, since: int) -> dict[tuple[str, str], int]:
    rows = Response.objects.filter(
        item__in=selectors.current_annotations(project, pk__gte=since).values("task__item")
    ).annotate(length=Length("text"))
    return {(item, key): size for item, key, size in rows.values_list("item__external_id", "key", "length") if size}
