"""What the data-quality plots are made from: a project's pairs with all votes on them, and its dataset versions."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.models import Annotation, Project
from annotate.selectors import current_annotations
from curation import aggregation, candidates, labels, pairs, selectors, versions
from curation.models import DatasetVersion
from curation.quality import PEOPLE, Evidence

VERSIONS = 12  # the newest, whose drift is shown
_COLUMNS = ["item", "response_a", "response_b", "gold", *pairs.PROBABILITIES]


def source_hash(project: Project) -> str:
    """Names everything that a report is computed from: the answers that count, and the versions."""
    digest = hashlib.sha256(selectors.source_hash(project).encode())
    for name in newest_versions(project).values_list("hash", flat=True):
        digest.update(name.encode())
    return digest.hexdigest()


def newest_versions(project: Project) -> Any:
    """The dataset versions whose drift is shown, newest first."""
    return DatasetVersion.objects.filter(dataset__project=project).select_related("dataset").order_by("-pk")[:VERSIONS]


def gather(project: Project, *, question: str, dimension: str = "") -> Evidence:
    """The evidence on one question and dimension ("" for the default one); raises LookupError as `pair_table`."""
    table = labels.with_shares(candidates.pair_table(project, question=question, dimension=dimension))
    table = _labelled(table)
    shown, given = _order_and_time(project, table)
    votes = [(row, vote) for row, own in enumerate(table["votes"].to_pylist()) for vote in own]
    items, keys = table["item"].to_pylist(), table["key_a"].to_pylist()

    def text(name: str) -> np.ndarray:
        return np.array([vote[name] or "" for _, vote in votes], dtype=object)

    def number(name: str) -> np.ndarray:
        return np.array([np.nan if vote[name] is None else vote[name] for _, vote in votes], dtype=np.float64)

    stamps = [(items[row], vote["rater"]) for row, vote in votes]
    first = [
        "" if stamp not in shown else "a" if shown[stamp] == keys[row] else "b"
        for stamp, (row, _) in zip(stamps, votes, strict=True)
    ]
    return Evidence(
        table=table,
        row_V=np.array([row for row, _ in votes], dtype=np.int64),
        rater_V=text("rater"),
        kind_V=text("kind"),
        outcome_V=text("outcome"),
        first_V=np.array(first, dtype=object),
        level_V=number("level"),
        p_a_V=number("p_a"),
        seconds_V=number("seconds"),
        at_V=np.array([given.get(stamp, np.nan) for stamp in stamps], dtype=np.float64),
        versions=tuple(_versions(project)),
    )


def _labelled(table: pa.Table) -> pa.Table:
    """The consensus of the people's votes as label; of all votes where no person voted."""
    models = {
        vote["rater"] for own in table["votes"].to_pylist() for vote in own if (vote["kind"] or "import") not in PEOPLE
    }
    probs_N4 = pairs.outcome_probs(table)
    for without in (frozenset(), models):
        found_N4 = labels.consensus(table, aggregation.DEFAULT, without=without).probs_N4
        probs_N4 = np.where(np.isfinite(found_N4), found_N4, probs_N4)
    return pairs.with_columns(table, dict(zip(pairs.PROBABILITIES, probs_N4.T, strict=True)))


def _order_and_time(project: Project, table: pa.Table) -> tuple[dict[Any, str], dict[Any, float]]:
    """By item and rater: the response shown first, where known, and when the answer was given.

    Where a task shows more than two responses the order of one pair is not told by which came first of all.
    """
    shown: dict[tuple[str, str], str] = {}
    given: dict[tuple[str, str], float] = {}
    rows = current_annotations(project).exclude(status=Annotation.Status.LATE)
    wanted = ("task__item__external_id", "rater__name", "shown", "submitted_at")
    for item, rater, order, at in rows.values_list(*wanted).iterator(chunk_size=5000):
        given[item, rater] = at.timestamp()
        if len(order) == 2:
            shown[item, rater] = order[0]
    return shown, given


def _versions(project: Project) -> Iterator[tuple[str, pa.Table]]:
    for version in reversed(newest_versions(project)):
        if version.path.is_dir():
            yield str(version), versions.read(version.path, columns=_COLUMNS)
