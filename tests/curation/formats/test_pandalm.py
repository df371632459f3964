"""PandaLM's test set."""

from collections import Counter

import pytest

from curation.formats import RowError, pandalm
from curation.reading import open_source

ROW = pandalm.EXAMPLE


def test_annotators_are_raters():
    parsed = pandalm.parse(ROW)
    assert [(vote.rater, vote.outcome) for vote in parsed.votes] == [
        ("annotator1", "a"), ("annotator2", "a"), ("annotator3", "tie"),
    ]  # fmt: skip
    assert parsed.prompt[0]["content"] == "Make it shorter.\n\nIt is the case that it rains."
    assert [response.model for response in parsed.responses] == ["bloom-7b", "llama-7b"]
    assert parsed.external_id == "0"


def test_cells_of_a_table_and_missing_judgements():
    parsed = pandalm.parse({**ROW, "idx": "4", "annotator1": "2", "annotator2": "", "annotator3": 1.0})
    assert [(vote.rater, vote.outcome) for vote in parsed.votes] == [("annotator1", "b"), ("annotator3", "a")]


def test_booleans_of_the_file_are_the_words_that_people_saw():
    assert pandalm.parse({**ROW, "response1": True}).responses[0].text == "True"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"annotator1": 3}, "annotator1 is 3"),
        ({"annotator2": "a"}, "annotator2 is 'a'"),
        ({"response2": None}, "response2 is missing"),
        ({"response1": "", "response2": ""}, "Every response is empty"),
        ({"instruction": "", "input": " "}, "both empty"),
        ({"instruction": None}, "instruction is missing"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        pandalm.parse({**ROW, **changes})


def test_row_without_annotators():
    with pytest.raises(RowError, match="annotator1 is missing"):
        pandalm.parse({name: value for name, value in ROW.items() if not name.startswith("annotator")})


@pytest.mark.real_data
def test_the_released_set_parses_fully(real_data):
    with open_source(real_data / "pandalm_testset/testset-v1.json") as reader:
        found = [pandalm.parse(row.data) for row in reader]
    assert len(found) == 999
    assert Counter(row.votes[0].outcome for row in found) == {"b": 475, "a": 427, "tie": 97}
    assert sum(len({vote.outcome for vote in row.votes}) == 1 for row in found) == 879
    assert all(response.model for row in found for response in row.responses)
