"""Critique: what is written about, empty boxes, lengths in characters, the text distance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import critique
from annotate.feedback.critique import text_distance
from annotate.records import Critique


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
