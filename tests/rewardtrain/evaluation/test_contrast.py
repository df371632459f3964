"""Contrast instructions: both consistencies by hand, and on sums that differ by their base alone."""

import json
from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import contrast
from tests.rewardtrain.evaluation.known import Known, file


def row(prompt: str = "I", response: str = "R", other: str = "J", fitting: str = "S") -> dict:
    return {"prompt": prompt, "response": response, "contrast_prompt": other, "contrast_response": fitting}


def test_both_consistencies_by_hand(tmp_path: Path) -> None:
    rewards = {("I", "R"): 3.0, ("I", "S"): 1.0, ("J", "S"): 2.0, ("J", "R"): 2.5}
    result = contrast.evaluate(contrast.read(file(tmp_path, row()), ""), Known(lambda *pair: rewards[pair]))
    assert result["c_res"]["value"] == result["accuracy"]["value"] == 0.5  # 3 > 1, but 2 < 2.5
    assert result["c_ins"]["value"] == 1.0  # 3 > 2.5 and 2 > 1
    assert result["both"] == 0.0


def test_a_model_that_ignores_the_prompt_is_found_out(tmp_path: Path) -> None:
    result = contrast.evaluate(contrast.read(file(tmp_path, row()), ""), Known(R=1.0))
    assert (result["c_res"]["value"], result["c_ins"]["value"], result["insensitive"]) == (0.5, 0.0, 1.0)


def test_a_row_that_lacks_something_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 1 of .* lacks contrast_prompt, contrast_response"):
        contrast.read(file(tmp_path, {"prompt": "I", "response": "R"}), "")


@pytest.mark.real_data
def test_sums_in_two_bases(real_data: Path, tmp_path: Path) -> None:
    """LLMBar's sums to base 9 and 10: a model that adds up wins all, one of length half and none."""

    def best(row: dict) -> str:
        return row[f"output_{row['label']}"]

    folder = real_data / "llmbar" / "CaseStudy"
    nines, tens = (json.loads((folder / f"Base_{base}" / "dataset.json").read_text()) for base in (9, 10))
    rows = [row(nine["input"], best(nine), ten["input"], best(ten)) for nine, ten in zip(nines, tens, strict=True)]
    table = contrast.read(file(tmp_path, *rows), "")

    def base(text: str) -> bool:
        return "base-9" in text

    result = contrast.evaluate(table, Known(lambda prompt, response: float(base(prompt) == base(response))))
    assert result["n"] == 54
    assert result["c_res"]["value"] == result["c_ins"]["value"] == result["both"] == 1.0
    blind = contrast.evaluate(table, Known(lambda prompt, response: float(len(response))))
    assert blind["c_res"]["value"] <= 0.5
    assert blind["c_ins"]["value"] == 0.0
