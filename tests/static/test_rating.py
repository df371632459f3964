"""Ratings in a real browser: by keyboard alone, by mouse, interrupted; sliders and levels; nothing untouched counts."""

import pytest

from annotate.models import Annotation
from tests.static.answering import drafted, kept_offline, project_of, stored, submitted, without_faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DIMENSIONS = [{"name": "truth", "title": "True"}, {"name": "style", "title": "Well written"}]
QUESTIONS = {
    "steps": {
        **{"low": 0, "high": 4, "dimensions": DIMENSIONS, "not_applicable": True},
        "anchors": [{"value": 0, "label": "useless"}, {"value": 4, "label": "perfect"}],
    },
    "slider": {"low": 0, "high": 100, "widget": "slider", "not_applicable": True},
    "levels": {"item_levels": True},
}
LEVELS = [
    {"name": "asked", "text": "Does it answer the question?", "points": 0, "category": "question"},
    *(
        {
            "name": f"l{n}",
            "text": f"Level {n} is <b>this</b>, {'in many words ' * 30}.",
            "points": 0,
            "category": "level",
        }
        for n in range(1, 6)
    ),
]


@pytest.fixture
def asks():
    return ("steps",)


@pytest.fixture
def responses():
    return 2


@pytest.fixture
def project(transactional_db, asks, responses):
    """A question for each of the settings that ``asks`` names."""
    questions = [
        {"name": name, "kind": "rating", "title": f"Rate: {name}", "settings": QUESTIONS[name]} for name in asks
    ]
    return project_of(questions, [f"Text {place}" for place in range(responses)], LEVELS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_keyboard_alone(open_workbench, scheme):
    page = open_workbench()
    page.emulate_media(color_scheme=scheme)
    for key in ("4", "0", "x", "3"):
        page.keyboard.press(key)
    assert page.locator("[data-task] .fb-progress").inner_text() == "4 of 4"
    without_faults(page)
    assert submitted(page, "steps") == {"A": {"truth": 4, "style": None}, "B": {"truth": 0, "style": 3}}


def test_by_mouse_and_changed(open_workbench):
    page = open_workbench()
    rows = page.locator("[data-group]")
    for row, step in ((0, 0), (1, 4), (2, 2), (3, 5), (0, 1)):
        rows.nth(row).locator("label").nth(step).click()
    assert submitted(page, "steps") == {"A": {"truth": 1, "style": 2}, "B": {"truth": 4, "style": None}}


def test_what_is_not_rated_is_missing(open_workbench):
    page = open_workbench()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This is not complete yet."
    assert not Annotation.objects.exists()


def test_a_draft_with_what_does_not_apply_survives_a_reload(open_workbench):
    page = open_workbench()
    page.keyboard.press("2")
    page.keyboard.press("x")
    assert drafted(page, "steps")
    page.reload()
    page.wait_for_selector("[data-task] :checked")
    assert page.locator("[data-task] :checked").evaluate_all("found => found.map((one) => one.value)") == ["2", "na"]
    page.keyboard.press("1")
    page.keyboard.press("1")
    assert submitted(page, "steps") == {"A": {"truth": 2, "style": 1}, "B": {"truth": None, "style": 1}}


def test_a_lost_connection_loses_nothing(open_workbench):
    page = open_workbench()
    for key in ("4", "0", "x", "3"):
        page.keyboard.press(key)
    kept_offline(page)
    assert stored(page, "steps") == {"A": {"truth": 4, "style": None}, "B": {"truth": 0, "style": 3}}


@pytest.mark.parametrize("asks", [("slider",)])
class TestSlider:
    def test_untouched_has_no_value(self, open_workbench):
        page = open_workbench()
        assert page.locator("output").all_inner_texts() == ["–", "–"]
        page.keyboard.press("Enter")
        assert page.locator(".problem:visible").inner_text() == "This needs an answer."
        page.keyboard.press("Tab")
        assert page.locator("output").all_inner_texts() == ["–", "–"], "to pass over it is not to touch it"

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_by_keyboard_alone(self, open_workbench, scheme):
        page = open_workbench()
        page.emulate_media(color_scheme=scheme)
        page.keyboard.press("7")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.locator("output").all_inner_texts() == ["72", "–"]
        page.locator("input[type=range]").nth(1).focus()
        page.keyboard.press("x")
        without_faults(page)
        page.keyboard.press("Enter")
        assert submitted(page, "slider") == {"A": {"overall": 72}, "B": {"overall": None}}

    def test_by_mouse_the_middle_counts_once_it_was_pressed(self, open_workbench):
        page = open_workbench()
        first, second = page.locator("input[type=range]").all()
        first.click()
        assert page.locator("output").first.inner_text() == "50"
        box = second.bounding_box()
        second.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
        assert submitted(page, "slider") == {"A": {"overall": 50}, "B": {"overall": 100}}

    def test_a_draft_survives_a_reload(self, open_workbench):
        page = open_workbench()
        page.keyboard.press("3")
        assert drafted(page, "slider")
        page.reload()
        page.wait_for_selector("[data-task] .fb-slide:not([data-untouched])")
        assert page.locator("output").all_inner_texts() == ["30", "–"]


@pytest.mark.parametrize("asks", [("levels",)])
@pytest.mark.parametrize("responses", [1, 2])
def test_levels_are_described_and_chosen(open_workbench, responses):
    page = open_workbench()
    assert page.locator("[data-feedback]").get_by_text("Does it answer the question?").is_visible()
    assert page.locator("[data-feedback]").get_by_text("Level 3 is <b>this</b>,").is_visible()
    if responses == 1:
        page.locator(".fb-cards label").nth(3).click()
    else:
        page.keyboard.press("4")
        page.keyboard.press("2")
        assert page.locator(".fb-here").all_inner_texts() == ["", "B", "", "A", ""]
    without_faults(page)
    both = {"A": {"overall": 4}, "B": {"overall": 2}}
    assert submitted(page, "levels") == dict(list(both.items())[:responses])


@pytest.mark.parametrize("asks", [("steps", "slider")])
def test_a_phone_shows_all_of_it(open_workbench):
    page = open_workbench()
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    widths = page.locator(".fb-step, .fb-slide input").evaluate_all(
        "found => found.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left, right])"
    )
    assert all(0 <= left < right <= 390 for left, right in widths)
