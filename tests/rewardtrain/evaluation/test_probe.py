"""Probes: they find what the vectors hold and no more, prompts are held out, columns are checked."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import probe
from tests.rewardtrain.evaluation.known import Known, file


class Shown(Known):
    """A model whose vectors are given by row."""

    def __init__(self, vector_ND: np.ndarray) -> None:
        super().__init__()
        self.vector_ND = vector_ND

    def vectors(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return self.vector_ND


def table(prompts: int, each: int, **labels: np.ndarray) -> pa.Table:
    rows = [
        {"prompt": f"p{n}", "response": "same", **{name: int(label[n * each + k]) for name, label in labels.items()}}
        for n in range(prompts)
        for k in range(each)
    ]
    return pa.Table.from_pylist(rows)


def test_a_direction_is_found_and_what_is_not_there_is_not() -> None:
    random = np.random.default_rng(0)
    vector_ND = random.normal(size=(120, 3))
    labels = {"known": (vector_ND[:, 1] > 0).astype(int), "unknown": random.integers(3, size=120)}
    result = probe.evaluate(table(30, 4, **labels), Shown(vector_ND))
    known, unknown = result["dimensions"]
    assert known["balanced"]["low"] > 0.85
    assert (known["majority"], unknown["majority"]) == (0.5, pytest.approx(1 / 3))
    assert unknown["balanced"]["low"] < 1 / 3 < unknown["balanced"]["high"]
    assert known["longer"]["value"] == pytest.approx(0.5)  # all responses are of one length
    assert known["difference"]["low"] > 0
    assert result["mean"] == pytest.approx((known["balanced"]["value"] + unknown["balanced"]["value"]) / 2)


def test_prompts_are_held_out_whole() -> None:
    """Vectors that name their prompt, and labels that depend on it: known to a split by row, unknown by prompt."""
    prompt_N = np.repeat(np.arange(12), 6)
    label_N = np.random.default_rng(1).permutation(12)[prompt_N] % 2
    result = probe.evaluate(table(12, 6, label=label_N), Shown(np.eye(12)[prompt_N]))
    assert result["dimensions"][0]["balanced"]["value"] < 0.7


def test_a_rare_class_counts_as_much_as_a_frequent_one() -> None:
    label_N = np.tile([0, 0, 0, 0, 1], 20)
    vector_N1 = np.zeros((100, 1))
    found = probe.evaluate(table(20, 5, label=label_N), Shown(vector_N1))
    assert found["baselines"]["majority"]["value"] == 0.8
    assert found["dimensions"][0]["balanced"]["value"] == 0.5


def test_the_mean_of_classes_by_hand() -> None:
    assert probe.mean_of_classes(np.array([[3.0, 1.0, 4.0, 2.0]])).tolist() == [0.625]


def test_dimensions_without_enough_are_left_out_by_name() -> None:
    label_N = np.tile([0, 1], 20)
    rare_N = np.zeros(40)
    rare_N[:6] = 1  # in three prompts
    vector_N1 = label_N[:, None].astype(float)
    result = probe.evaluate(table(20, 2, label=label_N, rare=rare_N, flat=np.ones(40)), Shown(vector_N1))
    assert result["left_out"] == ["rare", "flat"]
    assert [one["name"] for one in result["subsets"]] == ["label"]
    with pytest.raises(DataError, match="No dimension has two classes"):
        probe.evaluate(table(20, 2, flat=np.ones(40)), Shown(vector_N1))


def test_labels_may_be_unknown(tmp_path: Path) -> None:
    rows = [
        {"prompt": "p", "response": "r", "id": 7, "helpful": 1, "polite": None},
        {"prompt": "p", "response": "s", "id": 8, "helpful": 2.0, "polite": True},
    ]
    read = probe.read(file(tmp_path, *rows), "")
    assert read.column_names == ["prompt", "response", "helpful", "polite"]
    assert (read["helpful"].to_pylist(), read["polite"].to_pylist()) == ([1, 2], [None, 1])


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    good = {"prompt": "p", "response": "r", "helpful": 1.0}
    with pytest.raises(DataError, match=r"Row 2 of .* has 0\.5 in helpful. Labels are integers, or null"):
        probe.read(file(tmp_path, good, {**good, "helpful": 0.5}), "")
    with pytest.raises(DataError, match="no column of labels beside prompt and response"):
        probe.read(file(tmp_path, {"prompt": "p", "response": "r"}), "")
    with pytest.raises(RewardModelError, match="shows no vectors"):
        probe.evaluate(probe.example(), Known())
    with pytest.raises(RewardModelError, match="text 1 of 16 a value that is not a finite number"):
        probe.evaluate(probe.example(), Shown(np.full((16, 2), np.inf)))
