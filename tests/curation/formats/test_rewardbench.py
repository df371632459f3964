"""Benchmark pairs, and lists of better and worse responses."""

from collections import Counter

import pytest

from curation.formats import RowError, rewardbench


def test_labels_are_gold_and_sides_are_dealt_by_content():
    parsed = rewardbench.parse(rewardbench.EXAMPLE)
    better = parsed.responses[0 if parsed.gold == "a" else 1]
    assert (better.text, better.model) == ("4", "m1")
    assert parsed.votes[0].outcome == parsed.gold
    assert parsed.external_id == "maths:30"
    assert parsed.metadata == {"subset": "maths"}


def test_lists_compare_every_better_with_every_worse_response():
    row = {"id": "x", "prompt": "q", "chosen": ["c1", "c2"], "rejected": ["r1", "r2", "r3"], "subset": "Ties"}
    parsed = rewardbench.parse(row)
    assert len(parsed.responses) == 5
    assert len(parsed.votes) == 6
    for vote in parsed.votes:
        winner, loser = (vote.a, vote.b) if vote.outcome == "a" else (vote.b, vote.a)
        assert parsed.responses[winner].text.startswith("c")
        assert parsed.responses[loser].text.startswith("r")
    assert parsed.gold == ""


def test_models_of_rewardbench_2_stay_with_their_responses():
    row = {"id": "tied:3", "prompt": "q", "chosen": ["c1", "c2"], "rejected": ["r1"], "models": ["a", "b", "c"]}
    row |= {"subset": "Ties", "num_correct": 2, "num_incorrect": 1, "total_completions": 3}
    parsed = rewardbench.parse(row)
    assert {response.text: response.model for response in parsed.responses} == {"c1": "a", "c2": "b", "r1": "c"}
    assert parsed.external_id == "Ties:tied:3"
    odd = rewardbench.parse({**row, "models": ["a"]})
    assert {response.model for response in odd.responses} == {""}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"chosen": None}, "chosen is missing"),
        ({"rejected": [1]}, "a list of texts"),
        ({"chosen": "5"}, "identical"),
        ({"prompt": ""}, "prompt is empty"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        rewardbench.parse({**rewardbench.EXAMPLE, **changes})


def test_export_names_models_and_subset(pair_table):
    table = pair_table({"outcome": "b", "model_a": "m1", "model_b": "m2", "group": "g"}, {"outcome": "tie"})
    left_out = Counter()
    (row,) = rewardbench.export(table, {}, left_out)
    assert (row["chosen"], row["chosen_model"], row["rejected_model"]) == ("second answer 0", "m2", "m1")
    assert (row["prompt"], row["subset"]) == ("prompt 0", "g")
    assert left_out == {"tie": 1}
