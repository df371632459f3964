"""Segments: steps and sentences, their last tokens, what is cut off."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import segments
from rewardtrain.modeling.backbones import load_tokenizer


def steps(completions: list[str], labels: list) -> pa.Table:
    return segments.normalised(pa.Table.from_pylist([{"prompt": "why", "completions": completions, "labels": labels}]))


def words(encoder: Encoder, found: segments.SegmentSet) -> list[str]:
    """The token that each segment is read at."""
    ids = found.sequences.tokens[found.position_U]
    return encoder.tokenizer.convert_ids_to_tokens(ids.tolist())


def test_a_step_is_read_at_its_last_token(encoder: Encoder) -> None:
    found = segments.prepare(steps(["one two", "three", "four five"], [True, False, True]), encoder)
    assert words(encoder, found) == ["two", "three", "five"]
    assert found.value_NA.tolist() == [[1], [0], [1]]
    assert found.facts.levels == 2
    assert found.facts.dimensions == ("step",)


def test_neutral_steps_make_a_third_level(encoder: Encoder) -> None:
    found = segments.prepare(steps(["one", "two", "three"], [1, 0, -1]), encoder)
    assert found.value_NA.tolist() == [[2], [1], [0]]
    assert found.facts.levels == 3
    again = segments.prepare(steps(["one", "two"], [True, False]), encoder, facts=found.facts)
    assert again.value_NA.tolist() == [[2], [0]]


def test_segments_of_a_response_that_nobody_cut() -> None:
    assert segments.of_response("one two\n\nthree", ["step"]) == ["one two\n", "three"]
    assert segments.of_response("One. Two.", ["facts", "step"]) == ["One. ", "Two."]
    assert segments.of_response("", ["step"]) == [""]


def test_a_response_before_the_prompt_is_read_the_same(tiny_encoder: Path) -> None:
    encoder = Encoder(load_tokenizer(str(tiny_encoder)), "{response} {prompt}", 32)
    assert words(encoder, segments.prepare(steps(["one two", "three"], [True, False]), encoder)) == ["two", "three"]


def test_steps_without_label_and_those_cut_off_are_counted(encoder: Encoder) -> None:
    found = segments.prepare(steps(["one " * 20, "two " * 20, "three"], [None, True, True]), encoder)
    assert (found.report["segments"], found.report["without_label"], found.report["cut_off"]) == (1, 1, 1)


def test_spans_give_types_to_the_sentences_that_they_touch(encoder: Encoder) -> None:
    row = {
        "prompt": "why", "response": "one two. three four. five.",
        "spans": [{"start": 4, "end": 12, "category": "wrong"}, {"start": 21, "end": 25, "category": "dull"}],
    }  # fmt: skip
    found = segments.normalised(pa.Table.from_pylist([row]))
    assert found["segments"].to_pylist() == [["one two. ", "three four. ", "five."]]
    assert json.loads(found["labels"][0].as_py()) == [{"wrong": 1.0}, {"wrong": 1.0}, {"dull": 1.0}]
    prepared = segments.prepare(found, encoder)
    assert prepared.facts.dimensions == ("dull", "wrong")
    assert prepared.value_NA.tolist() == [[0, 1], [0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"completions": ["one"], "labels": [True, False]}, "as many labels"),
        ({"completions": ["one"], "labels": [3]}, "not 3"),
        ({"response": "one", "spans": [{"start": 0, "end": 9, "category": "x"}]}, "does not lie in the response"),
        ({"response": "one", "spans": [{"start": 0, "end": 2}]}, "start, end and category"),
    ],
)
def test_bad_rows_are_named(row: dict, message: str) -> None:
    with pytest.raises(DataError, match=f"Row 1.*{message}"):
        segments.normalised(pa.Table.from_pylist([{"prompt": "why", **row}]))


@given(st.text(alphabet='ab .!?\n"', max_size=60))
def test_sentences_put_together_are_the_text(text: str) -> None:
    assert "".join(segments.sentences(text)) == text


def test_agreement_is_the_area_under_the_curve(encoder: Encoder) -> None:
    found = segments.prepare(steps(["one", "two", "three"], [True, False, True]), encoder)
    out = torch.tensor([[1.0], [1.0], [0.0]])
    batch = found.batch(np.arange(3), found.place_LM, out, out, torch.from_numpy)
    assert found.agreement(batch, lambda out_UK: out_UK[:, 0]) == (0.5, 2)


def test_step_labels_of_people_are_labels_here():
    """What the feedback kind ``step`` records, as the columns that a training reads."""
    from annotate.feedback import step

    asked, answer = step.example()
    records = list(step.to_records(answer, asked))
    rows = [
        {
            "prompt": "7 * 8?",
            "completions": [one.text for one in asked.steps[key]],
            "labels": [record.value for record in records if record.response == key],
        }
        for key in asked.responses
    ]
    table = segments.normalised(pa.Table.from_pylist(rows))
    said = [[label["step"] for label in json.loads(row["labels"])] for row in table.to_pylist()]
    assert said == [[0, 1], [-1, None]]
