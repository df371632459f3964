"""Writes of AI judges: make them and their versions, start runs, and judge a project's tasks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from annotate.access.models import Organisation, User
from annotate.access.services import record
from annotate.discovery import UnknownPlugin
from annotate.feedback import InvalidAnswer
from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, silent
from annotate.jobs.services import enqueue
from annotate.models import Project, Rater
from annotate.storable import check_storable
from curation import clients, judges
from curation.judging import cases, library, selectors
from curation.judging.endpoints import ServersError, servers
from curation.judging.keeping import Keeper
from curation.judging.session import Session
from curation.models import BILLION, Judge, JudgeRun


@transaction.atomic
def create_judge(
    *,
    organisation: Organisation,
    name: str,
    method: str,
    endpoint: str = "",
    prompt: str | None = None,
    settings: Mapping[str, Any] | None = None,
    note: str = "",
    parent: Judge | None = None,
    user: User | None = None,
) -> Judge:
    """A judge with its rater; of a name that exists already, the next version.

    Raises
    ------
    ValidationError
        By field, if the method or the endpoint is not known, or the settings do not fit the method.
    """
    name = name.strip()
    try:
        module = judges.get(method)
    except UnknownPlugin as error:
        raise ValidationError({"method": str(error)}) from error
    try:
        filled = judges.settings_with_defaults(method, settings or {})
    except InvalidAnswer as error:
        raise ValidationError({"settings": f"{error.path}: {error}" if error.path else str(error)}) from error
    newest = Judge.objects.filter(organisation=organisation, name=name).order_by("-version").first()
    judge = Judge(
        organisation=organisation,
        name=name,
        version=newest.version + 1 if newest else 1,
        method=method,
        endpoint=endpoint,
        prompt=module.PROMPT if prompt is None else prompt,
        settings=filled,
        note=note,
        parent=parent,
        created_by=user,
    )
    check_storable([judge.name, judge.prompt, judge.settings, judge.note])
    _check_endpoints(judge)
    title = f"{name} v{judge.version}"
    judge.rater = Rater(
        organisation=organisation, kind=module.KIND, name=f"judge {title}", metadata={"title": title, "method": method}
    )
    judge.full_clean(exclude=["rater", "settings"])
    judge.rater.full_clean()
    judge.rater.save()
    judge.save()
    record(organisation=organisation, actor=user, verb="judge.created", target=judge)
    return judge


def new_version(*, judge: Judge, user: User | None = None, **changes: Any) -> Judge:
    """The next version of a judge, changed in some fields; the old one stays as it is."""
    own = {name: getattr(judge, name) for name in ("method", "endpoint", "prompt", "settings")}
    return create_judge(
        organisation=judge.organisation, name=judge.name, parent=judge, user=user, **{**own, "note": "", **changes}
    )


def _check_endpoints(judge: Judge) -> None:
    """That the judge names endpoints where it asks some, and only such as its organisation may use."""
    if "ask" not in judges.get(judge.method).NEEDS:
        if judge.endpoint:
            raise ValidationError({"endpoint": "This method asks no model, so it takes no endpoint."})
        return
    names = selectors.endpoints_of(judge)
    if not names:
        raise ValidationError({"endpoint": "Choose the model that this judge asks."})
    try:
        mine = servers().of(judge.organisation)
    except ServersError as error:
        raise ValidationError({"endpoint": str(error)}) from error
    if unknown := [name for name in names if name not in mine]:
        known = ", ".join(mine) or "none"
        raise ValidationError(
            {
                "endpoint"
                if unknown[0] == judge.endpoint
                else "settings": f"No such endpoint: {unknown[0]}. Known: {known}."
            }
        )


def start_run(*, judge: Judge, project: Project, user: User | None = None, **limits: Any) -> JudgeRun:
    """A run, enqueued; as `make_run`."""
    with transaction.atomic():
        run = make_run(judge=judge, project=project, user=user, **limits)
        resume(run=run)
    return run


@transaction.atomic
def make_run(
    *,
    judge: Judge,
    project: Project,
    budget: float | str | Decimal = 0,
    budget_tokens: int | None = None,
    question: str = "",
    most_tasks: int | None = None,
    only_gold: bool = False,
    tasks: Sequence[int] = (),
    in_batches: bool = False,
    seed: int = 0,
    user: User | None = None,
) -> JudgeRun:
    """A run that waits to be run. ``budget`` is money in the operator's currency, 0 where the servers cost nothing.

    Raises
    ------
    ValidationError
        By field, if the judge is another organisation's or can answer none of the questions, or a limit is no limit.
    """
    if judge.organisation_id != project.organisation_id:
        raise ValidationError({"judge": "There is no such judge."})
    run = JudgeRun(
        judge=judge,
        project=project,
        question=question,
        most_tasks=most_tasks,
        only_gold=only_gold,
        tasks=list(tasks),
        in_batches=in_batches,
        seed=seed,
        budget_billionths=_billionths(budget),
        budget_tokens=budget_tokens,
        created_by=user,
    )
    run.full_clean(exclude=["tasks"])
    if budget_tokens is not None and budget_tokens < 1:
        raise ValidationError({"budget_tokens": "Give at least one token, or leave it out for no limit."})
    _check_run(run)
    run.save()
    record(organisation=project.organisation, actor=user, verb="judge_run.made", target=run, budget=run.budget)
    return run


def _check_run(run: JudgeRun) -> None:
    known = cases.questions(run)
    if not known:
        raise ValidationError({"question": f"The project asks no question {run.question!r}."})
    task = run.project.tasks.select_related("item").prefetch_related("item__responses").first()
    if task is not None and not cases.answerable(run.judge, task, known):
        kinds = ", ".join(sorted({question.kind for question in known}))
        raise ValidationError({"judge": f"{run.judge} cannot answer such questions ({kinds})."})
    if task is not None and (types := cases.unseen(task)):
        raise ValidationError({"judge": f"Judges see text and images, but tasks here have media of type {types[0]}."})
    if run.in_batches:
        mine = servers().of(run.judge.organisation)
        without = [
            name for name in selectors.endpoints_of(run.judge) if name in mine and not clients.batches(mine[name])
        ]
        if without or "ask" not in judges.get(run.judge.method).NEEDS:
            raise ValidationError({"in_batches": "This judge's model takes no batches."})


def _billionths(budget: float | str | Decimal) -> int:
    """Whole billionths, rounded down."""
    try:
        money = Decimal(str(budget))
        if not 0 <= money <= 10**9:
            raise InvalidOperation
    except InvalidOperation as error:
        raise ValidationError({"budget": "Give an amount of money from 0 up."}) from error
    return int(money * BILLION)


@transaction.atomic
def resume(*, run: JudgeRun, budget: float | str | Decimal | None = None) -> Job:
    """Enqueue a run, or again one that has ended; nothing is paid for twice. A new budget counts at once.

    Raises
    ------
    ValidationError
        If the new budget is none.
    """
    from curation.tasks.judges import judge_project

    if budget is not None:
        run.budget_billionths = _billionths(budget)
        run.save(update_fields=["budget_billionths"])
    if run.job is not None and run.job.is_live:
        return run.job
    run.end, run.reason, run.ended_at = "", "", None
    run.job = enqueue(
        judge_project,
        organisation=run.project.organisation,
        project=run.project,
        user=run.created_by,
        title=f"{run.judge} judges",
        run=run.pk,
    )
    run.save(update_fields=["end", "reason", "ended_at", "job"])
    return run.job


def run_judge(
    *, run: JudgeRun, progress: Progress = silent, examples: cases.Examples | None = None, **patience: float
) -> JudgeRun:
    """Judge the run's tasks to the end, or until its budget is spent or its server is gone; what is done is kept.

    Started again after a crash or with a larger budget it goes on with what is open, and pays for nothing twice.
    ``run`` comes with its judge and project at hand.
    """
    done = run.counts.get("tasks", 0)
    left = None if run.most_tasks is None else max(0, run.most_tasks - done)
    tasks = list(cases.open_tasks(run).values_list("pk", flat=True)[:left])
    keeper, total = Keeper(run), done + len(tasks)
    session = Session(
        run,
        lambda message: progress(run.counts.get("tasks", 0), total, message),
        prompt_of=library.prompts_of(run.judge),
        **patience,
    )
    try:
        with session:
            for key, case, found in session.judged(cases.cases(run, tasks, examples)):
                keeper.keep(key, case, found)
    finally:
        run.counts["cached"] = run.counts.get("cached", 0) + session.caller.cached
        run.end, run.reason, run.ended_at = session.end, session.reason, timezone.now()
        run.save(update_fields=["counts", "end", "reason", "ended_at"])
        run.refresh_from_db()
    return run
