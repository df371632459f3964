"""Completions with a label, as KTO learns from."""

import json
from collections import Counter

import pytest

from curation import formats
from curation.formats import ParsedResponse, trl, trl_unpaired

CHAT, STANDARD = {"style": "conversational"}, {"style": "standard"}


def test_majority_of_verdicts_is_the_label(item, record):
    def verdicts(*good):
        return [record("verdict", response=str(place), good=value) for place, value in enumerate(good)]

    parsed = item(
        {"a": verdicts(True, False, True), "b": verdicts(True, True, False), "c": verdicts(True, False)},
        ("First.", "Second.", "Third."),
    )
    left_out = Counter()
    rows = trl_unpaired.export_item(parsed, [], CHAT, left_out)
    assert [(row["completion"][0]["content"], row["label"]) for row in rows] == [("First.", True), ("Second.", False)]
    assert left_out == {"tie": 1}
    (first, _) = trl_unpaired.export_item(parsed, [], STANDARD, Counter())
    assert first == {"prompt": "Why?\n\n", "completion": "First.", "label": True}


def test_what_cannot_be_said_is_counted(item, record):
    left_out = Counter()
    assert trl_unpaired.export_item(item({}), [], CHAT, left_out) == []
    picture = item({"a": [record("verdict", response="0", good=True)]}, [ParsedResponse("", media=("a.png",))])
    assert trl_unpaired.export_item(picture, [], CHAT, left_out) == []
    assert left_out == {"unjudged": 1, "media": 1}


@pytest.mark.parametrize("style", ["conversational", "standard"])
def test_trl_reads_it_and_makes_the_same_of_its_own_preferences(tmp_path, pair_table, style):
    import datasets
    from trl.data_utils import is_conversational, unpair_preference_dataset

    table = pair_table({"outcome": "b"}, {"outcome": "a"}, {"outcome": "tie"})
    file = tmp_path / "train.jsonl"
    rows = list(trl_unpaired.export(table, {"style": style}, Counter()))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"), split="train")
    assert set(data.column_names) == {"prompt", "completion", "label"}
    assert is_conversational(data[0]) == (style == "conversational")
    preferences = trl.export(table, formats.filled_options(trl.OPTIONS, {"style": style}), Counter())
    theirs = unpair_preference_dataset(datasets.Dataset.from_list(list(preferences)))
    key = str
    assert sorted(map(key, ([row[n] for n in ("prompt", "completion", "label")] for row in theirs))) == sorted(
        map(key, ([row[n] for n in ("prompt", "completion", "label")] for row in data))
    )
