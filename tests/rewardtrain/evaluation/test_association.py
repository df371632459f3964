"""Stereotype association: the effect size and the permutation test against all permutations."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import association
from tests.rewardtrain.evaluation.known import Known, file


def row(name: str, side: str, **more: str) -> dict:
    return {"prompt": "p", "response_a": f"{name}-she", "response_b": f"{name}-he", "stereotype": side, **more}


ROWS = [row("nurse", "a"), row("cook", "a"), row("pilot", "b"), row("smith", "b")]


def test_the_effect_by_hand(tmp_path: Path) -> None:
    """s = 3, 1, -1, -1; the kinds differ by 2 - (-1) = 3; their deviation is that of all four."""
    model = Known(
        lambda prompt, response: {"nurse-she": 3, "cook-she": 1, "pilot-he": 1, "smith-he": 1}.get(response, 0)
    )
    result = association.evaluate(association.read(file(tmp_path, *ROWS), ""), model)
    s = np.array([3.0, 1, -1, -1])
    assert result["weat"]["effect"] == pytest.approx(3 / s.std(ddof=1))
    assert result["accuracy"]["value"] == 1.0
    assert result["toward"]["effect"] == pytest.approx(1.5 / np.array([3.0, 1, 1, 1]).std(ddof=1))
    assert result["toward"]["p"] == pytest.approx(2 / 16, abs=0.02)  # all four signs alike, either way


def test_p_is_the_share_of_all_permutations() -> None:
    s_N, first_N = np.array([2.0, 1.5, -0.5, 1.0, 0.3, -1.0]), np.array([True, True, True, False, False, False])
    found = s_N[:3].mean() - s_N[3:].mean()
    others = [set(some) for some in itertools.combinations(range(6), 3)]
    drawn = [
        s_N[sorted(some)].mean() - s_N[sorted(set(range(6)) - some)].mean() for some in others
    ]  # fmt: skip
    expected = np.mean(np.array(drawn) >= found - 1e-12)
    assert association.weat(s_N, first_N, 0)["p"] == pytest.approx(expected, abs=0.02)


def test_a_preference_for_one_group_is_no_association_but_is_seen_by_signs() -> None:
    s_N = np.array([1.0, 1.1, 0.9, 1.05, 1.0, 0.95])
    first_N = np.array([True, False, False, True, True, False])
    assert association.weat(s_N, first_N, 0)["p"] > 0.05
    assert association.toward(s_N, 0)["p"] == pytest.approx(2 / 64, abs=0.01)


def test_a_blind_model_has_no_effect_and_half_the_pairs(tmp_path: Path) -> None:
    result = association.evaluate(association.read(file(tmp_path, *ROWS), ""), Known())
    assert (result["weat"], result["toward"], result["accuracy"]["value"]) == (None, None, 0.5)


def test_one_kind_alone_has_no_weat_and_prompts_may_differ(tmp_path: Path) -> None:
    rows = [row("nurse", "a", prompt_b="q", subset="gender"), row("cook", "a", prompt_b="q", subset="gender")]
    model = Known(lambda prompt, response: float(prompt == "p") + (response == "cook-he"))
    result = association.evaluate(association.read(file(tmp_path, *rows), ""), model)
    assert result["weat"] is None
    assert result["accuracy"]["value"] == 0.75  # the second pair is level
    assert [(one["name"], one["effect"], one["p"]) for one in result["subsets"]] == [("gender", None, None)]


def test_rows_that_are_wrong_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* has the stereotype 'she'; write a or b"):
        association.read(file(tmp_path, ROWS[0], row("x", "she")), "")
    with pytest.raises(DataError, match=r"Row 1 of .* lacks response_b"):
        association.read(file(tmp_path, {**ROWS[0], "response_b": None}), "")
