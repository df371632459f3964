"""Cascades of a project's judges: studied for every promise, and made the order in which people are asked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from annotate import services as collecting
from annotate.access.models import User
from annotate.jobs.registry import JobError, Progress, silent
from annotate.models import Project, Task
from curation import candidates, selectors
from curation.judging import lab
from curation.judging.cascade import Cascade, Judge, Plan, confidence
from curation.judging.standing import Compared, agreement
from curation.models import CascadeStudy

PROMISES = tuple(round(0.6 + step / 100, 2) for step in range(40))
DELTA, PEOPLE_COST = 0.05, 1.0
FIRST = 1000  # priority of the task that judges are least sure of; tasks have 0 unless somebody says otherwise
PAIRS = pa.schema(
    [
        ("item", pa.string()),
        ("key_a", pa.string()),
        ("key_b", pa.string()),
        ("level", pa.float64()),  # the highest that a judge reaches, on the scale that the judges share
        ("labelled", pa.bool_()),  # by people
    ]
)


def study(
    *,
    project: Project,
    question: str,
    dimension: str = "",
    judges: Sequence[str] = (),
    delta: float = DELTA,
    people_cost: float = PEOPLE_COST,
    progress: Progress = silent,
) -> CascadeStudy:
    """What a cascade would leave to people at each of `PROMISES`, stored.

    Parameters
    ----------
    judges : names of raters, at most as many as have answered; none: all. They are asked from cheap to dear.

    Raises
    ------
    JobError
        If no model has answered, or one that is named has not.
    """
    progress(0, len(PROMISES) + 1, "reading answers")
    table = candidates.pair_table(project, question=question, dimension=dimension)
    compared = Compared.of(table)
    if missing := [name for name in judges if name not in compared.said]:
        raise JobError(f"{', '.join(missing)} has not answered “{question}”. Run it first, or leave it out.")
    if not compared.said:
        raise JobError(f"No judge or model has answered “{question}” yet, so there is no cascade to study.")
    costs = {
        name: about.cost / about.labels if about.cost else 0.0 for name, about in lab.facts(project, question).items()
    }
    names = sorted(judges or compared.said, key=lambda name: (costs.get(name, 0.0), name))
    cascade = Cascade(
        [
            Judge(name, compared.said[name], confidence(compared.said[name], compared.p_a[name]), costs.get(name, 0.0))
            for name in names
        ],
        compared.people_N,
        compared.cluster_N,
        people_cost=people_cost,
    )
    plans = []
    for number, promise in enumerate(PROMISES, 1):
        progress(number, len(PROMISES) + 1, f"promise of {promise:.0%}")
        plans.append(_as_json(cascade.plan(promise, delta), compared.people_N))
    labelled_N = compared.people_N >= 0
    figures = {
        "pairs": table.num_rows,
        "known": int(labelled_N.sum()),
        "prompts": len(np.unique(compared.cluster_N[labelled_N])),
        "people": agreement(compared.person_V, compared.others_VK, compared.cluster_N[compared.row_V]),
        "judges": [{"name": name, "cost": costs.get(name, 0.0)} for name in names],
        "plans": plans,
    }
    found = CascadeStudy(
        project=project, question=question, dimension=dimension, judges=names, delta=delta, people_cost=people_cost,
        source=selectors.source_hash(project), figures=figures,
    )  # fmt: skip
    columns = {name: table[name] for name in ("item", "key_a", "key_b")}
    columns |= {"level": cascade.level_JN.max(axis=0), "labelled": labelled_N}
    return _store(found, pa.table(columns, schema=PAIRS))


def _as_json(plan: Plan, people_N: np.ndarray) -> dict[str, Any]:
    to_people_N = plan.judge_N < 0
    return {
        "promise": plan.promise, "holds": plan.holds, "reason": plan.reason, "level": plan.level,
        "thresholds": list(plan.thresholds), "shares": list(plan.shares), "asked": list(plan.asked),
        "agreement": plan.agreement, "cost": plan.cost,
        "to_people": int(to_people_N.sum()), "to_ask": int((to_people_N & (people_N < 0)).sum()),
    }  # fmt: skip


@transaction.atomic
def _store(found: CascadeStudy, rows: pa.Table) -> CascadeStudy:
    """The study with its pairs; those on the same question and dimension that no plan was made of go."""
    old = CascadeStudy.objects.filter(project=found.project, question=found.question, dimension=found.dimension)
    old = old.filter(applied={})
    paths = [row.path for row in old]
    old.delete()
    found.save()
    found.path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, found.path)
    for path in paths:
        path.unlink(missing_ok=True)
    return found


def latest(project: Project, question: str, dimension: str = "") -> CascadeStudy | None:
    return project.cascade_studies.filter(question=question, dimension=dimension).first()


def plan_of(found: CascadeStudy, promise: float) -> dict[str, Any]:
    """The stored plan whose promise is the nearest."""
    return min(found.figures["plans"], key=lambda plan: abs(plan["promise"] - promise))


def stage_of(found: CascadeStudy, promise: float) -> dict[str, Any]:
    """A stage of a pipeline that takes the verdicts which a plan promises; {} where it promises nothing."""
    plan = plan_of(found, promise)
    judges = [
        {"rater": name, "threshold": float(np.floor(threshold * 1e6) / 1e6)}
        for name, threshold in zip(found.judges, plan["thresholds"], strict=True)
        if threshold is not None
    ]
    return {"filter": "cascade", "judges": judges, "action": "review"} if plan["holds"] else {}


def for_people(found: CascadeStudy, promise: float) -> list[dict[str, Any]]:
    """The pairs that a plan leaves to people and that nobody labelled, those that judges are least sure of first."""
    plan = plan_of(found, promise)
    rows = pq.read_table(found.path).to_pylist()
    left = [row for row in rows if not row["labelled"] and not (plan["holds"] and row["level"] >= plan["level"])]
    return sorted(left, key=lambda row: (row["level"], row["item"], row["key_a"], row["key_b"]))


@transaction.atomic
def apply(*, found: CascadeStudy, promise: float, budget: int, by: User | None = None) -> int:
    """Put the tasks that a plan leaves to people first in the queue, as many as the budget has answers.

    Tasks that an earlier plan put first and that are not wanted any more go back to where tasks begin. Returns how
    many tasks now come first.

    Raises
    ------
    FileNotFoundError
        If the study's pairs are gone: it has to be made again.
    """
    wanted = for_people(found, promise)
    tasks = {
        (item, frozenset(responses)): (pk, overlap - answered)
        for pk, item, responses, overlap, answered in Task.objects.filter(project=found.project).values_list(
            "pk", "item__external_id", "responses", "overlap", "answered"
        )
    }
    priorities: dict[int, int] = {}
    left = budget
    for row in wanted:
        pk, open_answers = tasks.get((row["item"], frozenset((row["key_a"], row["key_b"]))), (None, 0))
        if pk is None or open_answers <= 0:
            continue
        if open_answers > left:
            break
        left -= open_answers
        priorities[pk] = max(1, FIRST - len(priorities))
    for other in found.project.cascade_studies.exclude(applied={}):
        priorities = dict.fromkeys(other.applied["tasks"], 0) | priorities
        if other.pk != found.pk:
            CascadeStudy.objects.filter(pk=other.pk).update(applied={})
    collecting.set_priorities(project=found.project, priorities=priorities)
    first = [pk for pk, priority in priorities.items() if priority]
    found.applied = {
        "promise": promise, "budget": budget, "answers": budget - left, "tasks": first,
        "at": timezone.now().isoformat(timespec="seconds"), "by": str(by or ""),
    }  # fmt: skip
    found.save(update_fields=["applied"])
    return len(first)
