"""The dataset that a campaign ends with, as a pipeline's result: rows, trace of every pair, summary of the stages.

    1 hygiene     duplicates and contaminated pairs leave
    2 people      their votes are the label; what they could not decide leaves
    3 models      silver: the votes of models in the rounds are the label
    4 stage_two   new labels, then what the consistency rule keeps, flips, and drops

So a version made by a campaign is read, compared and explained like any other. Shapes: N pairs of the pool.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import applying, labels, pairs, pipeline, stages
from curation.campaign.desk import Desk
from curation.campaign.fates import ALIVE, REASONS, Evidence, Fates
from curation.campaign.rounds import FirstStage
from curation.campaign.tiers import NOT_ASKED, chosen
from curation.filters import Decisions
from curation.pipeline import Pipeline, Result, Stage
from curation.stages import Heading

_TITLES = {
    "hygiene": "Hygiene",
    "people": "Labelled by people",
    "models": "Labelled by models",
    "stage_two": "Consistency",
}
_NEW_LABEL = {"people": "people", "models": "silver", "stage_two": "judged"}


def pipeline_of(desk: Desk) -> Pipeline:
    """What a version's manifest says it was made by."""
    plain = pipeline.from_dict({"consensus": {"method": pipeline.KEEP_LABELS}, "split": desk.plan["split"]})
    return replace(
        plain, name=desk.plan["name"], seed=desk.plan["seed"], stages=(Stage("campaign", desk.plan.to_dict()),)
    )


def result(desk: Desk, first: FirstStage, found: Evidence, judged: pa.Table, fates: Fates) -> Result:
    """The rows that stay, whose label is as sure as those say who gave it."""
    labelled = _labelled(desk.source.rows, pa.concat_tables([first.book.found, judged]))
    sums = [_Sum(step) for step in _headings(desk)]
    kept, traces = [pairs.SCHEMA.empty_table()], list[pa.Table]()
    starts = desk.source.starts.tolist()
    for number, (start, end) in enumerate(pairwise(starts)):
        desk.report("writing the dataset", number, len(desk.source.sizes))
        place_N = np.arange(start, end)
        table = _told(desk, desk.source.read(number), place_N, fates, found)
        for own in sums:
            decided = _decisions(own.step.name, place_N, found, fates, labelled)
            own.add(table, decided)
            table, trace = applying.apply(table, decided, stage=own.step.number, filter=own.step.name)
            traces.append(trace)
            place_N = place_N[applying.stays(decided)]
        kept.append(_with_gold(table, found.people_N[place_N]))
    table, wanted = pa.concat_tables(kept), pipeline_of(desk)
    split_N, reason_N = stages.split(stages.split_sketch(table, wanted), wanted)
    table, trace = stages.with_split(table, split_N, reason_N, len(sums) + 1)
    dealt = Counter(zip(split_N.tolist(), reason_N.tolist(), strict=True))
    summary = [*(own.entry() for own in sums), {**stages.split_entry(wanted, dealt), "stage": len(sums) + 1}]
    return Result(table, applying.in_order([*traces, trace]), summary, desk.source.name)


def _headings(desk: Desk) -> Iterator[Heading]:
    """The stages, as the summary names them."""
    settings = {"hygiene": "hygiene", "people": "people", "models": "labelling", "stage_two": "consistency"}
    for number, (stage, entry) in enumerate(settings.items(), 1):
        use = desk.plan.uses[entry]
        yield Heading(number, stage, _TITLES[stage], {"use": use.name, **use.settings}, REASONS)


@dataclass
class _Sum:
    """What a stage did to all shards so far."""

    step: Heading
    rows: int = 0
    counted: stages.Counts = field(default_factory=Counter)
    scores: list[np.ndarray | None] = field(default_factory=list)

    def add(self, table: pa.Table, decided: Decisions) -> None:
        self.rows += table.num_rows
        self.counted += stages.counts(decided)
        self.scores.append(decided.score_N)

    def entry(self) -> dict[str, Any]:
        return stages.entry(self.step, self.rows, self.counted, self.scores.copy, {})


