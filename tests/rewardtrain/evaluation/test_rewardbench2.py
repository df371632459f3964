"""RewardBench 2: best of four, the score of ties by hand, and what curation writes is read."""

import math
from pathlib import Path

import numpy as np
import pytest

from curation.formats import rewardbench2 as format
from rewardtrain.errors import DataError
from rewardtrain.evaluation import rewardbench2
from tests.rewardtrain.evaluation.known import Known, file


def row(subset: str = "Math", **given: object) -> dict:
    return {"id": "0", "prompt": "p", "chosen": ["up"], "rejected": ["x", "y", "z"], "subset": subset, **given}


@pytest.mark.parametrize(
    ("rewards", "value"),
    [({"up": 1}, 1.0), ({"up": 1, "x": 1}, 0.5), ({}, 0.25), ({"x": 1}, 0.0), ({"x": 1, "up": 0.5}, 0.0)],
)
def test_a_tie_at_the_top_is_shared(tmp_path: Path, rewards: dict[str, float], value: float) -> None:
    table = rewardbench2.read(file(tmp_path, row()), "")
    result = rewardbench2.evaluate(table, Known(**rewards))
    assert result["accuracy"]["value"] == value
    assert result["scores"] == {"Math": value}
    assert result["baselines"]["chance"]["value"] == 0.25
    assert result["total"] is None
    assert result["ties"] is None


def test_the_score_of_ties_by_hand(tmp_path: Path) -> None:
    """Prompt 0: d = 1, g_tied = 2, g_ref = 3. Prompt 1: d = 2, g_tied = 1, g_ref = -1. Prompt 2: d = 0, g = 0 = 0."""
    rows = [
        row("Ties", id="tied:0", chosen=["a5", "a4"], rejected=["a2"]),
        row("Ties", id="ref:0", chosen=["a5"], rejected=["a2"]),
        row("Ties", id="tied:1", chosen=["b5", "b3"], rejected=["b2"]),
        row("Ties", id="ref:1", chosen=["b3"], rejected=["b4"]),
        row("Ties", id="tied:2", chosen=["c1", "d1"], rejected=["e1"]),
        row("Ties", id="ref:2", chosen=["c1"], rejected=["e1"]),
    ]
    table = rewardbench2.read(file(tmp_path, *rows), "")
    result = rewardbench2.evaluate(table, Known(lambda prompt, response: float(response[1])))
    ties = result["ties"]
    assert (ties["tied_accuracy"], ties["ref_accuracy"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert ties["correctness_preferred"] == pytest.approx(1 / 3)  # 2 > 1; 1 > 2 no; 0 > 0 no
    assert ties["correctness_preferred_hard"] == pytest.approx(1 / 3)  # 2 > 1; -1 > 2 no; 0 > 0 no
    margin = (math.tanh(2 / 1 - 1) + math.tanh(-1 / 2 - 1) + 0) / 3
    assert ties["margin"] == pytest.approx(margin)
    expected = 0.3 * 2 / 3 + 0.3 / 3 + 0.2 / 3 + 0.2 / 3 + 0.01 * margin
    assert ties["score"] == result["scores"]["Ties"] == pytest.approx(expected)
    assert result["accuracy"]["value"] == 0.5  # 2 of 3 tied rows and 1 of 3 reference rows


def test_the_total_is_the_mean_of_the_six_subsets(tmp_path: Path) -> None:
    rows = [row(name) for name in rewardbench2.SUBSETS if name != "Ties"]
    rows += [row("Ties", id="tied:0", chosen=["up", "UP"], rejected=["x"]), row("Ties", id="ref:0", rejected=["x"])]
    result = rewardbench2.evaluate(rewardbench2.read(file(tmp_path, *rows), ""), Known(up=1.0, UP=1.0))
    assert result["ties"]["score"] == pytest.approx(1.01)
    assert result["total"] == pytest.approx((5 + 1.01) / 6)


def test_a_prompt_with_one_of_its_two_rows_counts_in_the_accuracy_alone(tmp_path: Path) -> None:
    table = rewardbench2.read(file(tmp_path, row("Ties", id="tied:0", chosen=["up", "UP"], rejected=["x"])), "")
    ties = rewardbench2.evaluate(table, Known(up=1.0, UP=1.0))["ties"]
    assert (ties["tied_accuracy"], ties["ref_accuracy"], ties["prompts"]) == (1.0, 0.0, 0)
    assert ties["score"] == pytest.approx(0.3)


def test_reads_what_curation_writes(tmp_path: Path) -> None:
    found = format._Prompt('[{"content":"Name a colour.","role":"user"}]')
    found.beats = {"red": {"tin"}, "blue": {"tin"}}
    found.ties = {"red": {"blue"}, "blue": {"red"}}
    found.model = dict.fromkeys(("red", "blue", "tin"), "m")
    written = list(format._ties("4f00aa", found))
    table = rewardbench2.read(file(tmp_path, *written), "")
    ties = rewardbench2.evaluate(table, Known(red=2.0, blue=2.0, tin=1.0))["ties"]
    assert ties["prompts"] == 1
    assert ties["score"] == pytest.approx(1.01)  # g/d is infinite, its tanh 1


def test_rows_that_are_wrong_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks rejected"):
        rewardbench2.read(file(tmp_path, row(), row(rejected=[])), "")
    with pytest.raises(DataError, match=r"Row 1 of .* has 2 chosen responses"):
        rewardbench2.read(file(tmp_path, row(chosen=["a", "b"])), "")
    with pytest.raises(DataError, match=r"Row 1 of .* must be ref:… or tied:…"):
        rewardbench2.read(file(tmp_path, row("Ties")), "")


def test_best_of_four_agrees_with_drawing_the_top_at_random() -> None:
    value_R = np.array([2.0, 2.0, 1.0, 2.0])
    draws = np.random.default_rng(0).choice(np.flatnonzero(value_R == 2), size=20_000)
    assert rewardbench2.best_of(value_R) == pytest.approx((draws == 0).mean(), abs=0.02)
