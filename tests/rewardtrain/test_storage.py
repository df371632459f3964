"""Files of a run: whole or not there, one holder at a time, progress without torn or stale lines."""

import json
from pathlib import Path

import pytest

from rewardtrain.errors import TrainingError
from rewardtrain.storage import Progress, locked, write_folder, write_json


def test_json_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}


def test_a_folder_that_fails_to_fill_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "model"
    write_folder(target, lambda folder: (folder / "weights").write_text("old"))

    def broken(folder: Path) -> None:
        (folder / "weights").write_text("new")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_folder(target, broken)
    assert (target / "weights").read_text() == "old"
    write_folder(target, lambda folder: (folder / "other").write_text("new"))
    assert [file.name for file in target.iterdir()] == ["other"]


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(TrainingError, match="Another process"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_progress_goes_on_from_the_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "progress.jsonl"
    progress = Progress(path, 0)
    for step in (10, 20, 30):
        progress.write("train", step=step, loss=1 / step)
    progress.close()
    with path.open("a") as file:
        file.write('{"kind": "train", "st')  # torn by a crash
    resumed = Progress(path, 20)
    resumed.write("resume", step=20)
    resumed.close()
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(event["kind"], event["step"]) for event in events] == [("train", 10), ("train", 20), ("resume", 20)]
