"""Documents: they reach the model, in their place, and what they change is told."""

import json
from pathlib import Path

import pytest

from rewardtrain.errors import DataError
from rewardtrain.evaluation import documents
from tests.rewardtrain.evaluation.known import Known, file

ROW = {"prompt": "When?", "documents": ["It was 1932."], "chosen": "1932", "rejected": "in 1931"}


def test_documents_stand_before_the_question(tmp_path: Path) -> None:
    titled = {**ROW, "documents": [{"title": "Bridge", "text": "It was 1932."}, {"title": "", "text": "No more."}]}
    table = documents.read(file(tmp_path, titled), "")
    assert table["prompt"][0].as_py() == "Document 1: Bridge\nIt was 1932.\n\nDocument 2: No more.\n\nWhen?"


def test_a_conversation_keeps_its_turns(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When?"}]
    table = documents.read(file(tmp_path, {**ROW, "prompt": turns}), "")
    found = json.loads(table["prompt"][0].as_py())
    assert [one["content"] for one in found] == ["Be brief.", "Document 1: It was 1932.\n\nWhen?"]


def test_a_model_that_reads_them_gains_by_them(tmp_path: Path) -> None:
    table = documents.read(file(tmp_path, ROW, {**ROW, "chosen": "1933"}), "")
    result = documents.evaluate(table, Known(lambda prompt, response: float(response in prompt)))
    assert result["accuracy"]["value"] == 0.5
    assert result["without"]["value"] == 0.0
    assert result["without"]["difference"]["value"] == 0.5
    assert result["equal"] == 1


def test_what_is_missing_or_a_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Row 2 of .* lacks documents"):
        documents.read(file(tmp_path, ROW, {**ROW, "documents": []}), "")
    with pytest.raises(DataError, match=r"Row 1 of .* holds images. Pictures, sound and video are not supported yet"):
        documents.read(file(tmp_path, {**ROW, "images": ["a.png"]}), "")
