"""Pairs built from verdicts on single videos."""

import pytest

from curation.formats import RowError, solireward

ROW = solireward.EXAMPLE


def said(video, words="A ball rolls."):
    return [
        {"role": "system", "content": [{"type": "text", "text": "Judge."}]},
        {"role": "user", "content": [{"type": "text", "text": words}, {"type": "video", "video": video}]},
    ]


def outcome_of(parsed):
    return parsed.responses[0 if parsed.votes[0].outcome == "a" else 1].media


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        {
            "win": said("videos/a.mp4"), "lose": said("videos/b.mp4"),
            "meta": {"win": {"quality": 1.0}, "lose": {"quality": 0.0}},
        },
    ],
)  # fmt: skip
def test_both_shapes_say_the_same(row):
    parsed = solireward.parse(row)
    assert parsed.prompt == [{"role": "user", "content": "A ball rolls."}]
    assert outcome_of(parsed) == ("videos/a.mp4",)
    verdicts = {parsed.responses[int(v.response)].media[0]: v.good for v in parsed.answers[0].records}
    assert verdicts == {"videos/a.mp4": True, "videos/b.mp4": False}


def test_equal_quality_is_a_tie_and_shades_are_no_verdicts():
    both = solireward.parse({"win": {**ROW["win"], "quality": 1}, "lose": {**ROW["lose"], "quality": 1}})
    assert both.votes[0].outcome == "tie"
    shades = solireward.parse({"win": {**ROW["win"], "quality": 0.9}, "lose": {**ROW["lose"], "quality": 0.1}})
    assert shades.answers == ()
    assert outcome_of(shades) == ("videos/a.mp4",)


def test_different_prompts_stay_with_their_videos():
    parsed = solireward.parse({"win": said("a.mp4", "One."), "lose": said("b.mp4", "Two.")})
    assert parsed.prompt == []
    assert {r.media[0]: r.metadata["prompt"] for r in parsed.responses} == {"a.mp4": "One.", "b.mp4": "Two."}
    assert outcome_of(parsed) == ("a.mp4",)


def test_position_carries_no_label():
    rows = [{"win": {"video_path": f"{n}.mp4"}, "lose": {"video_path": f"{n}b.mp4"}} for n in range(400)]
    assert 150 < sum(solireward.parse(row).votes[0].outcome == "a" for row in rows) < 250


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"win": {"quality": 1}, "lose": ROW["lose"]}, "win names no video"),
        ({"win": [], "lose": ROW["lose"]}, "win names no video"),
        ({"win": ROW["win"]}, "a list is expected"),
        ({"win": ["x"], "lose": ROW["lose"]}, "A message of win"),
        ({"win": ROW["win"], "lose": ROW["win"]}, "same file"),
        ({**ROW, "win": {**ROW["win"], "quality": "good"}}, "quality is 'good'"),
    ],
)
def test_bad_rows(row, message):
    with pytest.raises(RowError, match=message):
        solireward.parse(row)
