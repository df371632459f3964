"""The form of a response."""

import time

import pytest

from curation.judges import JudgeError

from .conftest import texts_of


@pytest.mark.parametrize(
    ("settings", "good", "bad"),
    [
        ({"whole": "json"}, '```json\n{"a": [1, 2]}\n```', "{'a': 1}"),
        ({"whole": "json"}, " 7 ", '{"a": NaN}'),
        ({"whole": "one_paragraph"}, "one\ntwo", "one\n \ntwo"),
        ({"parts": ["bullet_list", "heading"]}, "# A\n\n- b", "A\n\n- b"),
        ({"parts": ["table"]}, "|a|b|\n|-|-|\n|1|2|", "a | b"),
        ({"forbidden_parts": ["code_block"]}, "use `x`", "```\nx\n```"),
        ({"pattern": r"\d{4}-\d\d"}, "2026-11", "in 2026-11"),
    ],
)
def test_what_has_the_form_wins(judged, settings, good, bad):
    found = judged("format", texts_of("ranking", bad, good), **{"whole": "any", **settings})
    assert found.answer == {"r1": 2, "r2": 1}
    assert found.notes["faults"]["r1"]


def test_a_pattern_that_never_ends_is_ended(judged, monkeypatch):
    monkeypatch.setattr("curation.judges._bounded.SECONDS", 0.5)
    began = time.monotonic()
    found = judged("format", texts_of("binary", "a" * 60 + "!"), whole="any", pattern=r"(a+)+")
    assert found.answer == {"r1": "bad"}
    assert time.monotonic() - began < 30


def test_no_pattern_and_no_check_are_refused(judged):
    with pytest.raises(JudgeError, match="no regular expression"):
        judged("format", texts_of("binary", "a"), pattern="(")
    with pytest.raises(JudgeError, match="nothing to check"):
        judged("format", texts_of("binary", "a"), whole="any")
