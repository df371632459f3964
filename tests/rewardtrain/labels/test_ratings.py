"""Ratings: dimensions and verdicts, several of one response, what is left out."""

import json

import numpy as np
import pyarrow as pa
import pytest
import torch

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import ratings


def table(*rows: dict) -> pa.Table:
    return ratings.normalised(pa.Table.from_pylist([{"prompt": "why", **row} for row in rows]))


def test_every_column_of_numbers_is_a_dimension() -> None:
    found = table({"response": "good", "helpful": 3, "short": None, "id": 7}, {"response": "bad", "short": 1.5})
    assert [json.loads(text) for text in found["ratings"].to_pylist()] == [{"helpful": 3.0}, {"short": 1.5}]


def test_unpaired_labels_of_trl_are_verdicts() -> None:
    found = table({"completion": "good", "label": True}, {"completion": "bad", "label": False})
    assert [json.loads(text) for text in found["ratings"].to_pylist()] == [{"good": 1.0}, {"good": 0.0}]


def test_several_ratings_of_one_response_are_their_weighted_mean(encoder: Encoder) -> None:
    rows = [
        {"response": "good", "x": 4.0, "y": None, "weight": 3.0},
        {"response": "good", "x": 0.0, "y": 2.0, "weight": 1.0},
        {"response": "bad", "x": 1.0, "y": None, "weight": 1.0},
    ]
    found = ratings.prepare(table(*rows), encoder)
    np.testing.assert_allclose(found.value_NA, [[3.0, 2.0], [1.0, np.nan]])
    assert found.weight_L.tolist() == [4.0, 1.0]
    assert found.facts.dimensions == ("x", "y")


def test_levels_are_counted_where_every_rating_is_whole(encoder: Encoder) -> None:
    assert ratings.prepare(table({"response": "good", "x": 4}, {"response": "bad", "x": 0}), encoder).facts.levels == 5
    assert ratings.prepare(table({"response": "good", "x": 0.5}), encoder).facts.levels == 0


def test_what_is_left_out_is_counted(encoder: Encoder) -> None:
    rows = [
        {"response": "good", "x": 1.0, "weight": 1.0},
        {"response": "bad", "x": None, "weight": 1.0},
        {"response": "dull", "x": float("nan"), "weight": 1.0},
        {"response": "fine", "x": 1.0, "weight": 0.0},
    ]
    report = ratings.prepare(table(*rows), encoder).report
    assert (report["ratings"], report["without_rating"], report["without_weight"]) == (1, 2, 1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"ratings": "{broken", "response": "good"}, "Row 1: ratings is not JSON"),
        ({"ratings": '{"x": "much"}', "response": "good"}, "the rating of 'x' is no number"),
        ({"ratings": "[1]", "response": "good"}, "must be an object"),
        ({"x": 1.0}, "Row 1 has no response"),
    ],
)
def test_bad_rows_are_named(row: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        table(row)


def test_agreement_is_within_a_prompt(encoder: Encoder) -> None:
    rows = [{"response": "good", "x": 2.0}, {"response": "bad", "x": 1.0}, {"response": "dull", "x": 1.0}]
    found = ratings.prepare(
        pa.concat_tables(
            [table(*rows), ratings.normalised(pa.Table.from_pylist([{"prompt": "a", "response": "b", "x": 9.0}]))]
        ),
        encoder,
    )
    out = torch.tensor([[1.0], [0.0], [1.0], [-9.0]])
    batch = found.batch(np.arange(4), found.place_LM, out, out, torch.from_numpy)
    assert found.agreement(batch, lambda out_UK: out_UK[:, 0]) == (1.5, 2)
