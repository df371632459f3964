"""Solutions in steps, with the labels of one labeler."""

import copy

import pytest

from curation.formats import RowError, prm800k


def row(*steps, **label):
    made = copy.deepcopy(prm800k.EXAMPLE)
    made["label"] |= {"steps": list(steps) or made["label"]["steps"], **label}
    return made


def step(*completions, chosen=0, human=None):
    given = [{"text": text, "rating": rating, "flagged": None} for text, rating in completions]
    return {"completions": given, "chosen_completion": chosen, "human_completion": human}


def labels(parsed):
    return [(record.step, record.value) for record in parsed.answers[0].records]


def test_labels_stand_on_the_steps_of_the_response():
    parsed = prm800k.parse(row())
    (response,) = parsed.responses
    assert response.metadata["steps"] == ["3 + 4 is 7.", "7 + 5 is 13."]
    assert response.text == "3 + 4 is 7.\n\n7 + 5 is 13."
    assert labels(parsed) == [(0, 1), (1, -1)]
    (answer,) = parsed.answers
    assert (answer.rater, answer.seconds, answer.submitted_at) == ("l-1", 61.0, "2023-01-22T04:34:27")
    assert parsed.metadata == {"ground_truth_answer": "12", "finish_reason": "found_error"}


def test_the_chosen_way_is_followed_and_the_others_are_kept():
    parsed = prm800k.parse(row(step(("a", -1), ("b", 0), chosen=1), step(("c", -1), chosen=None, human={"text": "d"})))
    assert parsed.responses[0].metadata["steps"] == ["b", "d"]
    assert labels(parsed) == [(0, 0), (1, 1)]  # what labelers wrote themselves is right
    others = parsed.responses[0].metadata["alternatives"]
    assert [[one["text"] for one in step] for step in others] == [["a"], ["c"]]


def test_steps_that_nobody_reached_are_kept_apart():
    made = row(step(("a", -1), chosen=None))
    made["question"]["pre_generated_steps"] = ["a", "b", "c"]
    parsed = prm800k.parse(made)
    assert parsed.responses[0].text == "a"
    assert parsed.responses[0].metadata["unreached_steps"] == ["b", "c"]


def test_flagged_and_unrated_steps_are_unsure():
    flagged = {"completions": [{"text": "a", "rating": 1, "flagged": True}], "chosen_completion": 0}
    assert labels(prm800k.parse(row(flagged, step(("b", None))))) == [(0, None), (1, None)]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (row(step(("a", 2))), "rating of step 1 is 2"),
        (row(step(("a", 1), chosen=3)), "Step 1 chose completion 3; there are 1"),
        (row(step(chosen=None)), "there are 0"),
        (row(step((None, 1))), "text of step 1 is None"),
        (row(steps=[]), "no steps"),
        (row(total_time=-5), "negative"),
        ({**row(), "question": {}}, "problem is missing"),
        ({**row(), "timestamp": "soon"}, "no.* a time|not a time"),
    ],
)
def test_bad_rows(made, message):
    with pytest.raises(RowError, match=message):
        prm800k.parse(made)
