"""The commands best-of-n and filter: nothing is lost, and what is kept is what scores best."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rewardtrain.__main__ import main
from rewardtrain.data import read_file as read
from rewardtrain.scoring import Scorer
from rewardtrain.serving import choosing, shaping

ROWS = [
    {"id": index, "prompt": prompt, "response": response}
    for index, (prompt, response) in enumerate(
        (prompt, response) for prompt in ("why", "say") for response in ("good red", "bad", "fine dull", "blue")
    )
]


@pytest.fixture(scope="module")
def model(served: Path) -> Path:
    return served / "encoder" / "model"


@pytest.fixture(scope="module")
def rewards(model: Path) -> np.ndarray:
    return Scorer(model, device="cpu").score([row["prompt"] for row in ROWS], [row["response"] for row in ROWS])


@pytest.fixture(params=[".jsonl", ".parquet"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"rows{request.param}"
    if request.param == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def test_filter_keeps_the_best_share_and_loses_nothing(
    rows: Path, model: Path, rewards: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, dropped = rows.with_stem("kept"), rows.with_stem("dropped")
    assert main(["filter", str(model), str(rows), str(kept), str(dropped), "--share", "0.25", "--device", "cpu"]) == 0
    best = set(np.argsort(-rewards)[:2].tolist())
    assert set(read(kept)["id"].to_pylist()) == best
    assert set(read(dropped)["id"].to_pylist()) == set(range(8)) - best
    np.testing.assert_allclose(read(kept)["reward"].to_pylist(), [rewards[i] for i in sorted(best)], atol=1e-5)
    progress, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert (progress["scored"], progress["of"]) == (8, 8)
    assert (summary["rows"], summary["chosen"], summary["others"]) == (8, 2, 6)
    assert summary["mean_chosen"] > summary["mean_others"]
    assert {path.name for path in rows.parent.iterdir()} == {rows.name, kept.name, dropped.name}


def test_filter_by_the_least_score(rows: Path, model: Path, rewards: np.ndarray, tmp_path: Path) -> None:
    least = float(np.median(rewards))
    kept, dropped = tmp_path / "kept.jsonl", tmp_path / "dropped.parquet"
    assert (
        main(["filter", str(model), str(rows), str(kept), str(dropped), "--least", str(least), "--device", "cpu"]) == 0
    )
    assert read(kept)["id"].to_pylist() == np.flatnonzero(rewards >= least).tolist()
    assert read(kept).num_rows + read(dropped).num_rows == 8


def test_best_of_n_picks_one_of_each_prompt(rows: Path, model: Path, rewards: np.ndarray, tmp_path: Path) -> None:
    best, others = tmp_path / "best.parquet", tmp_path / "others.jsonl"
    assert main(["best-of-n", str(model), str(rows), str(best), "--others", str(others), "--device", "cpu"]) == 0
    assert read(best)["id"].to_pylist() == [int(rewards[:4].argmax()), 4 + int(rewards[4:].argmax())]
    assert read(others).num_rows == 6


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["filter", "{model}", "{rows}", "{tmp}/a.jsonl", "{tmp}/a.jsonl", "--share", "0.5"], "need two files"),
        (["filter", "{model}", "{rows}", "{tmp}/a.jsonl", "{tmp}/b.jsonl", "--share", "1.5"], "between 0 and 1"),
        (
            ["filter", "{model}", "{rows}", "{tmp}/a.jsonl", "{tmp}/b.jsonl", "--share", "1", "--by", "conservative"],
            "ensemble",
        ),
        (["filter", "{model}", "{tmp}/none.jsonl", "{tmp}/a", "{tmp}/b", "--share", "1"], "cannot be read"),
        (["best-of-n", "{model}", "{tmp}/wrong.jsonl", "{tmp}/a.jsonl"], "has no columns prompt and response"),
        (["best-of-n", "{model}", "{tmp}/empty.jsonl", "{tmp}/a.jsonl"], "row 2 has no text as response"),
        (["best-of-n", "{tmp}", "{rows}", "{tmp}/a.jsonl"], "is not a reward model"),
    ],
)
def test_mistakes_are_named(
    argv: list[str], message: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "wrong.jsonl").write_text('{"word": "x"}\n')
    (tmp_path / "empty.jsonl").write_text('{"prompt": "x", "response": "y"}\n{"prompt": "x", "response": null}\n')
    assert main([part.format(tmp=tmp_path, model=model, rows=rows) for part in argv]) == 2
    assert message in capsys.readouterr().err


def test_choosing_by_hand() -> None:
    score_N = np.array([1.0, 4.0, 4.0, 2.0, 0.0])
    assert choosing.order(score_N).tolist() == [1, 2, 3, 0, 4]
    assert choosing.kept(score_N, share=0.2).tolist() == [False, True, False, False, False]
    assert choosing.kept(score_N, share=0.0).sum() == 0
    assert choosing.kept(score_N, share=1.0).all()
    assert choosing.kept(score_N, least=2.0).tolist() == [False, True, True, True, False]
    assert choosing.best_of(score_N, ["a", "b", "b", "a", "c"]).tolist() == [False, True, False, True, True]
    assert choosing.kept(np.zeros(0), share=0.5).tolist() == []


def test_shaping_by_hand() -> None:
    reward_N: Any = np.array([0.0, 1.0, 3.0])
    assert shaping.conservative(reward_N, np.array([0.0, 1.0, 1.0]), 2.0).tolist() == [0, -1, 1]
    assert shaping.least(np.array([5.0, 2.0, 3.0, 9.0]), [3, 1]).tolist() == [2, 9]
    assert shaping.least(np.zeros(0), []).tolist() == []
    assert shaping.preference(reward_N, reward_N).tolist() == [0.5] * 3
    assert shaping.preference(np.array([1e9]), -1e9) == pytest.approx([1.0])
    assert shaping.quantile(np.array([-1.0, 2.0, 2.5, 9.0]), np.array([3.0, 1.0, 2.0, 2.0])).tolist() == [
        0,
        0.5,
        0.75,
        1,
    ]
