"""Trials of prompts and skills: over a run's budget, on what people decided of a project."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from annotate.access.models import User
from annotate.jobs.registry import JobError, Progress, silent
from annotate.jobs.services import enqueue
from annotate.models import Project, Task
from annotate.records import OUTCOMES
from curation import candidates
from curation.clients import Completion, Request
from curation.judges import Case, Judgement
from curation.judging import cases, endpoints, improving, ledger, services, skills
from curation.judging.caller import Caller, ServerGone
from curation.judging.cases import Key
from curation.judging.gold import STOPPED, Gold, Stopped
from curation.judging.limits import Stopped as Interrupted
from curation.judging.relay import Relay
from curation.judging.session import End, Session
from curation.judging.standing import Compared
from curation.models import BILLION, Judge, JudgeRun, JudgingSkill, Trial

MOST_GOLD = 400  # cases: more change little and cost much


@transaction.atomic
def start(
    *,
    what: str,
    judge: Judge,
    project: Project,
    question: str,
    dimension: str = "",
    meta_endpoint: str = "",
    budget: float = 0,
    budget_tokens: int | None = None,
    rounds: int | None = None,
    user: User | None = None,
) -> Trial:
    """A trial, enqueued.

    Raises
    ------
    ValidationError
        By field, if the judge cannot be tried here, or the meta judge's endpoint is not known.
    """
    from curation.tasks.judge_lab import try_judge

    if judge.organisation_id != project.organisation_id:
        raise ValidationError({"judge": "There is no such judge."})
    if not judge.prompt:
        raise ValidationError({"judge": "This judge is sent no instruction, so there is none to improve."})
    meta = meta_endpoint or judge.endpoint
    if meta not in endpoints.servers().of(project.organisation):
        raise ValidationError({"meta_endpoint": f"There is no model endpoint {meta!r}."})
    # The run is the purse and has no tasks: whoever resumes it judges nothing.
    run = JudgeRun(
        judge=judge, project=project, question=question, most_tasks=0, created_by=user,
        budget_billionths=int(Decimal(str(budget)) * BILLION), budget_tokens=budget_tokens,
    )  # fmt: skip
    run.full_clean(exclude=["tasks"])
    run.save()
    settings = {"rounds": rounds} if rounds else {}
    trial = Trial.objects.create(
        what=what, project=project, judge=judge, run=run, meta_endpoint=meta, dimension=dimension, settings=settings
    )
    run.job = enqueue(
        try_judge,
        organisation=project.organisation,
        project=project,
        user=user,
        title=f"Improve {trial}",
        trial=trial.pk,
    )
    run.save(update_fields=["job"])
    return trial


def run_trial(*, trial: Trial, progress: Progress = silent, **patience: float) -> Trial:
    """Do what a trial is to do; started again it asks for nothing that it has paid for."""
    gold = gold_of(trial.project, trial.run.question, trial.dimension)
    court = Court(trial.run, trial.meta_endpoint, progress, **patience)
    given = {"seed": trial.run.seed, "tick": court.tick}
    if rounds := trial.settings.get("rounds"):
        given["rounds" if trial.what == Trial.What.PROMPT else "tries"] = rounds
    do = improving.improve if trial.what == Trial.What.PROMPT else skills.grow
    try:
        found: Any = do(gold, trial.judge.prompt, court.judging, court.asking, **given)
    except ValueError as error:
        raise JobError(str(error)) from error
    return _keep(trial, found, court)


@transaction.atomic
def _keep(trial: Trial, found: Any, court: "Court") -> Trial:
    figures = asdict(found)
    if trial.what == Trial.What.SKILLS:
        figures.pop("skills")
        trial.skills.all().delete()
        JudgingSkill.objects.bulk_create(
            JudgingSkill(
                judge=trial.judge, trial=trial, name=skill.name, when=skill.when, instruction=skill.instruction,
                category=skill.category, words=sorted(skill.words), evidence=skill.evidence,
            )
            for skill in found.skills
        )  # fmt: skip
    elif found.prompt != trial.judge.prompt and trial.best is None:
        note = f"Rewritten by a meta judge; on held-out cases: {found.verdict}."
        trial.best = services.new_version(judge=trial.judge, prompt=found.prompt, note=note, user=trial.run.created_by)
    trial.figures, trial.verdict = figures, found.verdict
    trial.save(update_fields=["figures", "verdict", "best"])
    run = trial.run
    run.end = court.end if found.verdict == STOPPED else End.FINISHED
    run.reason, run.ended_at = found.reason, timezone.now()
    run.save(update_fields=["end", "reason", "ended_at"])
    return trial


def gold_of(project: Project, question: str, dimension: str = "") -> list[Gold]:
    """Pairs that people decided, or whose outcome is released, as cases; at most `MOST_GOLD`, in a fixed order.

    Raises
    ------
    JobError
        If the project has no such pair, or the question is not about pairs.
    """
    table = candidates.pair_table(project, question=question, dimension=dimension)
    compared = Compared.of(table)
    asked = next((row for row in project.form.questions.all() if row.name == question and row.kind == "pairwise"), None)
    known = (compared.people_N >= 0).nonzero()[0].tolist()[:MOST_GOLD]
    if asked is None or not known:
        raise JobError("People have decided no pair of this question yet, so there is nothing to try a judge on.")
    rows = {(row["item"], frozenset((row["key_a"], row["key_b"]))): row for row in table.take(known).to_pylist()}
    outcomes = dict(zip(rows, (OUTCOMES[compared.people_N[row]] for row in known), strict=True))
    tasks = Task.objects.filter(project=project, item__external_id__in={item for item, _ in rows}).order_by("pk")
    found = []
    for task in tasks.select_related("item").prefetch_related("item__responses"):
        pair = task.item.external_id, frozenset(task.responses)
        if (row := rows.get(pair)) is not None:
            keys = {"a": row["key_a"], "b": row["key_b"]}
            expected = keys.get(outcomes[pair], outcomes[pair])
            found.append(Gold(cases.case(project, task, asked), expected, row["prompt"], dimension))
    return found


class Court:
    """A judge with any instruction, and the meta judge, both paid from one run.

    `judging` and `asking` are what `curation.judging.gold` wants; both raise `gold.Stopped` where the run is to end.
    """

    def __init__(self, run: JudgeRun, meta_endpoint: str, progress: Progress, **patience: float) -> None:
        self._run, self._meta, self._progress, self._patience = run, meta_endpoint, progress, patience
        self._message, self._done = "", 0
        self.end: str = End.FINISHED

    def tick(self, message: str) -> None:
        """Reports; raises where the job is to stop."""
        self._message = message or self._message
        self._progress(self._done, None, self._message)

    def judging(self, prompt_of: Callable[[Case], str], asked: Sequence[Case]) -> list[Judgement | None]:
        """What the judge makes of each case."""
        found: list[Judgement | None] = [None] * len(asked)
        keys = ((Key(place, case.asked.question, 1), case) for place, case in enumerate(asked))
        with Session(self._run, self.tick, prompt_of=prompt_of, **self._patience) as session:
            for key, _, judged in session.judged(keys):
                found[key.task] = judged.judgement
                self._done += 1
        if session.end != End.FINISHED:
            self.end = session.end
            raise Stopped(session.reason)
        return found

    def asking(self, request: Request) -> Completion:
        """One answer of the meta judge."""
        relay = Relay()
        caller = Caller(self._run, partial(endpoints.find, self._run.judge.organisation), relay, **self._patience)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(caller.ask, request, self._meta)
            future.add_done_callback(lambda _: relay.wake())
            try:
                while not future.done():
                    relay.serve(0.2)
                    self.tick("")
            finally:
                caller.stop.set()
                while not future.done():
                    relay.serve(0.1)
        try:
            return future.result()[0]
        except ledger.BudgetSpent as error:
            self.end = End.BUDGET
            raise Stopped("What the meta judge's next answer could cost does not fit into the budget.") from error
        except (ServerGone, Interrupted) as error:
            self.end = End.SERVER
            raise Stopped(str(error)) from error
