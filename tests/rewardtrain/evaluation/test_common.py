"""What suites share: intervals of sums, pairs within groups, prompts that are edited, rows that are refused."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import _common, pairs
from rewardtrain.statistics import bootstrap_mean, bootstrap_sums, correlation, ratio_of_means
from tests.rewardtrain.evaluation.known import Known, file


def test_a_mean_by_sums_is_the_mean() -> None:
    random = np.random.default_rng(0)
    value_N, cluster_N = random.normal(size=200), np.repeat(np.arange(40), 5)
    one = bootstrap_mean(value_N, cluster_N)
    two = bootstrap_sums(np.column_stack([value_N, np.ones(200)]), cluster_N, ratio_of_means)
    assert two["value"] == pytest.approx(one["value"])
    assert (two["low"], two["high"]) == (pytest.approx(one["low"], abs=0.03), pytest.approx(one["high"], abs=0.03))
    assert (two["unit"], two["clusters"]) == ("cluster", 40)


def test_clusters_widen_an_interval() -> None:
    value_N = np.repeat(np.random.default_rng(1).normal(size=20), 10)
    part_NK = np.column_stack([value_N, np.ones(200)])
    by_cluster, by_row = (
        bootstrap_sums(part_NK, cluster_N, ratio_of_means)
        for cluster_N in (np.repeat(np.arange(20), 10), np.arange(200))
    )
    assert by_cluster["high"] - by_cluster["low"] > 2 * (by_row["high"] - by_row["low"])


def test_a_statistic_that_is_not_defined_is_null() -> None:
    found = bootstrap_sums(np.zeros((8, 3)), np.arange(8), correlation)
    assert (found["value"], found["low"], found["high"]) == (None, None, None)


def test_few_clusters_are_drawn_by_row() -> None:
    assert bootstrap_sums(np.ones((8, 2)), np.repeat([0, 1], 4), ratio_of_means)["unit"] == "row"


def test_pairs_stand_within_a_group() -> None:
    i, j = _common.pairs_within(np.array(["b", "a", "b", "b", "c"]))
    assert {frozenset(pair) for pair in zip(i.tolist(), j.tolist(), strict=True)} == {
        frozenset(pair) for pair in ((0, 2), (0, 3), (2, 3))
    }


@pytest.mark.parametrize(
    ("prompt", "changed"),
    [
        ("ask", "ASK"), ("[not json", "[NOT JSON"), ("[1, 2]", "[1, 2]"),
        ('[{"role": "assistant", "content": "x"}]', '[{"role": "assistant", "content": "x"}]'),
    ],
)  # fmt: skip
def test_a_prompt_is_edited_as_text(prompt: str, changed: str) -> None:
    assert _common.edited(prompt, str.upper) == changed


def test_only_the_last_message_by_the_user_is_edited() -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    assert [one["content"] for one in json.loads(_common.edited(json.dumps(turns), str.upper))] == ["a", "b", "C"]


def test_a_value_that_is_not_finite_is_named() -> None:
    with pytest.raises(RewardModelError, match="text 3 of 3"):
        _common.rewards(Known(c=float("inf")), ["p"] * 3, ["a", "b", "c"])


def test_a_pair_without_a_response_is_named(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "chosen": "a", "rejected": "b"}, {"prompt": "p", "chosen": "c", "rejected": None}]
    with pytest.raises(DataError, match=r"Row 2 of .* has no text in response_[ab]"):
        pairs.read(file(tmp_path, *rows), "test")


def test_gold_leads_where_there_is_some() -> None:
    table = _common.example_pairs(("p", "a", "b", 1.0, 0.0, ""), ("q", "a", "b", 1.0, 0.0, ""))
    assert _common.with_winner(table)[1].tolist() == [1, 1]
    place = table.schema.get_field_index("gold")
    known = table.set_column(place, table.schema.field("gold"), pa.array([None, "b"], pa.string()))
    assert _common.with_winner(known)[1].tolist() == [-1]
