"""Critiques with errors and a score in a real browser: by keyboard alone, by mouse, interrupted."""

import pytest

from annotate.models import Annotation
from tests.static.answering import drafted, kept_offline, project_of, stored, submitted, without_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = {
    "aspects": [{"name": "strengths", "title": "Strengths"}, {"name": "failures", "title": "What fails"}],
    "errors": [{"name": "arithmetic", "title": "Arithmetic", "help": "A wrong sum"}, {"name": "veracity"}],
    "score": True,
}
NONE = {"arithmetic": "no", "veracity": "no"}


@pytest.fixture
def project(transactional_db):
    return project_of([{"name": "c", "kind": "critique", "title": "What fails?", "settings": SETTINGS}], ["One", "Two"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(open_workbench, scheme):
    page = open_workbench()
    page.emulate_media(color_scheme=scheme)
    page.keyboard.press("w")
    page.keyboard.type("Short.")
    page.keyboard.press("Tab")
    page.keyboard.type("2 + 2 is 4.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # arithmetic
    page.keyboard.press("2")
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("5")  # nothing has the focus: the response without a score
    page.locator("[data-no-error]").nth(1).focus()
    page.keyboard.press("Space")
    without_faults(page)
    assert submitted(page, "c") == {
        "A": {"strengths": "Short.", "failures": "2 + 2 is 4.", "errors": {**NONE, "arithmetic": "yes"}, "score": 2},
        "B": {"strengths": "", "failures": "", "errors": NONE, "score": 5},
    }


def test_by_mouse_and_none_goes_with_none(open_workbench):
    page = open_workbench()
    ticks, scores = page.locator(".fb-tick"), page.locator(".fb-score .fb-step")
    for place in (0, 1, 2, 3, 5, 4):  # of A both, then none; of B one, then none, then the other
        ticks.nth(place).click()
    scores.nth(5).click()
    scores.nth(6).click()
    assert page.locator("[data-need]:visible").count() == 1
    page.keyboard.press("Control+Enter")
    assert page.locator(".problem:visible").inner_text() == "This is not complete yet."
    assert not Annotation.objects.exists()
    page.locator("textarea").nth(3).fill("All of it.")
    assert page.locator("[data-need]:visible").count() == 0
    assert submitted(page, "c") == {
        "A": {"strengths": "", "failures": "", "errors": NONE, "score": 5},
        "B": {"strengths": "", "failures": "All of it.", "errors": {**NONE, "veracity": "yes"}, "score": 0},
    }


def test_unticked_errors_are_no_answer(open_workbench):
    page = open_workbench()
    page.keyboard.press("5")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This is not complete yet."
    assert not Annotation.objects.exists()


def test_a_draft_survives_a_reload(open_workbench):
    page = open_workbench()
    page.locator(".fb-tick").nth(2).click()
    page.keyboard.press("3")
    page.locator("textarea").first.fill("Good.")
    half = {"strengths": "Good.", "failures": "", "errors": NONE, "score": 3}
    assert half in drafted(page, "c").values()
    page.reload()
    page.wait_for_selector("[data-task] :checked")
    assert page.locator("[data-task] textarea").first.input_value() == "Good."
    found = page.locator("[data-task] :checked").evaluate_all("found => found.map((one) => one.value)")
    assert found == ["", "3"]


def test_a_lost_connection_loses_nothing(open_workbench):
    page = open_workbench()
    page.keyboard.press("5")
    page.keyboard.press("5")
    for none in page.locator("[data-no-error]").all():
        none.check(force=True)
    kept_offline(page)
    fine = {"strengths": "", "failures": "", "errors": NONE, "score": 5}
    assert stored(page, "c") == {"A": fine, "B": fine}
