"""Preferences about pictures, filled in by TRL itself."""

import json
from collections import Counter

import pytest

from curation.formats import ParsedResponse, trl_multimodal


def prefers(record, outcome="a", a="0", b="1"):
    return record("preference", a=a, b=b, outcome=outcome, strength=1 if outcome in "ab" else 0)


def test_majority_over_raters_rankings_included(item, record):
    answers = {
        "ann": [prefers(record, "b")], "bob": [prefers(record, "a", a="1", b="0")],
        "cy": [record("ranking", ranks={"0": 1, "1": 2})],
    }  # fmt: skip
    (row,) = trl_multimodal.export_item(item(answers, media=["media/a.png"]), [], {}, Counter())
    assert row["chosen"] == [{"role": "assistant", "content": [{"type": "text", "text": "Second."}]}]
    assert row["prompt"] == [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Why?"}]}]
    assert row["images"] == ["media/a.png"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"media": ["a.mp4"]}, "not_a_picture"),
        ({"media": []}, "no_pictures"),
        ({"prompt": [{"role": "system", "content": "x"}]}, "no_user"),
        ({"texts": [ParsedResponse("", media=("b.png",)), "Second."]}, "media"),
    ],
)
def test_what_cannot_be_said_is_counted(item, record, changes, reason):
    left_out = Counter()
    parsed = item({"ann": [prefers(record)]}, **{"media": ["a.png"], **changes})
    assert trl_multimodal.export_item(parsed, [], {}, left_out) == []
    assert +left_out == {reason: 1}


def test_ties_and_dimensions_choose_nothing(item, record):
    left_out = Counter()
    tie = item({"ann": [prefers(record, "tie")], "bob": [prefers(record, "tie")]}, media=["a.png"])
    split = item({"ann": [prefers(record, "a")], "bob": [prefers(record, "b")]}, media=["a.png"])
    clear = record("preference", a="0", b="1", outcome="a", dimension="clarity")
    apart = item({"ann": [clear]}, media=["a.png"])
    for parsed in (tie, split, apart):
        assert trl_multimodal.export_item(parsed, [], {}, left_out) == []
    assert +left_out == {"tie": 2, "unjudged": 1}


def test_trl_fills_the_pictures_in(tmp_path, item, record):
    import datasets
    from PIL import Image
    from trl.data_utils import is_conversational, prepare_multimodal_messages

    names = []
    for colour in ("red", "blue"):
        names.append(str(tmp_path / f"{colour}.png"))
        Image.new("RGB", (4, 4), colour).save(names[-1])
    prompt = [{"role": "system", "content": "Look."}, {"role": "user", "content": "Which is red?"}]
    rows = trl_multimodal.export_item(item({"ann": [prefers(record)]}, prompt=prompt, media=names), [], {}, Counter())
    file = tmp_path / "items.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"), split="train")
    (row,) = data.cast_column("images", datasets.List(datasets.Image()))
    assert is_conversational(row)
    for side in ("chosen", "rejected"):
        filled = prepare_multimodal_messages(row["prompt"] + row[side], row["images"])
        shown = [part for message in filled for part in message["content"] if part["type"] == "image"]
        assert [part["image"].getpixel((0, 0)) for part in shown] == [(255, 0, 0), (0, 0, 255)]
