"""Every project of the gallery keeps the contract: its form is valid, its rows can be imported, its files exist."""

import pytest

from annotate import feedback
from annotate.demo.gallery import exhibits
from curation.formats import votes

EXHIBITS = exhibits()


@pytest.fixture(params=EXHIBITS)
def exhibit(request):
    return EXHIBITS[request.param]


def test_describes_itself(exhibit):
    assert exhibit.__doc__
    assert 0 < len(exhibit.TITLE) <= 60
    assert exhibit.SUMMARY.endswith(".")
    assert exhibit.GUIDELINES.strip()


def test_its_form_is_valid(exhibit):
    assert exhibit.QUESTIONS
    for question in exhibit.QUESTIONS:
        feedback.settings_with_defaults(question["kind"], question.get("settings", {}))


def test_its_rows_can_be_imported_and_its_files_exist(exhibit, tmp_path):
    rows = exhibit.rows(tmp_path)
    assert 2 <= len(rows) <= 24
    assert len({row["id"] for row in rows}) == len(rows)
    named = set()
    for row in rows:
        parsed = votes.parse(row)
        named |= {*parsed.media, *(medium for response in parsed.responses for medium in response.media)}
    assert named == {path.name for path in tmp_path.iterdir()}


def test_every_kind_is_shown():
    shown = {question["kind"] for exhibit in EXHIBITS.values() for question in exhibit.QUESTIONS}
    assert shown >= {"binary"}
