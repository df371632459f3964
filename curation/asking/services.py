"""Writes of asking: batches put at the front of the queue, and what people verified kept as gold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from django.db import transaction

from annotate import services as collected
from annotate.access.models import User
from annotate.access.services import record
from annotate.discovery import UnknownPlugin
from annotate.jobs.models import Job
from annotate.jobs.registry import JobError, Progress, silent
from annotate.models import Project, Task
from curation import pairs, ports, selection, selectors
from curation.asking import answers, evidence, sources
from curation.asking.sources import Source
from curation.models import DatasetVersion, Selection, SelectionEntry
from curation.ports import PortNotRegistered
from curation.selection import MissingEvidence, SettingsError
from curation.selection._dealing import Batch, deal

MOST = 5000  # pairs in one batch
CHUNK = 500
PREVIEWED = 20


@dataclass(frozen=True)
class Wanted:
    """A batch as it is asked for; plain JSON by `asdict`.

    ``version``: primary key, where the source is one; ``reward_models``: identifiers of those that are the ensemble.
    """

    strategy: str
    source: str = "answered"
    question: str = ""
    dimension: str = ""
    size: int = 100
    random_share: float = 0.1
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    reward_models: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Plan:
    """A batch that is not written yet: of which pairs it is, and what they were chosen by."""

    wanted: Wanted
    source: Source
    batch: Batch
    open: int
    version: DatasetVersion | None


def plan(*, project: Project, wanted: Wanted, progress: Progress = silent) -> Plan:
    """Choose a batch and write nothing.

    Raises
    ------
    JobError
        If the wish is wrong, nothing is there to ask about, or the strategy lacks what it decides on.
    """
    try:
        settings = selection.settings_with_defaults(wanted.strategy, wanted.settings)
        strategy = selection.get(wanted.strategy)
        question = wanted.question or _pairwise(project)
        version = _version(project, wanted)
        progress(0, None, "collecting pairs")
        found = sources.find(project, wanted.source, question=question, dimension=wanted.dimension, version=version)
        known = evidence.gather(
            project,
            found,
            strategy.NEEDS,
            ports.models_of(project.organisation_id),
            reward_models=wanted.reward_models,
            seed=wanted.seed,
            progress=progress,
        )
        progress(0, None, "choosing")
        batch = deal(
            found.table, known, wanted.strategy, settings,
            size=min(wanted.size, MOST), random_share=wanted.random_share, seed=wanted.seed,
        )  # fmt: skip
    except (UnknownPlugin, SettingsError, MissingEvidence, PortNotRegistered, LookupError) as error:
        raise JobError(str(error)) from error
    if not len(batch.place_K):
        raise JobError("Every pair of this source was asked about already.")
    filled = Wanted(**{**asdict(wanted), "settings": settings, "question": question})
    return Plan(filled, found, batch, int(known.open_N.sum()), version)


def preview(plan: Plan) -> dict[str, Any]:
    """The beginning of a batch as plain JSON, for a page that shows it before anything is written."""
    rows = plan.source.table.take(plan.batch.place_K[:PREVIEWED]).select(["prompt", "response_a", "response_b"])
    shown = [
        {
            "prompt": pairs.prompt_text(row["prompt"])[:300],
            "a": row["response_a"][:300],
            "b": row["response_b"][:300],
            "label": _finite(plan.source.label_N[place]),
            **why(plan, turn),
        }
        for turn, (row, place) in enumerate(zip(rows.to_pylist(), plan.batch.place_K.tolist(), strict=False))
    ]
    return {"rows": shown, "size": len(plan.batch.place_K), "open": plan.open}


def why(plan: Plan, turn: int) -> dict[str, Any]:
    """What stands in the entry at a place of the batch: its slice, score, and which filter or strategy found it why."""
    place, part = int(plan.batch.place_K[turn]), str(plan.batch.slice_K[turn])
    by_filter = part == SelectionEntry.Slice.CHOSEN and bool(plan.source.filter_N[place])
    return {
        "slice": part,
        "score": _finite(plan.batch.score_K[turn]),
        "filter": str(plan.source.filter_N[place]) if by_filter else "",
        "reason": str(plan.source.reason_N[place] if by_filter else plan.batch.reason_K[turn]),
    }


def select(
    *, project: Project, wanted: Wanted, job: Job | None = None, user: User | None = None, progress: Progress = silent
) -> Selection:
    """Choose a batch, put its tasks at the front of the queue, and keep why; a job that starts again makes it once."""
    if job is not None and (made := Selection.objects.filter(job=job).first()):
        return made
    chosen = plan(project=project, wanted=wanted, progress=progress)
    wanted, batch = chosen.wanted, chosen.batch
    rows = chosen.source.table.take(batch.place_K).select(["row_id", "item", "dimension", "key_a", "key_b"]).to_pylist()
    progress(0, None, "writing")
    tasks = _tasks(project, rows)
    with transaction.atomic():
        made = Selection.objects.create(
            project=project,
            question=wanted.question,
            dimension=rows[0]["dimension"],
            source=wanted.source,
            version=chosen.version,
            strategy=wanted.strategy,
            settings=dict(wanted.settings),
            size=len(rows),
            random_share=wanted.random_share,
            seed=wanted.seed,
            evidence={
                "open": chosen.open,
                "answers": selectors.source_hash(project),
                "reward_models": list(wanted.reward_models),
            },
            job=job,
            created_by=user,
        )
        SelectionEntry.objects.bulk_create(
            (
                SelectionEntry(
                    selection=made, place=turn, task=task, row_id=row["row_id"], key_a=row["key_a"], key_b=row["key_b"],
                    label=_finite(chosen.source.label_N[batch.place_K[turn]]), **why(chosen, turn),
                )
                for turn, (row, task) in enumerate(zip(rows, tasks, strict=True))
            ),
            batch_size=CHUNK,
        )  # fmt: skip
        # The first of the batch has the highest priority; a task with two pairs keeps that of its first.
        priorities: dict[int, int] = {}
        for turn, task in enumerate(tasks):
            priorities.setdefault(task.pk, len(rows) - turn)
        collected.set_priorities(project=project, priorities=priorities, more=1)
        record(organisation=project.organisation, actor=user, verb="selection.made", target=made.pk, size=len(rows))
    return made


def _tasks(project: Project, rows: list[dict[str, Any]]) -> list[Task]:
    """The task that asks about each row: the one of its two responses, else the first that shows both."""
    tasks: dict[str, list[Task]] = {}
    names = sorted({row["item"] for row in rows})
    for start in range(0, len(names), CHUNK):
        found = project.tasks.filter(item__external_id__in=names[start : start + CHUNK]).select_related("item")
        for task in found.order_by("pk"):
            tasks.setdefault(task.item.external_id, []).append(task)
    return [_task_of(tasks[row["item"]], {row["key_a"], row["key_b"]}) for row in rows]


def _task_of(tasks: list[Task], keys: set[str]) -> Task:
    both = [task for task in tasks if keys <= set(task.responses)]
    return min(both, key=lambda task: len(task.responses))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _pairwise(project: Project) -> str:
    names = [question.name for question in selectors.questions(project, pairwise=True)]
    if not names:
        raise JobError("This project asks no question that compares responses.")
    return str(names[0])


def _version(project: Project, wanted: Wanted) -> DatasetVersion | None:
    if wanted.version is None:
        return None
    found = DatasetVersion.objects.filter(dataset__project=project, pk=wanted.version).first()
    if found is None:
        raise LookupError("The project has no such dataset version.")
    return found


def keep_gold(*, selection: Selection, by: User | None = None) -> int:
    """Keep as gold what people agree on in a selection's pairs; returns how many items got a gold outcome.

    Only where all who answered say the same, and the pair is of the item's first two responses, of which gold tells.
    """
    outcomes = {}
    for said in answers.of(selection):
        first_two = [response.key for response in said.entry.task.item.responses.all()[:2]]
        if said.agreed and {said.entry.key_a, said.entry.key_b} == set(first_two):
            outcomes[said.entry.task.item_id] = pairs.seen_from(said.agreed, said.entry.key_a != first_two[0])
    return collected.set_gold(project=selection.project, outcomes=outcomes, by=by)
