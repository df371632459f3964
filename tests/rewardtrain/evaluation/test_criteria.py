"""Criteria: they reach the model, and preferences that they turn are told."""

from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import criteria
from tests.rewardtrain.evaluation.known import Known, file

ROW = {"prompt": "q", "criterion": "short", "chosen": "a", "rejected": "long b"}
TURNED = {"prompt": "q", "criterion": "long", "chosen": "long b", "rejected": "a"}


def by_criterion(prompt: str, response: str) -> float:
    return len(response) * (1.0 if prompt.endswith("Criterion: long") else -1.0)


def test_a_model_that_reads_criteria_wins_what_they_turn(tmp_path: Path) -> None:
    result = criteria.evaluate(criteria.read(file(tmp_path, ROW, TURNED), ""), Known(by_criterion))
    assert result["accuracy"]["value"] == 1.0
    assert result["without"]["value"] == 0.5
    assert result["flips"] == {"n": 1, "both": 1.0}


def test_a_model_that_does_not_wins_one_of_two(tmp_path: Path) -> None:
    result = criteria.evaluate(criteria.read(file(tmp_path, ROW, TURNED), ""), Known(a=1.0))
    assert result["accuracy"]["value"] == 0.5
    assert result["without"]["difference"]["value"] == 0.0
    assert result["flips"] == {"n": 1, "both": 0.0}


def test_reads_omni_rewardbench(tmp_path: Path) -> None:
    theirs = {"prompt": "q", "criteria": "short", "response1": "long b", "response2": "a"}
    rows = [{**theirs, "criteria_preference": "response2"}, {**theirs, "criteria_preference": "tie"}]
    table = criteria.read(file(tmp_path, *rows), "").to_pylist()
    assert [(row["chosen"], row["rejected"]) for row in table] == [("a", "long b")]
    assert table[0]["prompt"] == "q\n\nCriterion: short"
    with pytest.raises(DataError, match=r"Row 1 of .* has the criteria_preference 'first'"):
        criteria.read(file(tmp_path, {**theirs, "criteria_preference": "first"}), "")


def test_what_is_missing_or_a_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks criterion"):
        criteria.read(file(tmp_path, ROW, {**ROW, "criterion": ""}), "")
    with pytest.raises(DataError, match=r"Row 1 of .* holds image. Pictures, sound and video are not supported yet"):
        criteria.read(file(tmp_path, {**ROW, "image": "a.png"}), "")
