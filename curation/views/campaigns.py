"""Pages of campaigns: all of them, a new one, and one with its rounds, funnel, cost and what it waits for."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotate.access.policy import Permission
from annotate.jobs.registry import JobError
from annotate.views import project_page
from curation import campaign as core
from curation import charts, selectors
from curation.campaign import defaults
from curation.campaign import plan as plans
from curation.campaign.fates import ALIVE
from curation.campaigning import selectors as reads
from curation.campaigning import services
from curation.forms import CampaignForm
from curation.judging.endpoints import ServersError, servers
from curation.models import Campaign


@project_page(Permission.VIEW)
def campaigns(request: HttpRequest) -> HttpResponse:
    rows = reads.of_project(request.project).prefetch_related("rounds")
    return render(request, "curation/campaigns.html", {"campaigns": rows})


@project_page(Permission.MANAGE)
def new_campaign(request: HttpRequest) -> HttpResponse:
    sources = reads.sources(request.project)
    question = next(iter(selectors.questions(request.project, pairwise=True)), None)
    given = request.GET.get("source", "")
    source = next((source for source in sources if source.key == given), sources[0] if sources else None)
    initial = {"source": source.key if source else "", "plan": _default(request, question, source)}
    form = CampaignForm(request.POST or None, initial=initial, sources=sources)
    if request.method == "POST" and form.is_valid():
        chosen = next(source for source in sources if source.key == form.cleaned_data["source"])
        try:
            found = services.start(
                project=request.project,
                plan=form.cleaned_data["plan"],
                dataset=form.cleaned_data["dataset"],
                user=request.user,
                **chosen.as_argument(),
            )
            return redirect("campaign", request.project.pk, found.pk)
        except ValidationError as error:
            for field, errors in error.message_dict.items():
                form.add_error(field, errors)
    context = {"form": form, "stages": stage_help(), "settings": plans.HELP, "question": question, "sources": sources}
    return render(request, "curation/new_campaign.html", context)


def _default(request: HttpRequest, question: Any, source: Any) -> str:
    try:
        endpoints = list(servers().of(request.project.organisation))[:3]
    except ServersError:
        endpoints = []
    taken = set(request.project.campaigns.values_list("name", flat=True))
    name = next(name for number in range(1, len(taken) + 2) if (name := f"campaign {number}") not in taken)
    rows = source.rows if source else 0
    asked = question.name if question else ""
    return defaults.plan(name=name, question=asked, rows=rows, endpoints=endpoints, draw=len(taken))


def stage_help() -> list[dict[str, Any]]:
    """What the plan's editor says of each stage and its plug-ins."""
    return [
        {
            "entry": entry,
            "plugins": [
                {
                    "name": name,
                    "default": name == default,
                    "title": core.get(folder, name).TITLE,
                    "summary": core.get(folder, name).SUMMARY,
                    "settings": [
                        {"name": key, "title": value.get("title", "")}
                        for key, value in core.get(folder, name).SETTINGS["properties"].items()
                    ],
                }
                for name in core.names(folder)
            ],
        }
        for entry, (folder, default) in plans.PLUGINS.items()
    ]


@project_page(Permission.VIEW)
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return render(request, "curation/campaign.html", _context(request, campaign_id))


def _context(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    found = get_object_or_404(reads.of_project(request.project), pk=campaign_id)
    rounds = list(found.rounds.all())
    plan = plans.parse(found.plan)
    stages = reads.funnel(found)
    fates = reads.fates(found)
    return {
        "campaign": found,
        "people_unit": _("of %(number)s") % {"number": f"{plan['budget']['people']:,}"},
        "kept": sum(row["rows"] for row in fates if row["fate"] in ALIVE),
        "kept_unit": _("of %(number)s") % {"number": f"{found.figures.get('rows', 0):,}"},
        "rounds": rounds,
        "charts": [chart for chart in (_accuracy(rounds), _funnel(stages)) if chart],
        "fates": fates,
        "reasons": reads.reasons(found),
        "stopped": reads.stopped(found),
        "unanswered": reads.unanswered(found) if found.state == Campaign.State.WAITING else 0,
        "asked_people": sum(row.figures.get("asked", 0) for row in rounds),
        "is_weak": reads.is_weak(rounds),
        "is_live": found.state in services.LIVE,
    }


def _funnel(stages: list[dict[str, Any]]) -> dict[str, Any] | None:
    return charts.funnel(stages, id="campaign-funnel") if stages else None


def _accuracy(rounds: list[Any]) -> dict[str, Any] | None:
    tried = [row for row in rounds if "accuracy" in row.figures]
    if not tried:
        return None
    series = {
        _("pairs drawn by lot"): [row.figures["accuracy"] for row in tried],
        _("all that people labelled"): [row.figures["accuracy_all"] for row in tried],
    }
    return charts.curve(
        [_("round %(number)s") % {"number": row.number} for row in tried],
        series,
        id="campaign-accuracy",
        title=_("Accuracy on what people labelled"),
        note=_(
            "The pairs drawn by lot are the same for every model. The others fill with what models get wrong, so on "
            "all of them accuracy falls."
        ),
        x="",
        y=_("accuracy"),
        reference=0.5,
        bounds=(0, 1),
    )


@project_page(Permission.MANAGE)
@require_POST
def go_on(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.campaigns, pk=campaign_id)
    try:
        services.go_on(campaign=found, user=request.user)
    except JobError as error:
        messages.error(request, str(error))
    return redirect("campaign", request.project.pk, found.pk)


@project_page(Permission.MANAGE)
@require_POST
def cancel(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(request.project.campaigns, pk=campaign_id)
    services.cancel(campaign=found, user=request.user)
    return redirect("campaign", request.project.pk, found.pk)
