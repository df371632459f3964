"""Marked passages: code points, overlaps, nothing to mark, the distance of marks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import span
from annotate.feedback.span import mark_distance
from annotate.records import Span, from_table, to_table

# Astral characters, a flag of two code points, a family joined by ZWJ, a combining accent, right-to-left, CRLF.
TEXT = "🌍 The 🇦🇺 👩‍👩‍👧 cafe\u0301 שלום\r\n悉尼 <b>&amp;</b>"


def mark(start, end, category="error"):
    return {"start": start, "end": end, "category": category}


def test_offsets_are_code_points_of_the_source(ask):
    asked = ask("span", ("r1",), {"r1": TEXT})
    start = TEXT.index("悉尼")
    answer = {"r1": [mark(0, 1), mark(start, start + 2), mark(0, len(TEXT))]}
    feedback.validate("span", answer, asked)
    made = list(from_table(to_table(span.to_records(answer, asked))))
    assert [TEXT[r.start : r.end] for r in made] == ["🌍", "悉尼", TEXT]
    assert span.from_records(made, asked) == answer


def test_utf16_offsets_beyond_the_text_are_refused(ask, refused):
    text = "🌍🌍🌍"
    units = len(text.encode("utf-16-le")) // 2
    assert units == 6
    path, _ = refused("span", {"r1": [mark(0, units)]}, ask("span", ("r1",), {"r1": text}))
    assert path == "r1/0/end"


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (mark(-1, 2), "r1/0/start"),
        (mark(2, 2), "r1/0/end"),
        (mark(3, 2), "r1/0/end"),
        (mark(0, 6), "r1/0/end"),
        (mark(0.5, 2), "r1/0/start"),
        (mark(0, 2, "typo"), "r1/0/category"),
        (mark(0, 2, ""), "r1/0/category"),
        ({"start": 0, "end": 2}, "r1/0"),
        ({**mark(0, 2), "severity": "major"}, "r1/0"),
    ],
)
def test_bad_marks_are_refused(ask, refused, bad, path):
    assert refused("span", {"r1": [bad]}, ask("span", ("r1",), {"r1": "12345"}))[0] == path


def test_overlaps_only_where_allowed(ask, refused):
    answer = {"r1": [mark(3, 5), mark(0, 4)]}
    feedback.validate("span", answer, ask("span", ("r1",), {"r1": "12345"}))
    apart = ask("span", ("r1",), {"r1": "12345"}, overlapping=False)
    assert refused("span", answer, apart) == ("r1/0/start", "Overlaps another passage.")
    feedback.validate("span", {"r1": [mark(3, 5), mark(0, 3)]}, apart)


def test_nothing_to_mark_is_an_answer_and_leaves_a_record(ask):
    asked = ask("span")
    made = list(span.to_records({"r1": [], "r2": [mark(0, 2)]}, asked))
    assert [(r.response, r.start, r.end, r.category) for r in made] == [("r1", 0, 0, ""), ("r2", 0, 2, "error")]
    assert {r.subject: r.content for r in span.readings(made)} == {"r1": (), "r2": (("error", 0, 2),)}


def test_details_only_where_asked(ask):
    settings = {**span.PRESETS["finegrained_rlhf"], "severities": [{"name": "minor"}]}
    asked = ask("span", ("r1",), **settings)
    details = {"severity": "minor", "explanation": "Never said.", "correction": "🌍"}
    answer = {"r1": [{**mark(0, 4, "Unverifiable"), **details}]}
    feedback.validate("span", answer, asked)
    made = list(span.to_records(answer, asked))
    assert (made[0].severity, made[0].explanation, made[0].correction) == ("minor", "Never said.", "🌍")
    plain = ask("span", ("r1",), categories=[{"name": "Unverifiable"}])
    assert span.from_records(made, plain) == {"r1": [mark(0, 4, "Unverifiable")]}


def test_an_imported_response_without_spans_has_nothing_to_mark(ask):
    record = Span(item="i1", rater="ann", question="q", response="r2", start=0, end=3, category="error")
    assert span.from_records([record], ask("span")) == {"r1": [], "r2": [mark(0, 3)]}


def test_readings_merge_what_overlaps_within_a_category(ask):
    asked = ask("span", ("r1",), {"r1": "x" * 20}, categories=[{"name": "a"}, {"name": "b"}])
    answer = {"r1": [mark(5, 9, "a"), mark(0, 6, "a"), mark(9, 12, "a"), mark(3, 4, "b"), mark(14, 15, "a")]}
    (reading,) = span.readings(span.to_records(answer, asked))
    assert reading.content == (("a", 0, 12), ("a", 14, 15), ("b", 3, 4))


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        ((), (), 0),
        ((), (("a", 0, 1),), 1),
        ((("a", 0, 10),), (("a", 0, 10),), 0),
        ((("a", 0, 10),), (("a", 5, 15),), 0.5),
        ((("a", 0, 10),), (("b", 0, 10),), 1),
        ((("a", 0, 10), ("b", 0, 10)), (("a", 0, 10),), 1 - 2 / 3),
    ],
)
def test_mark_distance(x, y, distance):
    assert mark_distance(x, y) == pytest.approx(distance)


NOTES = [{"name": "wrong"}, {"name": "missing", "placed": False}, {"name": "unclear", "placed": False}]


def test_a_note_stands_at_no_place_and_a_mark_at_one(ask, refused):
    asked = ask("span", ("r1",), {"r1": "12345"}, categories=NOTES, overlapping=False)
    answer = {"r1": [mark(0, 3, "wrong"), mark(0, 0, "missing"), mark(3, 5, "wrong"), mark(0, 0, "unclear")]}
    feedback.validate("span", answer, asked)
    assert refused("span", {"r1": [mark(0, 3, "missing")]}, asked)[0] == "r1/0/end"
    assert refused("span", {"r1": [mark(0, 0, "wrong")]}, asked) == ("r1/0/end", "A passage ends after it starts.")
    made = list(from_table(to_table(span.to_records(answer, asked))))
    assert [(r.start, r.end, r.category) for r in made][1] == (0, 0, "missing")
    assert span.from_records(made, asked) == answer


def test_a_note_is_not_nothing_to_mark(ask):
    asked = ask("span", ("r1", "r2"), categories=NOTES)
    answer = {"r1": [mark(0, 0, "missing")], "r2": []}
    made = list(span.to_records(answer, asked))
    assert span.from_records(made, asked) == answer
    assert {r.subject: r.content for r in span.readings(made)} == {"r1": (("missing", 0, 0),), "r2": ()}


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        ((("m", 0, 0),), (("m", 0, 0),), 0),
        ((("m", 0, 0),), (), 1),
        ((("m", 0, 0),), (("n", 0, 0),), 1),
        ((("m", 0, 0), ("n", 0, 0)), (("n", 0, 0),), 1 / 3),
        ((("a", 0, 10), ("m", 0, 0)), (("a", 0, 10),), 0.5),
        ((("a", 0, 10), ("m", 0, 0)), (("b", 0, 10), ("m", 0, 0)), 0.5),
        ((("a", 0, 10), ("m", 0, 0)), (("m", 0, 0),), 0.5),
    ],
)
def test_notes_count_as_much_as_passages(x, y, distance):
    assert mark_distance(x, y) == mark_distance(y, x) == pytest.approx(distance)


def test_settings_from_before_there_were_notes_still_hold(ask):
    old = ask("span", ("r1",), {"r1": "12345"}, categories=[{"name": "wrong", "title": "Wrong", "help": ""}])
    feedback.validate("span", {"r1": [mark(0, 3, "wrong")]}, old)
    assert old.settings["categories"] == [{"name": "wrong", "title": "Wrong", "help": "", "placed": True}]


@pytest.mark.real_data
def test_real_feedback_with_missing_information_is_an_answer(real_data, ask):
    rows = json.loads((real_data / "finegrained_rlhf" / "dev_feedback.json").read_text())
    count = 0
    for row in rows:
        text, given = row["prediction 1"], row["feedback"]
        asked = ask("span", ("r1",), {"r1": text}, **span.PRESETS["finegrained_rlhf"])
        empty = {"explanation": "", "correction": ""}
        marks = [{"start": e["start"], "end": e["end"], "category": e["error type"], **empty} for e in given["errors"]]
        notes = [{**mark(0, 0, e["error type"]), **empty} for e in given["missing-info"]]
        answer = {"r1": marks + notes}
        feedback.validate("span", answer, asked)
        assert span.from_records(list(span.to_records(answer, asked)), asked) == answer
        count += len(answer["r1"])
    assert count == 1373 + 842


places = st.tuples(st.sampled_from("ab"), st.integers(0, 29), st.integers(1, 8))


@given(st.lists(places, max_size=6), st.lists(places, max_size=6))
def test_mark_distance_is_one_minus_f1_of_marked_positions(left, right):
    def marks(spans):
        return [mark(start, min(30, start + length), category) for category, start, length in spans]

    def positions(spans):
        return {(m["category"], i) for m in marks(spans) for i in range(m["start"], m["end"])}

    categories = [{"name": "a"}, {"name": "b"}]
    settings = feedback.settings_with_defaults("span", {"categories": categories})
    asked = feedback.Asked("q", settings, ("r1",), {"r1": "x" * 30})
    x, y = (next(span.readings(span.to_records({"r1": marks(spans)}, asked))).content for spans in (left, right))
    p, q = positions(left), positions(right)
    expected = 1 - 2 * len(p & q) / (len(p) + len(q)) if p or q else 0
    assert mark_distance(x, y) == pytest.approx(expected)


@given(st.text(max_size=40), st.data())
def test_any_passage_of_any_text_survives(text, data):
    asked = feedback.Asked("q", feedback.settings_with_defaults("span", {}), ("r1",), {"r1": text})
    cuts = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted).filter(lambda c: c[0] < c[1])
    spans = data.draw(st.lists(cuts, max_size=4)) if text else []
    answer = {"r1": [mark(start, end) for start, end in spans]}
    feedback.validate("span", answer, asked)
    made = list(span.to_records(answer, asked))
    assert span.from_records(made, asked) == answer
    assert [text[r.start : r.end] for r in made if r.category] == [text[s:e] for s, e in spans]
