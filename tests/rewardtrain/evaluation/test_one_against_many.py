"""One against many: the least margin, the rank and RewardMATH's rows."""

from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import one_against_many
from tests.rewardtrain.evaluation.known import Known, file

MODEL = Known(lambda prompt, response: float(response))


def row(chosen: list[str], rejected: list[str]) -> dict:
    return {"prompt": "p", "chosen": chosen, "rejected": rejected}


def test_every_right_one_must_stand_above_every_wrong_one(tmp_path: Path) -> None:
    rows = [row(["3"], ["1", "2"]), row(["3"], ["3", "0"]), row(["3", "1"], ["2"]), row(["1"], ["2", "3", "0"])]
    result = one_against_many.evaluate(one_against_many.read(file(tmp_path, *rows), ""), MODEL)
    assert result["accuracy"]["value"] == 0.25
    assert result["with_ties"] == 0.5
    assert result["mrr"]["value"] == pytest.approx((1 + 1 / 2 + 1 + 1 / 3) / 4)
    assert result["pairwise"]["value"] == pytest.approx((1 + 1 / 2 + 1 / 2 + 1 / 3) / 4)
    assert result["baselines"]["chance"]["value"] == pytest.approx((1 / 3 + 1 / 3 + 1 / 3 + 1 / 4) / 4)


def test_reads_rewardmath(tmp_path: Path) -> None:
    def solution(problem: int, kind: str, *steps: str) -> dict:
        return {
            "problem_id": problem,
            "problem": f"q{problem}",
            "eval_solution": steps,
            "solution_type": kind,
            "subject": "Algebra",
        }

    rows = [
        solution(0, "rejected", "1"),
        solution(0, "chosen", "2"),
        solution(0, "rejected", "0"),
        solution(1, "chosen", "a", "b"),
    ]
    with pytest.raises(DataError, match=r"Problem 1 of .* needs at least one chosen and one rejected"):
        one_against_many.read(file(tmp_path, *rows), "")
    table = one_against_many.read(file(tmp_path, *rows, solution(1, "rejected", "c")), "").to_pylist()
    assert [(one["prompt"], one["chosen"], one["rejected"]) for one in table] == [
        ("q0", ["2"], ["1", "0"]),
        ("q1", ["a\nb"], ["c"]),
    ]
    with pytest.raises(DataError, match=r"Row 1 of .* has the solution_type 'good'"):
        one_against_many.read(file(tmp_path, solution(0, "good", "2")), "")


def test_a_row_that_lacks_something_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks chosen"):
        one_against_many.read(file(tmp_path, row(["1"], ["2"]), row([], ["2"])), "")
    with pytest.raises(DataError, match=r"Row 1 of .* holds an empty text in rejected"):
        one_against_many.read(file(tmp_path, row(["1"], ["2", ""])), "")
