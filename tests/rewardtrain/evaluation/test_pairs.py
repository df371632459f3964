"""Held-out pairs: figures worked out by hand."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs as schema
from rewardtrain.errors import DataError
from rewardtrain.evaluation import pairs


class Fixed:
    """A model whose rewards are known by response."""

    def __init__(self, **rewards: float) -> None:
        self.rewards = rewards

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([self.rewards[response] for response in responses])

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-delta_P))
        return np.column_stack([p * 0.8, np.full_like(p, 0.2), (1 - p) * 0.8])


class Several(Fixed):
    """An ensemble of two, the second of which sees everything twice as large."""

    def members(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.stack([self.score(prompts, responses) * scale for scale in (0.5, 1.5)])


def test_rows_hold_what_the_model_and_people_say() -> None:
    own = table(("x", "yyy", 0.6, 0.2, 0.1), ("yyy", "x", 0.5, 0.5, 0.0), gold=["b", None], groups=["g", ""])
    found = pairs.rows(own, Several(x=1.0, yyy=3.0))
    assert found["reward_a"].to_pylist() == [1, 3]
    assert found["row_id"].to_pylist() == [schema.row_id("p", "x", "yyy"), schema.row_id("p", "yyy", "x")]
    assert found["p"].to_pylist() == pytest.approx([1 / (1 + np.exp(2)), 1 / (1 + np.exp(-2))])
    assert found["deviation"].to_pylist() == pytest.approx([np.std([1, 3], ddof=1)] * 2)
    assert (found["length_a"].to_pylist(), found["group"].to_pylist()) == ([1, 3], ["g", "p"])
    assert (found["gold"].to_pylist(), found["p_a"].to_pylist()) == (["b", None], [0.6, 0.5])
    assert pairs.rows(own, Fixed(x=1.0, yyy=3.0))["deviation"].null_count == 2


def table(*rows: tuple, gold: list[str | None] | None = None, groups: list[str] | None = None) -> pa.Table:
    """Rows of (response_a, response_b, p_a, p_tie, p_b)."""
    return pa.Table.from_pylist(
        [
            {
                "prompt": "p", "response_a": a, "response_b": b, "p_a": p_a, "p_tie": p_tie, "p_b": p_b,
                "p_both_bad": 1 - p_a - p_tie - p_b, "group": groups[i] if groups else "", "metadata": "{}",
                "gold": gold[i] if gold else None,
            }
            for i, (a, b, p_a, p_tie, p_b) in enumerate(rows)
        ],
        schema=schema.SCHEMA,
    )  # fmt: skip


MODEL = Fixed(x=2.0, yy=1.0, zzz=0.0, w=1.0)


def test_accuracy_counts_winners_and_leaves_ties_out() -> None:
    rows = table(
        ("x", "yy", 0.9, 0, 0.1), ("zzz", "x", 0.8, 0, 0.2), ("x", "zzz", 0.1, 0.8, 0.1), ("x", "zzz", 0.3, 0, 0.1)
    )
    block = pairs.evaluate(rows, MODEL)["against"]["consensus"]
    assert (block["n"], block["left_out"]) == (2, 2)  # the third is a tie, the fourth both bad
    assert block["accuracy"]["value"] == 0.5


def test_equal_rewards_count_half() -> None:
    rows = table(("yy", "w", 0.9, 0, 0.1), ("x", "zzz", 0.9, 0, 0.1))
    assert pairs.evaluate(rows, MODEL)["accuracy"]["value"] == 0.75


def test_gold_leads_where_there_is_some() -> None:
    rows = table(("x", "yy", 0.9, 0, 0.1), ("x", "zzz", 0.9, 0, 0.1), ("x", "w", 0.9, 0, 0.1), gold=["b", None, "tie"])
    result = pairs.evaluate(rows, MODEL)
    assert result["headline"] == "gold"
    assert result["accuracy"]["value"] == 0.0
    assert result["n"] == 1
    assert result["against"]["consensus"]["accuracy"]["value"] == 1.0


def test_longer_wins() -> None:
    rows = table(("x", "yy", 0.9, 0, 0.1), ("x", "zzz", 0.1, 0, 0.9), ("x", "w", 0.9, 0, 0.1))
    longer = pairs.evaluate(rows, MODEL)["baselines"]["longer"]
    assert longer["value"] == pytest.approx((0 + 1 + 0.5) / 3)
    assert longer["difference"]["value"] == pytest.approx(2 / 3 - 0.5)


def test_majority_is_learned_from_the_train_split() -> None:
    test = table(("x", "yy", 0.9, 0, 0.1), ("x", "zzz", 0.9, 0, 0.1), ("x", "w", 0.1, 0, 0.9))
    train = table(("x", "yy", 0.1, 0, 0.9), ("x", "zzz", 0.1, 0, 0.9))
    alone = pairs.evaluate(test, MODEL)["baselines"]["majority"]
    learned = pairs.evaluate(test, MODEL, train=train)["baselines"]["majority"]
    assert (alone["side"], alone["value"]) == ("a", pytest.approx(2 / 3))
    assert (learned["side"], learned["value"]) == ("b", pytest.approx(1 / 3))


def test_subsets_are_groups() -> None:
    rows = table(("x", "yy", 0.9, 0, 0.1), ("zzz", "x", 0.9, 0, 0.1), ("x", "zzz", 0.9, 0, 0.1), groups=["g", "g", "h"])
    subsets = pairs.evaluate(rows, MODEL)["against"]["consensus"]["subsets"]
    assert [(subset["name"], subset["n"], subset["value"]) for subset in subsets] == [("g", 2, 0.5), ("h", 1, 1.0)]


def test_calibration_by_hand() -> None:
    """Ties are left out of the prediction: P(a | no tie) is the logistic of the difference."""
    rows = table(("x", "zzz", 0.6, 0.2, 0.2), ("yy", "w", 0.7, 0, 0.3))
    found = pairs.evaluate(rows, MODEL)["against"]["consensus"]["calibration"]
    p = 1 / (1 + np.exp(-2))
    assert [(b["n"], pytest.approx(b["predicted"]), pytest.approx(b["observed"])) for b in found["bins"]] == [
        (1, 0.5, 0.7), (1, p, 0.75),
    ]  # fmt: skip
    assert found["ece"] == pytest.approx((0.2 + p - 0.75) / 2)
    assert found["brier"] == pytest.approx((0.04 + (p - 0.75) ** 2) / 2)
    assert found["log_loss"] == pytest.approx((-0.75 * np.log(p) - 0.25 * np.log(1 - p) + np.log(2)) / 2)


def test_margins_by_strength() -> None:
    rows = table(("x", "zzz", 1, 0, 0), ("zzz", "x", 0, 0, 1), ("x", "yy", 0.45, 0, 0.55), ("x", "yy", 0.1, 0.8, 0.1))
    result = pairs.evaluate(rows, MODEL)
    by_strength = {band["from"]: band for band in result["margins"]["strengths"]}
    assert (by_strength[0.8]["n"], by_strength[0.8]["mean"]) == (2, 2.0)
    assert (by_strength[0.0]["n"], by_strength[0.0]["mean"]) == (1, -1.0)
    assert all(sum(band["counts"]) == band["n"] for band in result["margins"]["strengths"])
    assert all(len(band["counts"]) == len(result["margins"]["edges"]) - 1 for band in result["margins"]["strengths"])
    assert result["ties"] == {"n": 1, "mean_abs_difference": 1.0}


def test_the_interval_over_groups_is_wider_where_groups_differ(make_table: Callable[..., pa.Table]) -> None:
    class ByPrompt(Fixed):
        def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
            good = np.array([response.count("good") - response.count("bad") for response in responses], float)
            return good * np.array([1.0 if hash_of(prompt) else -1.0 for prompt in prompts])

    def hash_of(prompt: str) -> bool:
        return sum(map(ord, prompt)) % 3 > 0

    block = pairs.evaluate(make_table(30, 6), ByPrompt())["against"]["gold"]
    independent = block["accuracy"]["high"] - block["accuracy"]["low"]
    assert block["clustered"]["unit"] == "cluster"
    assert block["clustered"]["high"] - block["clustered"]["low"] > independent


def test_no_winner_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="No row has a winner"):
        pairs.evaluate(table(("x", "yy", 0.1, 0.8, 0.1)), MODEL)


def test_reads_a_split_or_a_whole_file(version_folder: Path) -> None:
    assert len(pairs.read(version_folder, "test")) == 36
    assert len(pairs.read(version_folder / "data" / "test-00000-of-00001.parquet", "test")) == 36
    with pytest.raises(DataError, match="has no dev split"):
        pairs.read(version_folder, "dev")
