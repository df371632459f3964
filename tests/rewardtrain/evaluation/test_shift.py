"""Distribution shift: gaps, tuned models and calibration by hand; source told by metadata or by the train split."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs
from rewardtrain.errors import DataError
from rewardtrain.evaluation import _common, shift
from tests.rewardtrain.evaluation.known import Known

MODEL = Known(good=2.0)


def table(*rows: tuple[str, bool, dict]) -> pa.Table:
    """Rows of (group, whether the model is right, metadata)."""
    found = _common.example_pairs(
        *((f"p{i}", "good", "other", float(right), 0.0, group) for i, (group, right, _) in enumerate(rows))
    )
    return pairs.with_columns(found, {"metadata": [json.dumps(metadata) for *_, metadata in rows]})


def named(side: str, right: bool, **more: object) -> tuple[str, bool, dict]:
    return "", right, {"shift": "easy to hard", "side": side, **more}


def test_gap_and_tuned_model_by_hand() -> None:
    rows = table(
        named("source", True), named("source", True),
        named("target", True, tuned=1), named("target", False, tuned=1), named("target", False, tuned=0),
        named("target", False),
    )  # fmt: skip
    result = shift.evaluate(rows, MODEL)
    found = result["shifts"][0]
    assert (found["name"], found["source"]["value"], found["target"]["value"]) == ("easy to hard", 1.0, 0.25)
    assert found["gap"]["value"] == result["gap"] == 0.75
    assert (found["tuned"]["n"], found["tuned"]["value"]) == (3, pytest.approx(2 / 3))
    assert found["tuned"]["difference"]["value"] == pytest.approx(1 / 3 - 2 / 3)
    assert found["elicited"] == pytest.approx((0.25 - 0.75) / (2 / 3))  # "other" is longer and wins three of four
    assert result["accuracy"]["value"] == 0.25
    assert [(one["name"], one["n"]) for one in result["subsets"]] == [("easy to hard", 4)]


def test_calibration_of_each_side() -> None:
    """The model always says .881; it is right on all of the source and half of the target."""
    rows = table(named("source", True), named("target", True), named("target", False))
    found = shift.evaluate(rows, MODEL)["shifts"][0]
    p = 1 / (1 + np.exp(-2))
    assert found["source"]["calibration"]["rms"] == pytest.approx(1 - p)
    assert found["target"]["calibration"]["rms"] == found["target"]["calibration"]["ece"] == pytest.approx(p - 0.5)


def test_groups_of_the_train_split_are_the_source() -> None:
    rows = table(("sums", True, {}), ("sums", False, {}), ("odes", False, {}), ("odes", True, {}), ("puns", False, {}))
    result = shift.evaluate(rows, MODEL, train=table(("sums", True, {}), ("more", True, {})))
    assert [(one["name"], one["gap"]["value"]) for one in result["shifts"]] == [("odes", 0.0), ("puns", 0.5)]
    assert result["gap"] == 0.25
    assert result["n"] == 3


def test_the_gap_is_uncertain_where_rows_are_few() -> None:
    rows = [named(side, i % 3 > 0) for side in ("source", "target") for i in range(12)]
    gap = shift.evaluate(table(*rows), MODEL)["shifts"][0]["gap"]
    assert gap["low"] < 0 == gap["value"] < gap["high"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("sums", True, {})], "Nothing tells source from target"),
        ([named("source", True), named("both", True)], "Row 2 of those with a winner names no shift or no side"),
        ([named("target", True)], "has no row of the side source"),
        ([named("source", True), named("target", True, tuned="yes")], "Row 2 of those with a winner has tuned 'yes'"),
    ],
)
def test_rows_that_do_not_tell_are_refused(rows: list[tuple], message: str) -> None:
    with pytest.raises(DataError, match=message):
        shift.evaluate(table(*rows), MODEL)


def test_metadata_that_are_no_json_are_named(tmp_path: Path) -> None:
    rows = pairs.with_columns(table(("sums", True, {})), {"metadata": ["{broken"]})
    with pytest.raises(DataError, match="The metadata of row 1 are not JSON"):
        shift.evaluate(rows, MODEL)
