"""Corrections in a real browser: by keyboard alone, by mouse, interrupted; with the difference; untouched is none."""

import pytest

from annotate.models import Annotation
from tests.static.answering import drafted, kept_offline, project_of, stored, submitted, without_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "Water boils at 90 °C.\r\n\r\nAt sea level, <b>that</b> is."
SHOWN = TEXT.replace("\r\n", "\n")


@pytest.fixture
def project(transactional_db):
    return project_of([{"name": "fix", "kind": "revision", "title": "Correct it"}], [TEXT, TEXT])


def editors(page):
    return page.locator("[data-task] textarea")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(open_workbench, scheme):
    page = open_workbench()
    page.emulate_media(color_scheme=scheme)
    assert editors(page).first.input_value() == SHOWN
    page.keyboard.press("w")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Indeed.")
    shown = page.locator(".fb [data-difference]").first
    assert shown.locator("ins").all_inner_texts() == [" Indeed."]
    assert shown.locator("del, b").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    assert page.locator("[data-state]").all_inner_texts() == ["words: 0 out, 1 in", "nothing to correct"]
    without_faults(page)
    assert submitted(page, "fix") == {"A": f"{SHOWN} Indeed.", "B": ""}


def test_by_mouse(open_workbench):
    page = open_workbench()
    page.locator("[data-unchanged]").first.click()
    editors(page).nth(1).fill("Water boils at 100 °C.")
    assert page.locator("[data-difference] del").first.inner_text() == "90"
    assert page.locator("[data-difference] ins").all_inner_texts() == ["100"]
    assert submitted(page, "fix") == {"A": "", "B": "Water boils at 100 °C."}


def test_an_untouched_text_is_no_answer_and_an_empty_one_neither(open_workbench):
    page = open_workbench()
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This needs an answer."
    editors(page).first.fill(" ")
    assert page.locator("[data-state]").first.inner_text().startswith("empty")
    editors(page).first.fill(f"{SHOWN} x")
    editors(page).first.fill(SHOWN)
    assert page.locator("[data-state]").first.inner_text() == "not answered yet"
    page.keyboard.press("Control+Enter")
    assert not Annotation.objects.exists()


def test_nothing_that_was_typed_is_lost(open_workbench):
    page = open_workbench()
    first = editors(page).first
    first.fill("Water boils at 100 °C.")
    none = page.locator("[data-unchanged]").first
    none.click()
    assert first.input_value() == SHOWN
    none.click()
    assert first.input_value() == "Water boils at 100 °C."
    page.locator("[data-reset]").first.click()
    assert first.input_value() == SHOWN
    page.keyboard.press("Control+z")
    assert first.input_value() == "Water boils at 100 °C."


def test_a_draft_survives_a_reload(open_workbench):
    page = open_workbench()
    page.keyboard.press("w")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Yes.")
    assert list(drafted(page, "fix").values()) == [f"{SHOWN} Yes."]
    page.reload()
    page.wait_for_selector("[data-task] ins")
    assert editors(page).first.input_value() == f"{SHOWN} Yes."
    page.keyboard.press("u")
    assert submitted(page, "fix") == {"A": f"{SHOWN} Yes.", "B": ""}


def test_a_lost_connection_loses_nothing(open_workbench):
    page = open_workbench()
    page.keyboard.press("u")
    editors(page).nth(1).fill("Water boils at 100 °C.")
    kept_offline(page)
    assert stored(page, "fix") == {"A": "", "B": "Water boils at 100 °C."}


def test_a_phone_shows_all_of_it(open_workbench):
    page = open_workbench()
    page.set_viewport_size({"width": 390, "height": 800})
    editors(page).first.fill("w" * 200)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(".fb [data-difference]").first.bounding_box()
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390
