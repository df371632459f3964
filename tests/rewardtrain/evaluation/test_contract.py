"""Every suite keeps the contract of `rewardtrain.evaluation`."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from rewardtrain import evaluation
from rewardtrain.errors import DataError, RewardModelError


class Lengths:
    """A model that likes long responses, and an ensemble of three that agree."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([float(len(response)) for response in responses])

    def probabilities(self, delta_P: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-delta_P))
        return np.column_stack([p, np.zeros_like(p), 1 - p])

    def vectors(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return self.score(prompts, responses)[:, None]

    def members(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.stack([self.score(prompts, responses)] * 3)

    def wrong(self, prompts: list[str], segments: list[list[str]], names: list[str]) -> list[np.ndarray]:
        """The longest segment is taken to be wrong."""
        longest = [[float(part == max(parts, key=len)) for part in parts] for parts in segments]
        return [np.tile(np.array(one)[:, None], len(names)) for one in longest]

    def place(self, prompts: list[str], a: list[str], b: list[str], target_P3: np.ndarray) -> np.ndarray:
        return np.zeros(1)

    def score_for(self, prompts: list[str], responses: list[str], vector: np.ndarray) -> np.ndarray:
        return self.score(prompts, responses)


class Broken(Lengths):
    """A model whose training diverged."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.full(len(responses), np.nan)

    def wrong(self, prompts: list[str], segments: list[list[str]], names: list[str]) -> list[np.ndarray]:
        return [np.full((len(parts), len(names)), np.nan) for parts in segments]


@pytest.mark.parametrize("name", evaluation.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        assert evaluation.get(name).TITLE
        assert evaluation.get(name).SUMMARY

    def test_result_has_the_common_shape(self, name: str) -> None:
        suite = evaluation.get(name)
        result = suite.evaluate(suite.example(), Lengths())
        assert json.loads(json.dumps(result, allow_nan=False)) == result
        assert result["suite"] == name
        assert result["n"] > 0
        for figure in (result["accuracy"], *result["baselines"].values()):
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
        for subset in result.get("subsets", []):
            assert subset.keys() >= {"name", "n", "value", "low", "high", "longer"}

    def test_the_model_that_is_the_baseline_differs_by_nothing(self, name: str) -> None:
        suite = evaluation.get(name)
        longer = suite.evaluate(suite.example(), Lengths())["baselines"]["longer"]
        assert longer["difference"]["value"] == pytest.approx(0)

    def test_the_seed_decides(self, name: str) -> None:
        suite = evaluation.get(name)
        assert suite.evaluate(suite.example(), Lengths(), seed=4) == suite.evaluate(suite.example(), Lengths(), seed=4)

    def test_an_empty_table_is_refused(self, name: str) -> None:
        suite = evaluation.get(name)
        with pytest.raises(DataError):
            suite.evaluate(suite.example().slice(0, 0), Lengths())

    def test_rewards_that_are_not_finite_are_refused(self, name: str) -> None:
        suite = evaluation.get(name)
        with pytest.raises(RewardModelError, match="not a finite number"):
            suite.evaluate(suite.example(), Broken())

    def test_a_file_without_the_columns_or_without_rows_is_refused(self, name: str, tmp_path: Path) -> None:
        suite = evaluation.get(name)
        (tmp_path / "other.jsonl").write_text('{"unrelated": 1}\n')
        (tmp_path / "empty.jsonl").write_text("")
        for file in ("other.jsonl", "empty.jsonl"):
            with pytest.raises(DataError):
                suite.evaluate(suite.read(tmp_path / file, "test"), Lengths())

    def test_what_is_written_is_read_back(self, name: str, tmp_path: Path) -> None:
        suite = evaluation.get(name)
        pq.write_table(suite.example(), tmp_path / "x.parquet")
        assert suite.read(tmp_path / "x.parquet", "test").equals(suite.example())

    def test_a_file_that_cannot_be_read_is_refused(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "x.jsonl").write_bytes(b"\xff\xfe broken")
        with pytest.raises(DataError, match="cannot be read"):
            evaluation.get(name).read(tmp_path / "x.jsonl", "test")
