"""Rankings in a real browser: a full order and a tournament, by keys alone and by mouse; a draft survives a reload."""

import pytest

from annotate.models import Annotation, Draft
from tests.static.exhibited import faults, project_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(transactional_db, request):
    return project_of(getattr(request, "param", "tournament"))


def answer(page, name):
    wait_until(page, lambda: Annotation.objects.exists(), "an answer")
    row = Annotation.objects.get()
    return row.answers[name], row


def test_a_tournament_by_keys(open_workbench):
    """Seven matches of eight; the response on the left wins them all, so no later match is of those that lost."""
    page = open_workbench()
    for number in range(1, 8):
        assert f"Match {number} of 7" in page.locator("[data-now]").inner_text()
        assert page.locator(".candidate:visible").count() == 2, "only those two are shown"
        if number == 4:
            page.keyboard.press("3")
            page.keyboard.press("u")
            assert "Match 4 of 7" in page.locator("[data-now]").inner_text()
        page.keyboard.press("1")
    assert "is left" in page.locator("[data-now]").inner_text()
    assert page.locator(".candidate:visible").count() == 8
    page.keyboard.press("Enter")
    given, row = answer(page, "best")
    assert len(given["matches"]) == 7
    for match in given["matches"]:
        left = min((match["a"], match["b"]), key=row.shown.index)
        assert match["chosen"] == left, "1 picks the response on the left"


def test_a_tournament_by_mouse_survives_a_reload(open_workbench):
    page = open_workbench()
    page.locator("[data-chosen='1']").click()
    page.locator("[data-chosen='tie']").click()

    def kept():
        draft = Draft.objects.first()
        return draft and len(draft.answers.get("best", {}).get("matches", [])) == 2

    wait_until(page, kept, "a draft")
    page.reload()
    page.wait_for_selector("[data-played] li")
    assert page.locator("[data-played] li").count() == 2
    assert "Match 3 of 7" in page.locator("[data-now]").inner_text()
    assert faults(page) == []
    page.locator("[data-played] li button").first.click()
    assert "Match 1 of 7" in page.locator("[data-now]").inner_text(), "a match can be played again"
    for _ in range(7):
        page.locator("[data-chosen='0']").click()
    assert faults(page) == []
    page.get_by_role("button", name="Submit").click()
    given, _ = answer(page, "best")
    assert len(given["matches"]) == 7


def test_buttons_of_a_tournament_work_with_the_focus_on_them(open_workbench):
    page = open_workbench()
    page.locator("[data-chosen='1']").focus()
    for _ in range(7):
        page.keyboard.press("Enter")
    page.wait_for_selector("[data-answered]")
    assert page.evaluate("document.activeElement.closest('[data-played]') !== null")


@pytest.mark.parametrize("project", ["ranking"], indirect=True)
def test_a_full_order_by_keys_survives_a_reload(open_workbench):
    page = open_workbench()
    for key in ("3", "1", "t"):
        page.keyboard.press(key)
    wait_until(page, lambda: Draft.objects.exists(), "a draft")
    page.reload()
    page.wait_for_selector(".fb-tier")
    assert page.locator(".fb-tier").count() == 1
    for key in ("2", "4", "x", "Enter"):
        page.keyboard.press(key)
    given, row = answer(page, "order")
    a, b, c, d, e = row.shown
    assert given == {c: 1, a: 1, b: 2, d: 3, e: None}


@pytest.mark.parametrize("project", ["ranking"], indirect=True)
def test_a_full_order_by_mouse(open_workbench):
    page = open_workbench()
    names = page.locator(".fb-pool .fb-chip-name")
    for _ in range(5):
        names.first.click()
    assert page.locator(".fb-tier").count() == 5
    assert faults(page) == []
    page.get_by_role("button", name="Submit").click()
    given, row = answer(page, "order")
    assert given == {key: rank for rank, key in enumerate(row.shown, 1)}
