"""The annotator's page in a real browser: keys, drafts, lost connections, revisions, and nothing lost or doubled."""

import re

import pytest

from annotate.models import Annotation, Draft, Flag, Skip, Task
from tests import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def wait_until(page, condition, what):
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def task_on(page):
    return int(page.locator("[data-task]").get_attribute("data-task"))


def submit(page, key="1"):
    """Answer the task on the screen and wait for the next, or for the note that there is none."""
    task = task_on(page)
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{task}"]), .desk-note h2')
    return task


def current(**filters):
    return Annotation.objects.filter(is_current=True, **filters)


def test_untrusted_text_is_shown_and_set_but_never_run(open_workbench):
    page = open_workbench()
    page.wait_for_selector(".katex")
    page.wait_for_selector(".hljs-built_in, .hljs-title, .hljs-number")
    assert page.title().startswith("Label")
    body = page.locator("[data-response]").all_inner_texts()
    assert any("<script>" in text for text in body)
    assert any("<img src=x" in text for text in body)


def test_all_tasks_by_keyboard(open_workbench):
    page = open_workbench()
    for done in range(4):
        assert page.locator("[data-progress-done]").inner_text() == str(done)
        submit(page)
    page.wait_for_selector("text=Nothing left for you here")
    wait_until(page, lambda: current(status="counted").count() == 4, "four counted answers")
    for annotation in current():
        first = annotation.shown[0]
        assert annotation.answers["preference"]["overall"]["chosen"] == first, "1 picks the response on the left"
        assert annotation.seconds is not None
    assert Task.objects.filter(answered=1).count() == 4


def test_nothing_is_chosen_for_the_rater(open_workbench):
    page = open_workbench()
    task = task_on(page)
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This needs an answer."
    assert task_on(page) == task
    assert not current().exists()


def test_draft_survives_a_reload(open_workbench):
    page = open_workbench()
    page.keyboard.press("1")
    page.keyboard.press("w")
    page.keyboard.type("Because 1 and 2.")
    wait_until(page, lambda: "why" in getattr(Draft.objects.first(), "answers", {}), "a draft on the server")
    page.reload()
    page.wait_for_selector("[data-answered]")
    assert page.locator("[data-task] textarea").input_value() == "Because 1 and 2."
    page.keyboard.press("Control+Enter")
    wait_until(page, lambda: current().exists(), "the answer")
    assert "Because 1 and 2." in str(current().get().answers["why"])
    assert not Draft.objects.exists()


def test_a_lost_connection_loses_nothing(open_workbench):
    page = open_workbench()
    page.wait_for_timeout(500)
    page.context.set_offline(True)
    first = submit(page)
    page.wait_for_selector("text=1 answer not sent yet")
    second = submit(page, "3")
    page.wait_for_selector("text=Waiting for the server")
    assert not current().exists()
    page.context.set_offline(False)
    page.wait_for_selector("[data-task]")
    wait_until(page, lambda: current(status="counted").count() == 2, "both answers")
    assert set(current().values_list("task_id", flat=True)) == {first, second}
    assert Annotation.objects.count() == 2
    assert task_on(page) not in {first, second}


def test_an_answer_outlives_a_crash_of_the_page(open_workbench):
    page = open_workbench()
    page.route("**/submit", lambda route: route.fulfill(status=503))
    task = submit(page)
    page.close()
    page = open_workbench()
    wait_until(page, lambda: current(task=task).exists(), "the answer of the closed page")
    page.wait_for_selector(f'[data-task]:not([data-task="{task}"])')
    assert page.locator("[data-progress-done]").inner_text() == "1"


def test_a_reply_that_got_lost_counts_once(open_workbench):
    page = open_workbench()
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/submit", lose)
    submit(page)
    wait_until(page, lambda: "All answers sent" in page.locator("[data-saved]").inner_text(), "sent again")
    assert lost == [200]
    assert Annotation.objects.count() == 1
    assert page.locator("[data-progress-done]").inner_text() == "1"


def test_back_makes_a_revision(open_workbench):
    page = open_workbench()
    first = submit(page)
    page.keyboard.press("Backspace")
    page.wait_for_selector(f'[data-task="{first}"][data-revision]')
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{first}"])')
    wait_until(page, lambda: current(task=first, revision=2).exists(), "a revision")
    assert [a.revision for a in Annotation.objects.filter(task=first).order_by("pk")] == [1, 2]
    assert page.locator("[data-progress-done]").inner_text() == "1"


