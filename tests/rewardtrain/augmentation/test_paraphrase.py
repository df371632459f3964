"""Rewordings stand beside their originals as rows of one meaning."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

from curation import pairs
from rewardtrain.augmentation import paraphrase
from rewardtrain.data import SAME
from rewardtrain.encoding import Encoder
from rewardtrain.labels import pairs as pairs_
from rewardtrain.modeling.backbones import load_tokenizer
from rewardtrain.rewording import TRANSFORMATIONS


@pytest.fixture
def table() -> pa.Table:
    texts = [f"It is number {n}. I do not know why." for n in range(40)]
    rows = [
        {
            "row_id": str(n), "prompt": "[]", "response_a": texts[n], "response_b": texts[n + 1], "p_a": 1.0,
            "p_tie": 0.0, "p_b": 0.0, "p_both_bad": 0.0, "weight": 1.0, "margin": 0.0, "group": "g",
        }
        for n in range(39)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


def test_each_distinct_response_at_most_once_and_changed(table: pa.Table) -> None:
    added = paraphrase.augmented(table, {"share": 1.0}, seed=0).to_pylist()[39:]
    assert 30 < len(added) <= 40
    assert len({row["response_a"] for row in added}) == len(added)
    for row in added:
        assert row["response_a"] != row["response_b"]
        assert (row["question"], row["p_tie"]) == (SAME, 1.0)
        assert json.loads(row["metadata"])["rewording"] in TRANSFORMATIONS
    assert len({json.loads(row["metadata"])["rewording"] for row in added}) > 5


def test_the_share_is_of_responses(table: pa.Table) -> None:
    assert 8 < len(paraphrase.augmented(table, {"share": 0.5}, seed=0)) - 39 < 32


def test_the_penalty_sees_them(table: pa.Table, tiny_encoder: Path) -> None:
    encoder = Encoder(load_tokenizer(str(tiny_encoder)), "{prompt} {response}", 64)
    found = pairs_.prepare(paraphrase.augmented(table, {"share": 1.0}, seed=0), encoder, ["same"])
    assert 30 < found.columns["same"].sum() <= 40
