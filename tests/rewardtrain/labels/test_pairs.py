"""Pairs: each text once, what is left out and counted, votes as labels, what a batch holds."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import torch

from curation import pairs
from rewardtrain.encoding import Encoder
from rewardtrain.labels import pairs as pairs_
from rewardtrain.modeling.losses import Facts


def test_each_distinct_text_is_encoded_once(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    table = make_table(5, 6)
    prepared = pairs_.prepare(table, encoder)
    assert prepared.report["pairs"] == len(prepared) == 75
    assert prepared.report["sequences"] == len(prepared.sequences) == 30


def test_what_is_left_out_is_counted(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    rows = make_table(2, 4).to_pylist()
    rows[0]["response_a"] = None
    rows[1]["response_b"] = rows[1]["response_a"]
    rows[2]["weight"] = 0.0
    rows[3]["p_a"] = rows[3]["p_b"] = 0.0
    rows[4]["p_a"] = float("nan")
    rows[5]["response_a"] = "good " * 100
    report = pairs_.prepare(pa.Table.from_pylist(rows, schema=pairs.SCHEMA), encoder).report
    left_out = {"without_response": 1, "same_response": 1, "without_weight": 1, "bad_label": 2}
    assert {key: report[key] for key in left_out} == left_out
    assert report["rows"] == 12
    assert report["pairs"] == 7
    assert report["truncated"] == 1


def test_both_bad_is_a_tie_and_labels_sum_to_one(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    rows = make_table(1, 2).to_pylist()
    rows[0] |= {"p_a": 1.0, "p_tie": 0.5, "p_b": 0.0, "p_both_bad": 0.5}
    prepared = pairs_.prepare(pa.Table.from_pylist(rows, schema=pairs.SCHEMA), encoder)
    np.testing.assert_allclose(prepared.target_P3, [[0.5, 0.5, 0.0]])


def test_an_empty_table_prepares_to_nothing(encoder: Encoder) -> None:
    assert len(pairs_.prepare(pairs.SCHEMA.empty_table(), encoder)) == 0


def votes(*outcomes: str) -> list[dict]:
    """Votes of raters r0, r1, …"""
    return [{"rater": f"r{at}", "outcome": outcome} for at, outcome in enumerate(outcomes)]


def voted(make_table: Callable[..., pa.Table]) -> pa.Table:
    rows = make_table(1, 3).to_pylist()
    rows[0]["votes"], rows[1]["votes"], rows[2]["votes"] = votes("a", "b"), votes("tie"), None
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


def test_each_vote_is_a_label_where_raters_are_asked_for(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    found = pairs_.prepare(voted(make_table), encoder, ["rater"])
    assert found.facts.raters == ("r0", "r1")
    assert found.columns["rater"].tolist() == [0, 1, 0]
    assert found.target_P3.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert found.report["without_votes"] == 1


def test_raters_mean_the_same_in_every_split(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    found = pairs_.prepare(voted(make_table), encoder, ["rater"], Facts(raters=("r1", "x")))
    assert found.columns["rater"].tolist() == [-1, 0, -1]


def test_dimensions_are_places(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    rows = make_table(1, 3).to_pylist()
    for row, name in zip(rows, ("harmless", "helpful", "harmless"), strict=True):
        row["dimension"] = name
    found = pairs_.prepare(pa.Table.from_pylist(rows, schema=pairs.SCHEMA), encoder, ["dimension"])
    assert found.facts.dimensions == ("harmless", "helpful")
    assert found.columns["dimension"].tolist() == [0, 1, 0]


def test_a_batch_holds_what_was_asked_for(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    found = pairs_.prepare(make_table(1, 3), encoder, ["length_a", "length_b"])
    out = torch.arange(3.0)[:, None]
    batch = found.batch(np.array([0, 2]), found.place_LM[[0, 2]], out, out, torch.from_numpy)
    assert batch.reward_a_P.tolist() == [0, 1]
    assert batch.reward_b_P.tolist() == [1, 2]
    assert batch.columns["length_a"].tolist() == [len(make_table(1, 3)["response_a"][at].as_py()) for at in (0, 2)]


def test_agreement_counts_equal_rewards_half(encoder: Encoder, make_table: Callable[..., pa.Table]) -> None:
    found = pairs_.prepare(make_table(2, 4), encoder)
    out = torch.zeros(len(found.sequences), 1)
    batch = found.batch(np.arange(len(found)), found.place_LM, out, out, torch.from_numpy)
    right, decided = found.agreement(batch, lambda out_UK: out_UK[:, 0])
    assert 0 < decided <= len(found)
    assert right == decided / 2
