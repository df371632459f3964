"""TextNorm: the confidence by hand, and where it mends a raw reward."""

from pathlib import Path

import numpy as np
import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import text_norm
from tests.rewardtrain.evaluation.known import Known, file

ROW = {"prompt": "one", "contrastive": ["two", "three"], "chosen": "y", "rejected": "n"}
REWARDS = {
    ("one", "y"): 1.0,
    ("two", "y"): 0.0,
    ("three", "y"): -1.0,
    ("one", "n"): 2.0,
    ("two", "n"): 3.0,
    ("three", "n"): 2.0,
}


def test_a_response_that_is_liked_under_any_prompt_loses_its_lead(tmp_path: Path) -> None:
    result = text_norm.evaluate(text_norm.read(file(tmp_path, ROW), ""), Known(lambda *pair: REWARDS[pair]))
    assert result["accuracy"]["value"] == 0.0  # 1 < 2
    assert result["text_norm"]["value"] == 1.0  # .665 > .212
    assert result["text_norm"]["difference"]["value"] == 1.0
    assert (result["top"]["value"], result["top"]["chance"]) == (1.0, pytest.approx(1 / 3))
    confidence = np.e / (np.e + 1 + 1 / np.e)
    assert result["calibration"]["bins"][0]["predicted"] == pytest.approx(confidence)
    assert result["calibration"]["brier"] == pytest.approx((1 - confidence) ** 2)


def test_a_model_that_ignores_the_prompt_has_no_confidence(tmp_path: Path) -> None:
    result = text_norm.evaluate(text_norm.read(file(tmp_path, ROW), ""), Known(y=1.0))
    assert (result["accuracy"]["value"], result["text_norm"]["value"], result["top"]["value"]) == (1.0, 0.0, 0.0)
    assert result["calibration"]["bins"][0]["predicted"] == pytest.approx(1 / 3)


def test_a_row_without_contrastive_prompts_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks contrastive"):
        text_norm.read(file(tmp_path, ROW, {**ROW, "contrastive": []}), "")
