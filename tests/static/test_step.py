"""Steps in a real browser: by keys alone and by mouse, in each mode; a draft survives a reload; axe finds nothing."""

import pytest

from annotate.models import Annotation, Draft
from tests.static.exhibited import faults, project_of, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LABELS = {"name": "steps", "kind": "step", "title": "Is each step right?", "settings": {"mode": "labels"}}
UNTIL = {**LABELS, "settings": {"mode": "labels", "until_error": True}}


@pytest.fixture
def project(transactional_db, request):
    exhibit, questions = getattr(request, "param", ("steps", None))
    return project_of(exhibit, questions)


def press(page, keys):
    for key in keys.split():
        page.keyboard.press(key)


def answered(page, name):
    """The answer to the first task of its project, once it is there."""
    wait_until(page, lambda: Annotation.objects.exists(), "an answer")
    (given,) = Annotation.objects.get().answers[name].values()
    return given


def test_the_first_error_by_keys_and_again_none(open_workbench):
    page = open_workbench()
    press(page, "ArrowDown x")
    assert page.locator("[data-answered]").count() == 1
    assert page.get_by_role("radio", name="step 2 is the first wrong one").is_checked()
    press(page, "0 Enter")
    assert answered(page, "first_error") == ["right"] * 3


def test_the_first_error_by_mouse_survives_a_reload(open_workbench):
    page = open_workbench()
    page.get_by_role("radio", name="step 2 is the first wrong one").click()
    wait_until(page, lambda: Draft.objects.exists(), "a draft")
    page.reload()
    page.wait_for_selector("[data-answered]")
    assert page.get_by_role("radio", name="step 2 is the first wrong one").is_checked()
    assert faults(page) == []
    page.get_by_role("button", name="Submit").click()
    assert answered(page, "first_error") == ["right", "wrong"]


@pytest.mark.parametrize("project", [("steps", [LABELS])], indirect=True)
def test_labels_by_keys_alone(open_workbench):
    page = open_workbench()
    press(page, "1 3")
    wait_until(page, lambda: Draft.objects.exists(), "a draft")
    page.reload()
    page.wait_for_selector("[data-label=wrong]")
    press(page, "Enter")
    assert page.locator(".problem:visible").inner_text() == "This is not complete yet."
    page.locator(".material").focus()
    press(page, "0 ArrowUp ArrowUp 2 Enter")
    assert answered(page, "steps") == ["neutral", "wrong", "unsure"]


@pytest.mark.parametrize("project", [("steps", [LABELS])], indirect=True)
def test_labels_with_the_focus_inside(open_workbench):
    """Arrows up and down go to other steps, also from within a group of radio buttons."""
    page = open_workbench()
    page.get_by_role("radio", name="Right").first.focus()
    press(page, "Space ArrowDown")
    assert page.evaluate("document.activeElement.closest('[data-at]').dataset.at") == "1"
    press(page, "3 1 Enter")
    assert answered(page, "steps") == ["right", "wrong", "right"]


@pytest.mark.parametrize("project", [("steps", [UNTIL])], indirect=True)
def test_after_the_first_error_nothing_is_asked(open_workbench):
    page = open_workbench()
    page.locator("[data-at='0'] [data-mark=right]").click()
    page.locator("[data-at='1'] [data-mark=wrong]").click()
    assert page.locator("[data-at='2'] input").first.is_disabled()
    assert faults(page) == []
    page.locator("[data-at='1'] [data-mark=right]").click()
    assert page.locator("[data-at='2'] input").first.is_enabled(), "there is a way back"
    page.locator("[data-at='1'] [data-mark=wrong]").click()
    page.get_by_role("button", name="Submit").click()
    assert answered(page, "steps") == ["right", "wrong"]


@pytest.mark.parametrize("project", [("transcript", None)], indirect=True)
def test_progress_by_keys(open_workbench):
    page = open_workbench()
    press(page, "2 5 ArrowUp ArrowRight")
    assert page.locator("output").all_inner_texts() == ["20 %", "55 %", "–", "–"]
    press(page, "ArrowDown 9 = Enter")
    assert answered(page, "progress") == [20, 55, 90, 100]


@pytest.mark.parametrize("project", [("transcript", None)], indirect=True)
def test_progress_by_mouse_and_what_tools_said(open_workbench):
    page = open_workbench()
    result = page.locator("[data-what=result]").first
    assert not result.locator("pre").is_visible()
    result.locator("summary").click()
    assert "Dr. Lind" in result.locator("pre").inner_text()
    assert page.locator("[data-answered]").count() == 0, "an untouched slider is no answer"
    for slider in page.locator("input[type=range]").all():
        box = slider.bounding_box()
        page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    assert page.locator("output").all_inner_texts() == ["0 %"] * 4, "zero is an answer where it was pressed"
    assert faults(page) == []
    page.locator(".material").focus()
    press(page, "Enter")
    assert answered(page, "progress") == [0, 0, 0, 0]
