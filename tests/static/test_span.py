"""Marked passages in a real browser: by mouse and by keyboard alone, notes, overlaps, drafts and undo."""

import pytest

from annotate.models import Annotation, Draft
from tests.axe import faults
from tests.static.marking import becomes_true, faults_at_any_size, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = {
    "categories": [
        {"name": "wrong", "title": "Wrong"},
        {"name": "missing", "title": "Missing", "placed": False},
        {"name": "style", "title": "Style"},
    ],
    "explanation": True,
}
TEXTS = ("🌍 The **sun** circles the Earth.", "Fine.")
PAYLOAD = "JSON.parse(document.querySelector('[data-task] > script').textContent)"


@pytest.fixture
def span_settings():
    return SETTINGS


@pytest.fixture
def project(transactional_db, span_settings):
    from annotate import services
    from annotate.access.models import Organisation

    organisation = Organisation.objects.create(name="Lab", slug="lab")
    question = {"name": "where", "kind": "span", "title": "Mark what is wrong", "settings": span_settings}
    project = services.create_project(
        organisation=organisation, name="Answers", questions=[question], overlap=1, shuffle=False
    )
    responses = tuple(services.NewResponse(text=text) for text in TEXTS)
    prompt = [{"role": "user", "content": "What circles what?"}]
    items = [services.NewItem(external_id=name, prompt=prompt, responses=responses) for name in ("i1", "i2")]
    services.add_items(project=project, items=items)
    return project


@pytest.fixture
def page(open_workbench):
    page = open_workbench()
    page.wait_for_selector("[data-answered], .fb-span [data-nothing]")
    page.keys = [row["key"] for row in page.evaluate(PAYLOAD)["responses"]]
    return page


def submitted(page):
    page.locator(".material").focus()
    page.keyboard.press("Enter")
    wait_until(page, lambda: Annotation.objects.filter(status="counted").exists(), "the answer")
    return Annotation.objects.get().answers["where"]


def body(page, index=0):
    return page.locator("[data-response-body]").nth(index)


def select(page):
    """The word "sun", by mouse; the question what it is stands there then."""
    body(page).locator("strong").dblclick()
    page.locator("[data-pop]").wait_for()


def test_by_mouse(page):
    one, two = page.keys
    select(page)
    page.click("[data-pop] [data-value=wrong]")
    page.locator("[data-field=explanation]").fill("It is the Earth that does.")
    page.click("[data-pop] [data-done]")
    page.locator(f'[data-marks="{two}"] [data-note=missing]').click()
    page.locator("[data-field=explanation]").fill("Everything.")
    page.click("[data-pop] [data-done]")
    answer = submitted(page)
    (mark,) = answer[one]
    assert TEXTS[0][mark["start"] : mark["end"]] == "sun"
    assert (mark["category"], mark["explanation"]) == ("wrong", "It is the Earth that does.")
    assert answer[two] == [{"start": 0, "end": 0, "category": "missing", "explanation": "Everything."}]


def test_by_keyboard_alone(page):
    """A passage of two words, a note, and nothing to mark in the other."""
    one, two = page.keys
    while not page.evaluate("document.activeElement.matches('[data-response-body]')"):
        page.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("2")  # of those that are placed, the second
    page.keyboard.type("Tone 1")
    page.keyboard.press("Escape")
    while not page.evaluate("document.activeElement.matches('[data-note]')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Who says so")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    answer = submitted(page)
    note, mark = sorted(answer[one], key=lambda one: one["end"])
    assert TEXTS[0][mark["start"] : mark["end"]] == "sun** circles"
    assert (mark["category"], mark["explanation"]) == ("style", "Tone 1")
    assert (note["category"], note["start"], note["end"], note["explanation"]) == ("missing", 0, 0, "Who says so")
    assert answer[two] == []


def test_delete_and_undo(page):
    select(page)
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    rows = page.locator("[data-row]")
    assert rows.first.inner_text().startswith("sun")
    rows.first.locator("[data-open]").focus()
    page.keyboard.press("Delete")
    assert rows.count() == 0
    page.keyboard.press("t")
    assert rows.count() == 1
    page.keyboard.press("t")
    assert rows.count() == 0
    page.keyboard.press("t")
    assert "nothing to take back" in page.locator(".fb-span [data-status]").inner_text()


@pytest.mark.parametrize("span_settings", [{**SETTINGS, "explanation": False, "overlapping": False}])
def test_what_may_not_overlap_is_not_marked(page, span_settings):
    for _ in range(2):
        select(page)
        page.keyboard.press("1")
    assert page.locator("[data-pop] [data-error]").inner_text() == "Overlaps another passage."
    page.keyboard.press("Escape")
    assert page.locator("[data-row]").count() == 1


def test_an_earlier_task_is_marked_again(page):
    """What was answered leaves the page and comes back with its marks, its keys and its colours."""
    one, two = page.keys
    select(page)
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    first = submitted(page)
    page.wait_for_selector("[data-task] [data-nothing]:not(:checked)")
    select(page)  # in the next task
    page.keyboard.press("Escape")
    page.locator(".material").focus()
    page.keyboard.press("Backspace")
    page.wait_for_selector("[data-revision] [data-row]")
    painted = "[...CSS.highlights.values()].reduce((sum, one) => sum + one.size, 0)"
    becomes_true(page, f"{painted} === 1")
    body(page, 1).locator("p").dblclick(position={"x": 10, "y": 10})
    page.locator("[data-pop]").wait_for()
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.locator(".material").focus()
    page.keyboard.press("Enter")
    wait_until(page, lambda: Annotation.objects.filter(revision=2).exists(), "the revision")
    answer = Annotation.objects.get(revision=2).answers["where"]
    assert answer[one] == first[one]
    assert [mark["category"] for mark in answer[two]] == ["style"]


def test_a_draft_survives_a_reload(page):
    select(page)
    page.keyboard.press("1")
    page.keyboard.type("Not so.")
    wait_until(page, lambda: "Not so." in str(getattr(Draft.objects.first(), "answers", {})), "a draft on the server")
    page.reload()
    page.wait_for_selector("[data-row]")
    assert "Not so." in page.locator("[data-row]").inner_text()
    assert page.evaluate("[...CSS.highlights.values()].reduce((sum, one) => sum + one.size, 0)") == 1


def test_no_fault_that_axe_finds(page):
    select(page)
    assert faults(page) == []
    page.keyboard.press("1")
    assert faults_at_any_size(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-note]").first.click()
    assert faults(page) == []
