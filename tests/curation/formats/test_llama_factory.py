"""LLaMA-Factory's ShareGPT rows, held to what its converter asks of them."""

import json
from collections import Counter

import datasets
import pytest

from curation import pairs
from curation.formats import ParsedResponse, llama_factory

SYSTEM, USER, SAID = ({"role": role, "content": role} for role in ("system", "user", "assistant"))


def converted(row, entry):
    """What SharegptDatasetConverter makes of a row: prompt, responses, system and images; asserts where it skips."""
    columns = entry["columns"]
    messages = row[columns["messages"]]
    system = ""
    if messages and messages[0]["from"] == "system":
        system, messages = messages[0]["value"], messages[1:]
    for place, message in enumerate(messages):
        assert message["from"] == ("human", "gpt")[place % 2]
    assert entry["ranking"]
    assert len(messages) % 2 == 1
    sides = [row[columns[side]] for side in ("chosen", "rejected")]
    assert all(isinstance(side, dict) and side["from"] == "gpt" for side in sides)
    images = row[columns["images"]]
    for side in sides:  # its templates ask for as many placeholders as images
        assert sum(m["value"].count("<image>") for m in (*messages, side)) == len(images)
    return messages, [side["value"] for side in sides], system, images


def prefers(record):
    return record("preference", a="0", b="1", outcome="b")


def test_version_writes_splits_and_their_entries(tmp_path, pair_table):
    turns = pairs.canonical_json([SYSTEM, USER, SAID, USER])
    table = pair_table({"outcome": "b"}, {"outcome": "a", "prompt": turns}, {"outcome": "tie"})
    counts = llama_factory.write({"train": [table], "test": []}, tmp_path, {}, {})
    assert counts == {"train": {"tie": 1}, "test": {}}
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert info["touchstone_train"]["file_name"] == "train.jsonl"
    data = datasets.load_dataset("json", data_files=str(tmp_path / "train.jsonl"), cache_dir=str(tmp_path / "c"))
    made = [converted(row, info["touchstone_train"]) for row in data["train"]]
    assert made[0][1] == ["second answer 0", "first answer 0"]
    assert [len(messages) for messages, *_ in made] == [1, 3]
    assert made[1][2] == "system"


def test_project_has_as_many_placeholders_as_pictures(item, record):
    parsed = item({"ann": [prefers(record)]}, prompt=[SYSTEM, USER, SAID, USER], media=["media/a.png", "media/b.jpg"])
    (row,) = llama_factory.export_item(parsed, [], {}, Counter())
    entry = json.loads(llama_factory.files([], {})["dataset_info.json"])["touchstone"]
    messages, said, system, images = converted(row, entry)
    assert said == ["Second.", "First."]
    assert messages[0]["value"] == "<image><image>user"
    assert (system, images) == ("system", ["media/a.png", "media/b.jpg"])
    assert entry["file_name"] == llama_factory.ITEMS_FILE


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ([], "turns"),
        ([USER, SAID], "turns"),
        ([SAID, USER], "turns"),
        ([USER, SYSTEM, USER], "turns"),
        ([USER, SAID, {"role": "tool", "content": "x"}], "turns"),
        ([{"role": "user", "content": "What does <image> mean?"}], "placeholder"),
    ],
)
def test_what_it_would_skip_is_counted(pair_table, item, record, prompt, reason):
    left_out = Counter()
    assert llama_factory.export_item(item({"ann": [prefers(record)]}, prompt=prompt), [], {}, left_out) == []
    assert left_out == {reason: 1}


def test_answers_that_are_pictures_cannot_be_said(item, record):
    left_out = Counter()
    parsed = item({"ann": [prefers(record)]}, [ParsedResponse("", media=("a.png",)), "Second."])
    assert llama_factory.export_item(parsed, [], {}, left_out) == []
    assert llama_factory.export_item(item({}, media=["a.pdf"]), [], {}, left_out) == []
    assert left_out == {"media": 1, "not_a_picture": 1}
