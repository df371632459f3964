"""Steps with labels."""

import json
from collections import Counter

import pytest

from curation.formats import ParsedResponse, prm800k, trl_stepwise

OPTIONS = {"neutral": "right"}
SOLUTION = ParsedResponse("One.\n\nTwo.\n\nThree.", metadata={})


def labelled(record, *values, response="0"):
    return [record("step_label", response=response, step=step, value=value) for step, value in enumerate(values)]


def test_mean_labels_over_raters(item, record):
    parsed = item(
        {"a": labelled(record, 1, 1, -1), "b": labelled(record, 1, -1, -1), "c": labelled(record, 0, 1)}, [SOLUTION]
    )
    (row,) = trl_stepwise.export_item(parsed, [], OPTIONS, Counter())
    assert row == {"prompt": "Why?", "completions": ["One.", "Two.", "Three."], "labels": [True, True, False]}
    even = item({"a": labelled(record, 1), "b": labelled(record, -1)}, [SOLUTION])
    for neutral, label in (("right", True), ("wrong", False)):
        (row,) = trl_stepwise.export_item(even, [], {"neutral": neutral}, Counter())
        assert row["labels"] == [label]


def test_a_trace_ends_where_labels_end(item, record):
    parsed = item({"a": labelled(record, 1, None, 1)}, [SOLUTION])
    (row,) = trl_stepwise.export_item(parsed, [], OPTIONS, Counter())
    assert row["completions"] == ["One."]


def test_every_response_is_a_row_and_listed_steps_come_first(item, record):
    listed = ParsedResponse("x", metadata={"steps": ["a", "b"]})
    parsed = item({"r": [*labelled(record, 1, 1), *labelled(record, 1, -1, response="1")]}, [SOLUTION, listed])
    rows = trl_stepwise.export_item(parsed, [], OPTIONS, Counter())
    assert [row["completions"] for row in rows] == [["One.", "Two."], ["a", "b"]]


def test_steps_are_cut_as_the_question_cuts_them(item, record, question):
    lines = ParsedResponse("One.\nTwo.")
    parsed = item({"r": labelled(record, 1, -1)}, [lines])
    (row,) = trl_stepwise.export_item(parsed, [question("step", split="lines")], OPTIONS, Counter())
    assert row["completions"] == ["One.", "Two."]


def test_what_cannot_be_said_is_counted(item, record):
    left_out = Counter()
    unsure = item({"r": labelled(record, None)}, [SOLUTION])
    progress = item({"r": [record("step_label", response="0", step=0, value=40, dimension="progress")]}, [SOLUTION])
    many = item({"r": labelled(record, 1, 1, 1, 1)}, [SOLUTION])
    for parsed in (unsure, progress, many):
        assert trl_stepwise.export_item(parsed, [], OPTIONS, left_out) == []
    assert left_out == {"unjudged": 2, "other_steps": 1}


def test_prm800k_comes_out_as_it_went_in(tmp_path):
    import datasets

    rows = trl_stepwise.export_item(prm800k.parse(prm800k.EXAMPLE), [], OPTIONS, Counter())
    file = tmp_path / "items.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (row,) = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"), split="train")
    assert row == {
        "prompt": "What is 3 + 4 + 5?", "completions": ["3 + 4 is 7.", "7 + 5 is 13."], "labels": [True, False],
    }  # fmt: skip
    # what axolotl's stepwise_supervised strategy does with a row: one whole label a completion
    assert [int(label) for label in row["labels"]] == [1, 0]
    assert len(row["labels"]) == len(row["completions"])
    assert pytest.approx(1) == int(row["labels"][0])
