"""A pair under several criteria in a real browser: opposite answers by keys and by mouse; a draft survives a reload."""

import pytest

from annotate.models import Annotation, Draft
from tests.static.exhibited import faults, project_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(transactional_db):
    return project_of("criteria")


def given(page):
    wait_until(page, lambda: Annotation.objects.exists(), "an answer")
    row = Annotation.objects.get()
    return {name: verdict["chosen"] for name, verdict in row.answers["under_criteria"].items()}, row.shown


def test_opposite_answers_by_keys(open_workbench):
    page = open_workbench()
    legends = page.locator(".fb-pairwise legend").all_inner_texts()
    assert ["Can be read in ten seconds." in legends[0], "which of several causes" in legends[1]] == [True, True]
    page.keyboard.press("1")
    wait_until(page, lambda: Draft.objects.exists(), "a draft")
    page.reload()
    page.wait_for_selector(".fb-step:has(:checked)")
    for key in ("3", "Enter"):
        page.keyboard.press(key)
    said, (first, second) = given(page)
    assert said == {"short": first, "causes": second}


def test_a_tie_under_one_criterion_by_mouse(open_workbench):
    page = open_workbench()
    rows = page.locator(".fb-row")
    rows.nth(0).locator("[data-side=second]").click()
    rows.nth(1).locator("[data-side=neither]").click()
    assert faults(page) == []
    page.get_by_role("button", name="Submit").click()
    said, (_, second) = given(page)
    assert said == {"short": second, "causes": "tie"}
