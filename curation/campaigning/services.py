"""Writes of campaigns: start, go on, cancel, and the step that a job takes: as far as it gets without people."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from annotate.access.models import User
from annotate.access.services import record
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import Cancelled, Interrupted, JobError, Progress, silent
from annotate.models import Project
from curation import agreement, selectors, services, versions
from curation.campaign import CampaignError, Tools, running
from curation.campaign import plan as plans
from curation.campaign.desk import Desk
from curation.campaign.files import Files
from curation.campaign.plan import Plan, PlanError
from curation.campaign.rounds import Waiting
from curation.campaigning import lending, paying
from curation.campaigning.people import Queue
from curation.campaigning.selectors import unanswered
from curation.judging.endpoints import ServersError
from curation.models import Campaign, Dataset, DatasetVersion, Pool, Round
from curation.ports import PortNotRegistered, models_of

State = Campaign.State
LIVE = (State.QUEUED, State.RUNNING, State.WAITING)


@transaction.atomic
def start(
    *,
    project: Project,
    plan: str,
    version: DatasetVersion | None = None,
    pool: Pool | None = None,
    dataset: str = "",
    begin: bool = True,
    user: User | None = None,
) -> Campaign:
    """A campaign, and the job that begins it; its name is that of the plan, its version goes to ``dataset``.

    With ``begin`` false whoever calls takes the first `step` themselves.

    Raises
    ------
    ValidationError
        Under "plan" or "source", with what to do.
    """
    try:
        wanted = plans.parse(plan)
    except PlanError as error:
        raise ValidationError({"plan": str(error)}) from error
    if (version is None) == (pool is None):
        raise ValidationError({"source": "Choose a dataset version or a pool."})
    if (version.dataset.project_id if version else pool.project_id) != project.pk:
        raise ValidationError({"source": "It belongs to another project."})
    _question(project, wanted)
    if project.campaigns.filter(name=wanted["name"]).exists():
        raise ValidationError({"plan": f"name: there is a campaign {wanted['name']!r} already; choose another name."})
    row, _ = Dataset.objects.get_or_create(project=project, name=(dataset or wanted["name"])[:120])
    campaign = Campaign.objects.create(
        project=project,
        name=wanted["name"],
        plan=plan,
        source_version=version,
        source_pool=pool,
        dataset=row,
        created_by=user,
    )
    try:
        campaign.purse = paying.open_purse(campaign=campaign, plan=wanted)
    except ValidationError as error:
        raise ValidationError({"plan": " ".join(error.messages)}) from error
    except ServersError as error:
        raise ValidationError({"plan": str(error)}) from error
    campaign.save(update_fields=["purse"])
    record(organisation=project.organisation, actor=user, verb="campaign.started", target=campaign)
    if begin:
        enqueue(campaign=campaign, user=user)
    return campaign


@transaction.atomic
def enqueue(*, campaign: Campaign, user: User | None = None) -> Job | None:
    """The job that takes the campaign further; None where one is at it, or the campaign is over."""
    from curation.tasks.campaigns import campaign_step

    campaign = Campaign.objects.select_for_update(of=("self",)).select_related("job", "project").get(pk=campaign.pk)
    if campaign.state in (State.DONE, State.CANCELLED) or campaign.is_at_work:
        return None
    campaign.state, campaign.error, campaign.stage = State.QUEUED, "", ""
    campaign.job = jobs.enqueue(
        campaign_step,
        organisation=campaign.project.organisation,
        project=campaign.project,
        user=user or campaign.created_by,
        title=f"Campaign {campaign}",
        campaign=campaign.pk,
    )
    campaign.save(update_fields=["state", "error", "stage", "job"])
    return campaign.job


def idle(campaign: Campaign) -> Campaign:
    """The campaign as it is now; JobError where a job is at it."""
    campaign = Campaign.objects.select_related("project__organisation", "dataset", "job", "purse").get(pk=campaign.pk)
    if campaign.is_at_work:
        raise JobError(f"A job is at work on {campaign} already.")
    return campaign


def give_up_answers(*, campaign: Campaign, user: User | None = None) -> None:
    """Wait no longer for the answers that are missing in this round; those pairs are dropped as undecided.

    Raises
    ------
    JobError
        If too few of the first pairs are answered, for they are the yardstick of all rounds.
    """
    newest = campaign.rounds.order_by("-number").first()
    waits = Campaign.objects.filter(pk=campaign.pk, state=State.WAITING)
    if newest is not None and newest.number == 0 and waits.exists():
        answered = newest.figures["asked"] - unanswered(campaign)
        if answered < plans.LEAST_GOLD:
            raise JobError(
                f"{answered} of the first {newest.figures['asked']} pairs are answered. "
                f"At least {plans.LEAST_GOLD} must be: all models are tried on them."
            )
    changed = waits.update(go_on=newest.number if newest else 0)
    if changed:
        record(organisation=campaign.project.organisation, actor=user, verb="campaign.gave_up_answers", target=campaign)


def go_on(*, campaign: Campaign, user: User | None = None) -> Job | None:
    """After a failure, or without the answers that are missing; None where there is nothing to go on with."""
    give_up_answers(campaign=campaign, user=user)
    return enqueue(campaign=campaign, user=user)


@transaction.atomic
def cancel(*, campaign: Campaign, user: User | None = None) -> None:
    """End it; what people answered stays in the project, and their open tasks leave the queue's front."""
    changed = Campaign.objects.filter(pk=campaign.pk, state__in=(*LIVE, State.FAILED)).update(
        state=State.CANCELLED, stage="", finished_at=timezone.now()
    )
    if not changed:
        return
    if campaign.job is not None:
        jobs.request_cancel(job=campaign.job)
    start = campaign.external_id("")
    campaign.project.tasks.filter(item__external_id__startswith=start, answered=0, taken=0).update(priority=0)
    record(organisation=campaign.project.organisation, actor=user, verb="campaign.cancelled", target=campaign)


