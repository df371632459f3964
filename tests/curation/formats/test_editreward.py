"""Two edits of one picture."""

import pytest

from curation.formats import RowError, editreward

ROW = editreward.EXAMPLE
SWAPPED = {"path1": "path2", "model1": "model2"}


def better(vote, parsed):
    return {"a": parsed.responses[0].model, "b": parsed.responses[1].model}.get(vote.outcome, vote.outcome)


def test_votes_and_ratings_stay_with_their_picture():
    parsed = editreward.parse(ROW)
    assert parsed.media == ("1/source.png",)
    assert {response.model: response.media for response in parsed.responses} == {
        "m1": ("1/a.png",), "m2": ("1/b.png",),
    }  # fmt: skip
    assert {vote.dimension: better(vote, parsed) for vote in parsed.votes} == {
        "": "m1", "instruction_following": "m1", "visual_quality": "tie",
    }  # fmt: skip
    rated = {
        (parsed.responses[int(record.response)].model, record.dimension): record.value
        for record in parsed.answers[0].records
    }
    assert rated[("m1", "instruction_following")] == 4
    assert rated[("m2", "instruction_following")] == 2
    assert {(record.low, record.high) for record in parsed.answers[0].records} == {(1, 4)}


def test_position_carries_no_label():
    firsts = [
        editreward.parse({**ROW, "path1": f"{n}/a.png", "path2": f"{n}/b.png"}).votes[0].outcome for n in range(400)
    ]
    assert 150 < firsts.count("a") < 250


def test_ties_and_missing_scores():
    assert editreward.parse({**ROW, "tie_case": True}).votes[0].outcome == "tie"
    bare = {name: value for name, value in ROW.items() if "score" not in name}
    parsed = editreward.parse(bare)
    (vote,) = parsed.votes
    assert better(vote, parsed) == "m1"  # the first path is the preferred one
    assert parsed.answers == ()
    half = editreward.parse({**ROW, "model2_dim1_score": None})
    assert [vote.dimension for vote in half.votes] == ["", "visual_quality"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model1_dim1_score": 5}, "model1_dim1_score is 5; a rating from 1 to 4"),
        ({"model1_dim1_score": 0}, "a rating from 1 to 4"),
        ({"tie_case": "maybe"}, "tie_case is 'maybe'"),
        ({"path1": None}, "path1 is None; one file"),
        ({"path2": ["a.png", "b.png"]}, "one file"),
        ({"prompt": ""}, "prompt is empty"),
    ],
)
def test_bad_rows(changes, message):
    with pytest.raises(RowError, match=message):
        editreward.parse({**ROW, **changes})
