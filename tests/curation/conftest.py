"""Pair tables made by hand: a test names only the columns it is about."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from annotate.records import OUTCOMES
from curation import pairs

MakeTable = Callable[..., pa.Table]


def make_vote(rater: str, outcome: str, level: float | None = None) -> dict[str, Any]:
    signed = {"a": 1.0, "b": -1.0}.get(outcome, 0.0)
    return {"rater": rater, "outcome": outcome, "level": signed if level is None else level, "seconds": None}


def make_row(number: int = 0, **given: Any) -> dict[str, Any]:
    """One row. ``outcome`` gives the whole probability to one outcome; ``votes`` may be "aab" for three raters."""
    prompt = given.pop("prompt", f"prompt {number}")
    if not prompt.startswith("["):
        prompt = pairs.canonical_json([{"role": "user", "content": prompt}])
    votes = given.pop("votes", [])
    if isinstance(votes, str):
        votes = [
            make_vote(f"r{place}", {"t": "tie", "x": "both_bad"}.get(sign, sign)) for place, sign in enumerate(votes)
        ]
    outcome = given.pop("outcome", "a")
    row = {
        "item": f"item {number}",
        "question": "preference",
        "dimension": "",
        "group": "",
        "prompt": prompt,
        "response_a": f"first answer {number}",
        "response_b": f"second answer {number}",
        "model_a": "",
        "model_b": "",
        "media_a": [],
        "media_b": [],
        **{f"p_{name}": float(name == outcome) for name in OUTCOMES},
        "strength": {"a": 1.0, "b": -1.0}.get(outcome, 0.0),
        "margin": 0.0,
        "weight": 1.0,
        "votes": votes,
        "n_votes": len(votes),
        "gold": None,
        "metadata": "{}",
    } | given
    row.setdefault("key_a", pairs.content_hash(row["response_a"])[:16])
    row.setdefault("key_b", pairs.content_hash(row["response_b"])[:16])
    row["row_id"] = pairs.row_id(
        prompt, row["response_a"], row["response_b"], row["media_a"] or [], row["media_b"] or []
    )
    return row


@pytest.fixture
def pair_table() -> MakeTable:
    """``pair_table({"votes": "aab"}, {"outcome": "b"})``: one row for each, numbered where nothing else is said."""

    def build(*rows: dict[str, Any]) -> pa.Table:
        made = [make_row(number, **row) for number, row in enumerate(rows)]
        return pa.Table.from_pylist(made, schema=pairs.SCHEMA)

    return build
