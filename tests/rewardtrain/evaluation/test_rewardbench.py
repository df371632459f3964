"""RewardBench: wins, subsets, sections and totals."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import rewardbench


class Known:
    """Rewards by response; what is not known gets 0."""

    def __init__(self, **rewards: float) -> None:
        self.rewards = rewards

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([self.rewards.get(response, 0.0) for response in responses])


def read(tmp_path: Path, *rows: dict) -> object:
    path = tmp_path / "bench.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return rewardbench.read(path, "")


def row(subset: str, chosen: str = "up", rejected: str = "down") -> dict:
    return {"prompt": "p", "chosen": chosen, "chosen_model": "m", "rejected": rejected, "subset": subset, "id": 1}


def test_a_win_is_strictly_above(tmp_path: Path) -> None:
    table = read(tmp_path, row("x"), row("x", "even", "down"), row("x", "down", "up"))
    result = rewardbench.evaluate(table, Known(up=1.0))
    assert result["accuracy"]["value"] == pytest.approx(1 / 3)
    assert result["equal"] == 1


def test_a_section_is_weighted_by_the_official_counts(tmp_path: Path) -> None:
    """math-prm counts 984, hep-cpp 164, whatever the file holds."""
    table = read(tmp_path, row("math-prm"), row("hep-cpp", "down", "up"), row("hep-cpp", "down", "up"))
    result = rewardbench.evaluate(table, Known(up=1.0))
    assert result["sections"]["Reasoning"]["value"] == pytest.approx(984 / (984 + 164))
    assert result["total"] is None


def test_the_total_is_the_mean_of_four_sections(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        row("alpacaeval-easy"),
        row("llmbar-natural", "down", "up"),
        row("donotanswer"),
        row("math-prm"),
        row("own"),
    )
    result = rewardbench.evaluate(table, Known(up=1.0))
    assert result["total"] == pytest.approx(0.75)
    assert [subset["name"] for subset in result["subsets"]] == sorted(
        ["alpacaeval-easy", "llmbar-natural", "donotanswer", "math-prm", "own"]
    )


def test_reads_what_hubs_hand_out(tmp_path: Path) -> None:
    rows = [row("x", "line \u2028 separator"), row("y")]
    (tmp_path / "list.json").write_text(json.dumps(rows, ensure_ascii=False))
    (tmp_path / "lines.jsonl.gz").write_bytes(
        gzip.compress("\n".join(json.dumps(r, ensure_ascii=False) for r in rows).encode())
    )
    assert rewardbench.read(tmp_path / "list.json", "").equals(rewardbench.read(tmp_path / "lines.jsonl.gz", ""))


def test_a_conversation_as_prompt_is_kept(tmp_path: Path) -> None:
    conversation = [{"role": "user", "content": "why"}]
    table = read(tmp_path, {**row("x"), "prompt": conversation})
    assert json.loads(table["prompt"][0].as_py()) == conversation


def test_a_row_that_lacks_something_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 .* lacks rejected\. Every row needs prompt, chosen, rejected"):
        read(tmp_path, row("x"), {"prompt": "p", "chosen": "c"})