def answered(project: int, external_id: str) -> None:
    """Somebody answered a pair of a campaign: it goes on if that was the last that it waited for."""
    _, number, *_ = external_id.split("-")
    mine = Campaign.objects.filter(project=project, state=State.WAITING)
    campaign = mine.filter(pk=number).first() if number.isdecimal() else None
    if campaign is not None and not unanswered(campaign):
        enqueue(campaign=campaign)


def step(*, campaign: Campaign, progress: Progress = silent) -> Mapping[str, Any]:
    """Take a campaign as far as it gets: to its dataset version, or to where people must answer.

    Done again, also after a kill, it does only what is not done yet.
    """
    if campaign.state in (State.DONE, State.CANCELLED):
        return {"campaign": campaign.pk, "state": campaign.state}
    _set(campaign, state=State.RUNNING, stage="")
    try:
        desk = _desk(campaign, progress)
        ended = running.run(desk, partial(_keep_round, campaign))
        version = _keep_version(campaign, ended)
    except Waiting as waiting:
        return _wait(campaign, waiting)
    except Interrupted:
        raise
    except Cancelled:
        rows = Campaign.objects.filter(pk=campaign.pk, state=State.RUNNING)
        rows.update(state=State.FAILED, error="Its job was cancelled. It goes on where it was when you say so.")
        raise
    except (CampaignError, PortNotRegistered, PlanError, versions.VersionError, LookupError) as error:
        _set(campaign, state=State.FAILED, error=str(error))
        raise JobError(str(error)) from error
    except Exception as error:
        _set(campaign, state=State.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    _set(campaign, state=State.DONE, stage="", version=version, figures=dict(ended.figures), finished_at=timezone.now())
    return {"campaign": campaign.pk, "state": State.DONE, "version": version.pk, **ended.figures}


def _wait(campaign: Campaign, waiting: Waiting) -> Mapping[str, Any]:
    asked_in = f"round {waiting.round_}" if waiting.round_ else "first pairs"
    stage = f"{asked_in}: {waiting.missing} of {waiting.asked} are not answered yet"
    _set(campaign, state=State.WAITING, stage=stage)
    if not unanswered(campaign):  # the last answer came in just now
        enqueue(campaign=campaign)
    return {"campaign": campaign.pk, "state": State.WAITING, "missing": waiting.missing}


def _desk(campaign: Campaign, progress: Progress) -> Desk:
    plan, project = plans.parse(campaign.plan), campaign.project
    models = models_of(project.organisation_id)
    tools = Tools(
        models=models,
        people=Queue(campaign, _question(project, plan), plan["answers"]),
        train=partial(lending.trained, campaign),
        benchmarks=lending.benchmarks,
    )
    told = [""]

    def report(stage: str, done: int = 0, total: int | None = None) -> None:
        if stage != told[0]:
            told[0] = stage
            _set(campaign, stage=stage)
        progress(done, total, stage)

    if campaign.purse is not None:
        till = paying.Till(campaign.purse, lambda: progress(0, None, told[0]))
        tools = Tools(**{**vars(tools), "ask": till.ask, "each": till.each, "spent": till.spent})
    return Desk(plan, lending.source_of(campaign), Files(campaign.folder), tools, project.guidelines, report)


def _question(project: Project, plan: Plan) -> str:
    """The question that people are asked; ValidationError under "plan" where the form has none that fits."""
    names = [question.name for question in selectors.questions(project, pairwise=True)]
    if not names:
        raise ValidationError({"plan": "The form has no question that compares responses, so people cannot be asked."})
    if plan["question"] and plan["question"] not in names:
        raise ValidationError({"plan": f"question: the form compares responses in {', '.join(names)}."})
    return plan["question"] or names[0]


def _keep_round(campaign: Campaign, number: int, figures: dict[str, Any]) -> None:
    Round.objects.update_or_create(campaign=campaign, number=number, defaults={"figures": figures})
    if campaign.go_on is not None and "answered" in figures and campaign.go_on == number:
        _set(campaign, go_on=None)  # the next round is waited for again


def _keep_version(campaign: Campaign, ended: running.Ended) -> DatasetVersion:
    lineage = lending.lineage_of(campaign) | {
        "dataset": campaign.dataset.name,
        "round": ended.figures["best_round"],
        "agreement": agreement.people(ended.result.table),
    }
    written = versions.write(ended.result, ended.pipeline, settings.DATASETS_DIR, lineage)
    return services.keep_version(
        dataset=campaign.dataset, written=written, pipeline_yaml=campaign.plan, user=campaign.created_by
    )


def _set(campaign: Campaign, **values: Any) -> None:
    """Change a campaign that is not over; one that was cancelled meanwhile stays so."""
    for name, value in values.items():
        setattr(campaign, name, value)
    rows = Campaign.objects.filter(pk=campaign.pk).exclude(state=State.CANCELLED)
    if not rows.update(**values):
        raise Cancelled
