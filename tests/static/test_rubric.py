"""A rubric with partial credit in a real browser: by keys alone and by mouse; a draft survives a reload."""

import pytest

from annotate.models import Annotation, Draft
from tests.static.exhibited import faults, project_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ORDER = ("age", "signs", "drinking", "alarm", "dose")


@pytest.fixture
def project(transactional_db):
    return project_of("rubrics")


def given(page):
    wait_until(page, lambda: Annotation.objects.exists(), "an answer")
    row = Annotation.objects.get()
    return [[row.answers["rubric"][key][name] for key in row.shown] for name in ORDER]


def test_by_keys(open_workbench):
    page = open_workbench()
    for key in "ypnxy":
        page.keyboard.press(key)
    wait_until(page, lambda: Draft.objects.exists(), "a draft")
    page.reload()
    page.wait_for_selector("[data-mark=part]:has(:checked)")
    for key in (*"ppnyx", "Enter"):
        page.keyboard.press(key)
    assert given(page) == [["met", "50%"], ["unmet", "na"], ["met", "50%"], ["50%", "unmet"], ["met", "na"]]


def test_by_mouse(open_workbench):
    page = open_workbench()
    for cell in page.locator("[data-group]").all():
        cell.locator("[data-mark=part]").click()
    assert faults(page) == []
    page.get_by_role("button", name="Submit").click()
    assert given(page) == [["50%", "50%"]] * 5
