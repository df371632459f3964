"""Consensus of a project's answers on one question, estimated and stored.

Categories become a distribution over them by unit; what has none (ratings, rankings, passages, texts) becomes a value
with its uncertainty: a unit then holds ``{"value", "low", "high"}`` where it else holds probabilities.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from annotate import selectors as collected
from annotate.feedback import Reading
from annotate.jobs.registry import JobError, Progress, silent
from annotate.models import Item, Project, Response
from annotate.records import OUTCOMES
from curation import aggregation, candidates, ports, selectors
from curation.aggregation import Agreed, ValueConsensus, Votes
from curation.models import Consensus, ConsensusRun

BATCH = 2000
SHOWN = 40  # characters of a value that lists show


def compute_consensus(
    *, project: Project, question: str, method: str = aggregation.DEFAULT, seed: int = 0, progress: Progress = silent
) -> list[ConsensusRun]:
    """The consensus on every unit of one question, by one method; one run a dimension.

    Raises
    ------
    JobError
        If nobody has answered with what the method takes.
    """
    source = selectors.source_hash(project)
    takes = aggregation.get(method).TAKES
    readings = _readings(project, question, takes)
    if not readings:
        raise JobError(
            f"Nobody has answered “{question}” with {_NEEDED[takes]} yet, so there is no consensus by {method}."
        )
    by_dimension: dict[str, list[Reading]] = {}
    for reading in readings:
        by_dimension.setdefault(reading.dimension, []).append(reading)
    runs = []
    for number, (dimension, own) in enumerate(sorted(by_dimension.items())):
        progress(number, len(by_dimension), f"{method} {dimension}".strip())
        stored = selectors.latest_consensus(project, question, method, dimension)
        if stored is not None and stored.source == source:
            runs.append(stored)
            continue
        run = ConsensusRun(project=project, question=question, dimension=dimension, method=method, source=source)
        runs.append(_voted(run, own, seed) if takes == "categories" else _combined(run, own, seed))
    return runs


_NEEDED = {
    "categories": "a verdict",
    "levels": "a rating",
    "rankings": "a ranking",
    "marks": "marked passages",
    "texts": "a text",
}


def _readings(project: Project, question: str, takes: aggregation.Takes) -> list[Reading]:
    """The readings that a method can use."""
    kind = selectors.kind_of(project, question)
    every = list(kind.readings(collected.records(project, question=question)))
    if takes == "categories":
        return aggregation.as_categories(every)
    return [reading for reading in every if takes in aggregation.offered([reading])]


def _voted(run: ConsensusRun, readings: list[Reading], seed: int) -> ConsensusRun:
    belief = (
        candidates.beliefs_of(run.project, run.question) if selectors.is_comparison(run.project, run.question) else {}
    )
    votes = Votes.from_readings(
        readings,
        _categories(readings),
        contestant=contestants(run.project),
        belief=(lambda r: belief.get((r.item, r.subject, r.dimension, r.rater))) if belief else None,
    )
    try:
        consensus = aggregation.get(run.method).aggregate(votes, seed=seed)
    except aggregation.NotPairwise as error:
        raise JobError(str(error)) from error
    return _store_consensus(run, votes, consensus)


def _categories(readings: list[Reading]) -> list[str] | None:
    """Both sides of a comparison, also where all votes so far are for one; None for other categories than outcomes."""
    seen = {reading.category for reading in readings}
    return sorted(seen | {"a", "b"}) if seen <= set(OUTCOMES) else None


def _combined(run: ConsensusRun, readings: list[Reading], seed: int) -> ConsensusRun:
    method = aggregation.get(run.method)
    embed = ports.models_of(run.project.organisation_id).embed if method.TAKES == "texts" else None
    try:
        found = method.combine(readings, seed=seed, embed=embed)
    except ports.PortNotRegistered:
        found = method.combine(readings, seed=seed)
    return _store_values(run, found)


@transaction.atomic
def _store_consensus(run: ConsensusRun, votes: Votes, consensus: aggregation.Consensus) -> ConsensusRun:
    run.categories = list(votes.categories)
    run.notes = consensus.notes
    run.reliability = {
        rater: round(float(value), 4)
        for rater, value in zip(votes.raters, consensus.reliability_R, strict=True)
        if value == value
    }
    _replace(run)
    items = dict(Item.objects.filter(project=run.project).values_list("external_id", "pk"))
    counts_U = votes.counts_UC.sum(axis=1)
    entropy_U = consensus.entropy_U
    Consensus.objects.bulk_create(
        (
            Consensus(
                run=run,
                item_id=items[item],
                subject=subject,
                probs=[round(float(p), 6) for p in consensus.probs_UC[u]],
                winner=votes.categories[int(consensus.probs_UC[u].argmax())],
                confidence=float(consensus.probs_UC[u].max()),
                entropy=float(entropy_U[u]),
                n_votes=int(counts_U[u]),
            )
            for u, (item, subject, _) in enumerate(votes.units)
        ),
        batch_size=BATCH,
    )
    return run


@transaction.atomic
def _store_values(run: ConsensusRun, found: ValueConsensus) -> ConsensusRun:
    run.categories, run.notes = [], found.notes
    run.reliability = {rater: round(value, 4) for rater, value in found.reliability.items()}
    _replace(run)
    items = dict(Item.objects.filter(project=run.project).values_list("external_id", "pk"))
    Consensus.objects.bulk_create((_value(run, items, agreed) for agreed in found.agreed), batch_size=BATCH)
    return run


def _value(run: ConsensusRun, items: dict[str, int], agreed: Agreed) -> Consensus:
    item, subject, _ = agreed.unit
    return Consensus(
        run=run,
        item_id=items[item],
        subject=subject,
        probs={"value": agreed.value, "low": agreed.low, "high": agreed.high},
        winner=_shown(agreed.value),
        confidence=agreed.confidence,
        entropy=0.0,
        n_votes=agreed.n,
    )


def _shown(value: Any) -> str:
    """A value in a word or two, for lists."""
    if isinstance(value, int | float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return f"{len(value)} passage{'s' * (len(value) != 1)}"
    text = " ".join(str(value["text"]).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _replace(run: ConsensusRun) -> None:
    """Keep one estimate of a kind: it can be made again from the answers, which are never lost."""
    same = {"project": run.project, "question": run.question, "dimension": run.dimension, "method": run.method}
    ConsensusRun.objects.filter(**same).delete()
    run.save()


def contestants(project: Project) -> Callable[[str, str], str]:
    """(item, response key) -> identity: the same text under the same prompt is one contestant in every item."""
    rows = Response.objects.filter(item__project=project)
    identity: dict[tuple[str, str], int] = {}
    seen: dict[int, int] = {}
    for item, key, prompt, text, media in rows.values_list(
        "item__external_id", "key", "item__prompt", "text", "media"
    ).iterator(chunk_size=5000):
        content = hash((str(prompt), text, tuple(media)))
        identity[item, key] = seen.setdefault(content, len(seen))
    return lambda item, key: str(identity[item, key])
