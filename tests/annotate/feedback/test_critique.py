"""Critique: what is written about, empty boxes, lengths in characters, errors and scores, the text distance."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import critique
from annotate.feedback.critique import text_distance
from annotate.records import Check, Critique, Rating


def test_one_text_about_all(ask):
    asked = ask("critique", about="overall")
    answer = {"overall": {"text": "A is shorter."}}
    feedback.validate("critique", answer, asked)
    (record,) = critique.to_records(answer, asked)
    assert (record.response, record.aspect, record.text) == ("", "", "A is shorter.")


def test_aspects_are_apart_and_empty_boxes_make_no_record(ask):
    asked = ask("critique", **critique.PRESETS["strengths_weaknesses"])
    answer = {"r1": {"strengths": "", "weaknesses": "Wrong."}, "r2": {"strengths": "Right.", "weaknesses": ""}}
    feedback.validate("critique", answer, asked)
    made = list(critique.to_records(answer, asked))
    assert [(r.response, r.aspect) for r in made] == [("r1", "weaknesses"), ("r2", "strengths")]
    assert [r.subject for r in critique.readings(made)] == ["r1#weaknesses", "r2#strengths"]
    assert critique.from_records(made, asked) == answer


def test_nothing_at_all_is_no_answer(ask, refused):
    assert "Write something" in refused("critique", {"r1": {"text": ""}, "r2": {"text": ""}}, ask("critique"))[1]


def test_blanks_are_no_text(ask, refused):
    path, message = refused("critique", {"r1": {"text": " \n\t"}, "r2": {"text": "x"}}, ask("critique"))
    assert (path, message) == ("r1/text", "Holds nothing but blanks.")


def test_least_length_counts_code_points_without_blanks_around(ask, refused):
    asked = ask("critique", about="overall", min_length=4)
    feedback.validate("critique", {"overall": {"text": "🌍🌍🌍🌍"}}, asked)
    path, message = refused("critique", {"overall": {"text": "  🌍🌍🌍  "}}, asked)
    assert (path, message) == ("overall/text", "Write at least 4 characters; there are 3.")


def test_several_imported_texts_become_paragraphs(ask):
    texts = [Critique(item="i1", rater="ann", question="q", response="r1", text=text) for text in ("One.", "Two.")]
    assert critique.from_records(texts, ask("critique")) == {"r1": {"text": "One.\n\nTwo."}, "r2": {"text": ""}}


def test_an_imported_aspect_that_is_not_asked_is_reported(ask, refused):
    record = Critique(item="i1", rater="ann", question="q", response="r1", text="x", aspect="style")
    asked = ask("critique")
    assert "'style'" in refused("critique", critique.from_records([record], asked), asked)[1]


@pytest.fixture
def scored(ask):
    errors = [{"name": "arithmetic", "title": "Arithmetic"}, {"name": "veracity"}]
    return ask("critique", errors=errors, score=True)


def of_both(first, second=None):
    fine = {"text": "", "errors": {"arithmetic": "no", "veracity": "no"}, "score": 5}
    return {"r1": {**fine, **first}, "r2": {**fine, **(second or {})}}


def test_errors_are_checks_that_cost_and_the_score_is_a_rating(scored):
    answer = of_both({"text": "2 + 2 is 4.", "errors": {"arithmetic": "yes", "veracity": "no"}, "score": 2})
    feedback.validate("critique", answer, scored)
    made = list(critique.to_records(answer, scored))
    checks = [(r.response, r.criterion, r.met, r.points) for r in made if isinstance(r, Check)]
    assert checks[:2] == [("r1", "arithmetic", True, -1), ("r1", "veracity", False, -1)]
    assert [(r.response, r.value, r.low, r.high) for r in made if isinstance(r, Rating)] == [
        ("r1", 2, 0, 5),
        ("r2", 5, 0, 5),
    ]
    assert critique.from_records(made, scored) == answer
    assert [(r.subject, r.category, r.level) for r in critique.readings(made)][1:4] == [
        ("r1#arithmetic", "yes", None),
        ("r1#veracity", "no", None),
        ("r1#score", "", 2),
    ]


def test_below_the_top_what_fails_must_be_said(scored, refused):
    feedback.validate("critique", of_both({}), scored)
    path, message = refused("critique", of_both({"score": 4}), scored)
    assert (path, message) == ("r1/text", "Say what fails; only 5 needs no words.")


def test_strengths_alone_do_not_excuse_an_empty_score(ask, refused):
    asked = ask("critique", aspects=[{"name": "strengths"}, {"name": "failures"}], score=True)
    fine = {"strengths": "Short.", "failures": "", "score": 5}
    feedback.validate("critique", {"r1": fine, "r2": fine}, asked)
    path, _ = refused("critique", {"r1": {**fine, "score": 4}, "r2": fine}, asked)
    assert path == "r1/failures"


@pytest.mark.parametrize("score", [6, -1, 2.5, None])
def test_scores_off_the_scale_are_refused(scored, refused, score):
    assert refused("critique", of_both({"text": "x", "score": score}), scored)[0] == "r1/score"


def test_every_error_is_answered(scored, refused):
    assert refused("critique", of_both({"errors": {"arithmetic": "yes"}}), scored)[0] == "r1/errors"
    assert refused("critique", of_both({"errors": {"arithmetic": True, "veracity": "no"}}), scored)[0].startswith(
        "r1/errors"
    )


def test_without_the_new_settings_an_answer_has_its_old_shape(ask, refused):
    feedback.validate("critique", {"r1": {"text": "a"}, "r2": {"text": ""}}, ask("critique"))
    assert "score" in refused("critique", {"r1": {"text": "a", "score": 1}, "r2": {"text": ""}}, ask("critique"))[1]
    together = ask("critique", about="overall", errors=[{"name": "x"}], score=True)
    feedback.validate("critique", {"overall": {"text": "A is shorter."}}, together)


def test_no_aspect_takes_the_place_of_the_score_or_the_errors():
    aspects = [{"name": "score"}, {"name": "errors"}]
    feedback.settings_with_defaults("critique", {"aspects": aspects})
    for more in ({"score": True}, {"errors": [{"name": "x"}]}):
        with pytest.raises(feedback.InvalidAnswer):
            feedback.settings_with_defaults("critique", {"aspects": aspects, **more})


def test_a_score_of_another_scale_is_brought_to_this_one(scored):
    records = [
        Rating(item="i1", rater="ann", question="q", response="r1", value=value, low=low, high=high)
        for value, low, high in ((60, 0, 100),)
    ]
    assert critique.from_records(records, scored)["r1"]["score"] == 3


def test_the_error_types_of_shepherd_are_a_preset(real_data):
    found = set()
    for line in (real_data / "shepherd" / "human_data_raw.jsonl").read_text().splitlines():
        for job in json.loads(line)["latestLabel"]["jsonResponse"].values():
            if job["jobName"] == "Error Type":
                found |= {category["name"].lower() for category in job["categories"]}
    assert found == {error["name"] for error in critique.PRESETS["shepherd"]["errors"]}


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        ("the cat sat", "The CAT sat!", 0),
        ("the cat", "a dog", 1),
        ("a b c d", "a b", 1 - 4 / 6),
        ("a a a", "a", 1 - 2 / 4),
        ("", "", 0),
        ("", "words", 1),
        ("!?", "…", 0),
        ("悉尼是城市", "悉尼是首都", 1 - 6 / 10),
        ("naïve Größe", "NAÏVE GRÖSSE", 0),
    ],
)
def test_text_distance(x, y, distance):
    assert text_distance(x, y) == pytest.approx(distance)


@given(st.text(), st.text())
def test_text_distance_is_symmetric_and_bounded(x, y):
    assert 0 <= text_distance(x, y) == text_distance(y, x) <= 1
    assert text_distance(x, x) == 0