def test_an_earlier_answer_opens_after_a_reload_and_can_be_left_as_it_was(open_workbench):
    page = open_workbench()
    first = submit(page)
    wait_until(page, lambda: current().exists(), "the answer")
    page.reload()
    page.wait_for_selector(".question[data-active]")
    second = task_on(page)
    page.keyboard.press("a")
    page.click(f'[data-open-task="{first}"]')
    page.wait_for_selector(f'[data-task="{first}"][data-revision] [data-answered]')
    page.keyboard.press("3")
    page.keyboard.press("Escape")
    page.wait_for_selector(f'[data-task="{second}"]:not([data-revision])')
    assert Annotation.objects.get().revision == 1


def test_what_the_server_refuses_comes_back_with_its_reason(open_workbench):
    page = open_workbench()
    errors = '{"errors": {"preference": {"path": "overall", "message": "That is not on the scale."}}}'
    page.route("**/submit", lambda route: route.fulfill(status=422, content_type="application/json", body=errors))
    task = task_on(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=That is not on the scale.")
    assert task_on(page) == task
    assert page.locator("[data-progress-done]").inner_text() == "0"
    page.unroute("**/submit")
    submit(page)
    wait_until(page, lambda: current(task=task, revision=1).exists(), "the answer, as a first one")


def test_skip_and_flag_with_reasons(open_workbench):
    page = open_workbench()
    task = task_on(page)
    page.keyboard.press("f")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    page.keyboard.press("Space")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{task}"])')
    wait_until(page, lambda: Skip.objects.exists(), "the skip")
    assert Skip.objects.get().task_id == task
    assert Skip.objects.get().reason
    assert Flag.objects.get().task_id == task


def test_signed_out_answers_wait(open_workbench):
    page = open_workbench()
    page.wait_for_timeout(500)
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    task = submit(page)
    page.wait_for_selector("text=You are signed out")
    assert not current().exists()
    page.context.add_cookies(session)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_until(page, lambda: current(task=task).exists(), "the answer after signing in again")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_no_fault_that_axe_finds(open_workbench, scheme, width):
    page = open_workbench()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.keyboard.press("1")
    for keys in ([], ["h"], ["h", "?"], ["Escape", "s"]):
        for key in keys:
            page.keyboard.press(key)
        assert axe.faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_key_is_shown(open_workbench):
    page = open_workbench()
    page.keyboard.press("?")
    shown = re.sub(r"\s+", " ", page.locator("dialog[open]").inner_text())
    for label in ("Submit", "Skip", "Flag", "Back", "Guidelines", "Save the draft", "Which answer is better?"):
        assert label in shown


# ---- conditions ----

WHY = {"question": "preference", "path": "overall/chosen", "not_in": ["tie"]}


@pytest.fixture
def asks_why(project):
    """ "Why?" is asked, and required, where it is no tie."""
    from annotate import services

    first, second = project.form.spec
    services.create_form(project=project, questions=[first, {**second, "required": True, "condition": WHY}])


def test_a_question_comes_and_goes_with_the_answer_before_it(asks_why, open_workbench):
    page = open_workbench()
    why = page.locator('[data-question-name="why"]')
    assert why.is_hidden()
    page.keyboard.press("w")
    assert page.evaluate("document.activeElement.matches('textarea')") is False, "keys skip what is not asked"
    page.keyboard.press("1")
    assert why.is_visible()
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This needs an answer."
    page.keyboard.type("It is right.")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert why.is_hidden()
    page.keyboard.press("1")
    assert why.locator("textarea").input_value() == "It is right.", "what was typed is kept"
    page.keyboard.press("2")
    task = task_on(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(f'[data-task]:not([data-task="{task}"])')
    wait_until(page, lambda: current(task=task).exists(), "the tie is counted")
    assert set(current(task=task).get().answers) == {"preference"}, "but it is not sent"


def test_what_was_typed_for_a_hidden_question_survives_a_reload(asks_why, open_workbench):
    page = open_workbench()
    page.keyboard.press("1")
    page.keyboard.press("w")
    page.keyboard.type("Kept.")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    wait_until(page, lambda: "why" in getattr(Draft.objects.first(), "answers", {}), "a draft on the server")
    page.reload()
    page.wait_for_selector("[data-answered]")
    assert page.locator('[data-question-name="why"]').is_hidden()
    page.keyboard.press("1")
    assert page.locator('[data-question-name="why"] textarea').input_value() == "Kept."