def _decisions(
    stage: str, place_N: np.ndarray, found: Evidence, fates: Fates, labelled: tuple[np.ndarray, list[Any]]
) -> Decisions:
    """What one stage decides on the pairs that are left; scores are the gold model's probability of the label."""
    reason_N, side_N = fates.reason_N[place_N], fates.side_N[place_N]
    stays_N = np.isin(fates.fate_N[place_N], ALIVE)
    own_N = np.isin(
        reason_N,
        {
            "hygiene": ("duplicate", "contaminated"),
            "people": ("people", "undecided"),
            "models": ("silver",),
            "stage_two": ("sure", "judged", "inconsistent", "no_judgement", "no_label", "flipped"),
        }[stage],
    )
    action_N = np.where(own_N & ~stays_N, "drop", "keep").astype(object)
    probs_N4, votes_N = labelled[0][place_N], [labelled[1][place] for place in place_N.tolist()]
    action_N[own_N & stays_N & (reason_N == _NEW_LABEL.get(stage))] = "relabel"
    recycled_N = own_N & (reason_N == "flipped")
    action_N[recycled_N & (side_N == -found.pool_N[place_N])] = "flip"
    for row in np.flatnonzero(recycled_N & (found.pool_N[place_N] == 0)).tolist():
        # The pool had no label that could be flipped: the opposite of what the judges said is all there is.
        action_N[row], votes_N[row] = "relabel", []
        probs_N4[row] = np.array(OUTCOMES) == ("a" if side_N[row] > 0 else "b")
    score_N = None
    if stage == "stage_two":
        score_N = np.where(own_N, chosen(found.gold_N[place_N], found.pool_N[place_N]), np.nan)
    return Decisions(
        action_N, np.where(action_N != "keep", reason_N, ""), label_N4=probs_N4, votes_N=votes_N, score_N=score_N
    )


def _labelled(count: int, found: pa.Table) -> tuple[np.ndarray, list[Any]]:
    """Distribution and votes by place; what was asked again keeps the later answer."""
    probs_N4 = np.full((count, len(OUTCOMES)), np.nan)
    votes_N: list[list[Any]] = [[] for _ in range(count)]
    known_T4 = pairs.outcome_probs(found)
    for row, (place, votes) in enumerate(zip(found["place"].to_pylist(), found["votes"].to_pylist(), strict=True)):
        if votes:
            probs_N4[place], votes_N[place] = known_T4[row], votes
    has_N = np.isfinite(probs_N4).all(axis=1)
    probs_N4[has_N] = labels.rounded(probs_N4[has_N])
    return probs_N4, votes_N


def _told(desk: Desk, table: pa.Table, place_N: np.ndarray, fates: Fates, found: Evidence) -> pa.Table:
    """The rows with what the campaign found out about them in their metadata."""
    texts = []
    for place, metadata, attributes in zip(
        place_N.tolist(), table["metadata"].to_pylist(), desk.described(place_N), strict=True
    ):
        tier = "gold" if found.people_N[place] != NOT_ASKED else "silver" if fates.reason_N[place] == "silver" else ""
        about = {"fate": str(fates.fate_N[place]), **({"tier": tier} if tier else {})}
        told = {**json.loads(metadata or "{}"), "campaign": about, "attributes": dict(attributes)}
        texts.append(json.dumps(told, sort_keys=True, ensure_ascii=False))
    return pairs.with_columns(table, {"metadata": texts})


def _with_gold(table: pa.Table, people_N: np.ndarray) -> pa.Table:
    """What people decided is gold; the rows of a pool may bring gold of their own."""
    side = {1: "a", -1: "b"}
    gold = [side.get(people, old) for people, old in zip(people_N.tolist(), table["gold"].to_pylist(), strict=True)]
    return pairs.with_columns(table, {"gold": gold})


def describe(first: FirstStage, found: Evidence, fates: Fates) -> Mapping[str, Any]:
    """Plain figures of a campaign that has ended: pairs by fate and reason, flips among the new labels, rounds."""
    reasons, counts = np.unique(fates.reason_N.astype(str), return_counts=True)
    by_people_N = np.isin(found.people_N, (-1, 1)) & (found.pool_N != 0)
    contradicted = int((by_people_N & (found.people_N != found.pool_N)).sum())
    return {
        "rows": len(fates.fate_N),
        "fates": fates.counts,
        "reasons": {str(name): int(count) for name, count in zip(reasons, counts, strict=True)},
        "flipped": int(((fates.side_N != 0) & (found.pool_N != 0) & (fates.side_N != found.pool_N)).sum()),
        "people": {"labelled": int(by_people_N.sum()), "contradicted": contradicted},
        "stopped": first.stopped,
        "best_round": first.best + 1,
    }
