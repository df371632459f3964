"""Reads of AI judges: which servers they ask, what a run would cost, and what it has done."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.db.models import Count, QuerySet, Sum

from annotate import selectors as collected
from annotate.models import Annotation, Project
from curation import judges
from curation.clients import Completion, Endpoint, Request
from curation.judges import Tools
from curation.judging import cases, ledger
from curation.judging.endpoints import servers
from curation.models import BILLION, Judge, JudgeCall, JudgeRun

SAMPLED = 20  # tasks that an estimate looks at
BYTES_A_TOKEN = 4  # of English text, about
LIKELY_OUTPUT = 200  # tokens of an answer, where nothing is known of earlier ones


def endpoints_of(judge: Judge) -> list[str]:
    """Names of the endpoints that a judge asks: its own, and those that its settings name."""
    method = judges.get(judge.method)
    if "ask" not in method.NEEDS:
        return []
    properties = method.SETTINGS.get("properties", {})
    own = [] if "endpoints" in properties else [judge.endpoint]
    named = [judge.settings.get(key) or [] for key in ("endpoint", "endpoints", "meta_endpoint") if key in properties]
    listed = [name for value in named for name in ([value] if isinstance(value, str) else value)]
    return list(dict.fromkeys(name for name in [*own, *listed] if name))


def of_organisation(project: Project) -> QuerySet[Judge]:
    """The judges that a project's people may use, each with what its runs did."""
    rows = Judge.objects.filter(organisation=project.organisation_id).select_related("rater", "created_by")
    return rows.annotate(n_runs=Count("runs", distinct=True)).order_by("name", "-version")


def spent_by(judges_: Iterable[Judge]) -> dict[int, float]:
    """Money that the runs of each judge spent, by primary key."""
    rows = JudgeRun.objects.filter(judge__in=judges_).values("judge").annotate(spent=Sum("spent_billionths"))
    return {row["judge"]: row["spent"] / BILLION for row in rows.order_by()}


def answered_by(project: Project, judges_: Iterable[Judge]) -> dict[int, int]:
    """How many of the project's tasks each judge has answered, by primary key."""
    rows = collected.current_annotations(project, rater__judge__in=judges_)
    return dict(rows.values_list("rater__judge").annotate(Count("pk")).order_by())


def calls_of(run: JudgeRun) -> dict[str, int]:
    """How many requests of a run stand how: reserved, answered, failed, lost."""
    return dict(run.calls.values_list("state").annotate(Count("pk")).order_by())


@dataclass(frozen=True)
class Estimate:
    """What judging so many tasks would cost.

    ``likely`` is from earlier answers of this judge where there are any (``known``), else a guess from the length of
    the texts; ``most`` is what the first steps cost at worst. A method of several steps asks more than is seen here.
    """

    tasks: int
    requests: float
    likely: float
    most: float
    known: bool


def estimate(run: JudgeRun) -> Estimate:
    """The cost of a run that has not begun (and need not be saved), from a sample of its tasks."""
    open_ = cases.open_tasks(run)
    tasks = min(open_.count(), run.most_tasks or 10**9)
    sample = list(open_.values_list("pk", flat=True)[: min(SAMPLED, tasks)])
    asked = [_first_requests(run, case) for _, case in cases.cases(run, sample)]
    if not asked:
        return Estimate(tasks, 0.0, 0.0, 0.0, False)
    most = _mean_cost(run, asked, lambda endpoint, request: request.most_tokens(endpoint)) * len(asked) / len(sample)
    likely = _mean_cost(run, asked, _likely_tokens) * len(asked) / len(sample)
    paid = Annotation.objects.filter(rater=run.judge.rater, metadata__has_key="cost").order_by("-pk")
    costs = [metadata["cost"] for metadata in paid.values_list("metadata", flat=True)[:100]]
    requests = sum(map(len, asked)) / len(sample)
    each = fmean(costs) if costs else likely
    return Estimate(tasks, requests * tasks, each * tasks, most * tasks, bool(costs))


def _first_requests(run: JudgeRun, case: judges.Case) -> list[tuple[Endpoint, Request]]:
    """What a judge asks about a case before it has any answer."""
    mine, found = servers().of(run.judge.organisation), []

    def note(request: Request, endpoint: str = "") -> tuple[Completion, str]:
        where = mine.get(endpoint or run.judge.endpoint)
        if where is not None:
            found.append((where, request))
        return Completion((), 0, 0), ""

    method = judges.get(run.judge.method)
    if "ask" in method.NEEDS:
        settings = judges.settings_with_defaults(run.judge.method, run.judge.settings)
        method.judge(case, Tools(settings=settings, prompt=run.judge.prompt, ask=note, seed=run.seed))
    return found


def _mean_cost(run: JudgeRun, asked: list[list[tuple[Endpoint, Request]]], tokens: Any) -> float:
    """Money a case."""
    costs = [
        sum(ledger.billionths(where, *tokens(where, request), in_batch=run.in_batches) for where, request in requests)
        for requests in asked
    ]
    return fmean(costs) / BILLION


def _likely_tokens(endpoint: Endpoint, request: Request) -> tuple[int, int]:
    most_in, most_out = request.most_tokens(endpoint)
    return most_in // BYTES_A_TOKEN, min(most_out, LIKELY_OUTPUT * request.n)


def failed_calls(run: JudgeRun) -> QuerySet[JudgeCall]:
    """The requests of a run that brought no answer, the newest first."""
    return run.calls.filter(state__in=["failed", "lost"]).order_by("-pk")
