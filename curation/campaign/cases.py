"""A pair of the pool as judges see it: the question, the pair's own guideline, examples that people answered.

The responses' keys are "a" and "b"; judges show neither keys nor models, and in both orders. Pure: knows no Django.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from annotate import feedback
from annotate.feedback import OVERALL, Asked
from annotate.records import OUTCOMES
from curation import pairs
from curation.campaign.tiers import LABELLED
from curation.judges import Case, Example, Judgement

TITLE = "Which response is better?"
SETTINGS = {"labels": ["better"], "tie": True}
MOST_EXAMPLES = 8


def case_of(
    row: Mapping[str, Any],
    *,
    attributes: Mapping[str, Any] | None = None,
    guidelines: str = "",
    examples: Sequence[Example] = (),
) -> Case:
    """A row of the pair table as a case; its label is not part of it."""
    texts = {side: row[f"response_{side}"] for side in "ab"}
    settings = feedback.settings_with_defaults("pairwise", SETTINGS)
    return Case(
        item=row["row_id"],
        kind="pairwise",
        asked=Asked("preference", settings, ("a", "b"), texts, stamp={"item": row["row_id"], "rater": ""}),
        title=TITLE,
        prompt=tuple(json.loads(row["prompt"])),
        guidelines="\n\n".join(part for part in (guidelines, guideline(attributes)) if part),
        examples=tuple(examples),
        models={side: row[f"model_{side}"] for side in "ab" if row[f"model_{side}"]},
        metadata={**json.loads(row["metadata"] or "{}"), "attributes": dict(attributes or {})},
    )


def guideline(attributes: Mapping[str, Any] | None) -> str:
    """What attributes say to whoever judges; marked as being about this pair only."""
    if not attributes:
        return ""
    wanted = f"Wanted: {', '.join(attributes['desired'])}." if attributes["desired"] else ""
    said = " ".join(part for part in (attributes["guideline"], wanted) if part)
    return f"About this pair ({attributes['category']}): {said}" if said else ""


def examples_of(table: pa.Table, side_T: np.ndarray) -> list[Example]:
    """Rows that people labelled as examples for judges."""
    return [
        Example(
            prompt=tuple(json.loads(row["prompt"])),
            texts={side: row[f"response_{side}"] for side in "ab"},
            answer={OVERALL: {"chosen": "a" if side > 0 else "b", "strength": 1}},
        )
        for row, side in zip(table.to_pylist(), side_T.tolist(), strict=True)
    ]


def vote_of(found: Judgement, *, rater: str, kind: str) -> dict[str, Any] | None:
    """A judgement as one vote of its model, all of its samples merged; None where it has no answer."""
    if found.answer is None:
        return None
    chosen = found.answer[OVERALL]["chosen"]
    share = found.probs.get(OVERALL, {})
    p_a = share.get("a", 0.0) + (share.get("tie", 0.0) + share.get("both_bad", 0.0)) / 2 if share else None
    level = {"a": 1.0, "b": -1.0}.get(chosen, 0.0)
    return {"rater": rater, "kind": kind, "outcome": chosen, "level": level, "p_a": p_a, "seconds": None}


def merged(votes: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Votes of several raters, one each, as a distribution over the outcomes; None where there are none."""
    if not votes:
        return None
    counts = [sum(vote["outcome"] == outcome for vote in votes) for outcome in OUTCOMES]
    return [count / len(votes) for count in counts]


def found_table(places: Sequence[int], votes: Sequence[Sequence[Mapping[str, Any]]]) -> pa.Table:
    """Votes by place as `tiers.LABELLED`."""
    rows = [
        {
            "place": int(place),
            **dict(zip(pairs.PROBABILITIES, merged(own) or (), strict=False)),
            "votes": [dict(vote) for vote in own],
        }
        for place, own in zip(places, votes, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=LABELLED)
