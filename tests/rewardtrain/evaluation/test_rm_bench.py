"""RM-Bench: styles, domains and totals by hand."""

from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import rm_bench
from tests.rewardtrain.evaluation.known import Known, file


def row(domain: str, chosen: tuple[int, ...], rejected: tuple[int, ...]) -> dict:
    return {
        "prompt": domain,
        "domain": domain,
        "chosen": [f"{v}" for v in chosen],
        "rejected": [f"{v}" for v in rejected],
    }


MODEL = Known(lambda prompt, response: float(response))


def test_a_model_of_style_wins_the_easy_and_loses_the_hard(tmp_path: Path) -> None:
    table = rm_bench.read(file(tmp_path, row("chat", (1, 2, 3), (1, 2, 3))), "")
    result = rm_bench.evaluate(table, MODEL)
    assert result["matrix"] == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert {level: block["value"] for level, block in result["styles"].items()} == {"easy": 1, "normal": 0, "hard": 0}
    assert result["accuracy"]["value"] == pytest.approx(3 / 9)


def test_domains_weigh_alike_and_both_sides_of_safety_are_one(tmp_path: Path) -> None:
    won, lost = ((2, 2, 2), (1, 1, 1)), ((1, 1, 1), (2, 2, 2))
    rows = [row("chat", *won), row("chat", *won), row("math", *lost), row("code", *won)]
    rows += [row("safety-refuse", *won), row("safety-response", *lost)]
    result = rm_bench.evaluate(rm_bench.read(file(tmp_path, *rows), ""), MODEL)
    assert result["domains"]["safety"]["value"] == 0.5
    assert result["total"] == pytest.approx((1 + 0 + 1 + 0.5) / 4)
    assert result["styles"]["hard"]["value"] == pytest.approx(result["total"])
    assert result["accuracy"]["value"] == pytest.approx(4 / 6)


def test_without_a_domain_there_is_no_total(tmp_path: Path) -> None:
    assert rm_bench.evaluate(rm_bench.example(), Known())["total"] is None


def test_three_styles_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* has 2 rejected responses"):
        rm_bench.read(file(tmp_path, row("chat", (1, 2, 3), (1, 2, 3)), row("chat", (1, 2, 3), (1, 2))), "")
