"""Single verdicts at speed: one key a task, back to the one before, and the mouse does the same."""

import pytest

from annotate.models import Annotation
from tests.static.test_workbench import task_on, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project(project):
    """The same items, two responses each, asked about one by one."""
    from annotate import services

    verdict = {"name": "verdict", "kind": "binary", "title": "Good?", "settings": {"at_once": True}}
    other = services.create_project(organisation=project.organisation, name="Verdicts", questions=[verdict], overlap=1)
    services.add_items(
        project=other,
        items=[
            services.NewItem(
                external_id=f"item-{number}",
                prompt=[{"role": "user", "content": f"Question {number}"}],
                responses=(services.NewResponse(text="Yes."), services.NewResponse(text="No.")),
            )
            for number in range(5)
        ],
    )
    return other


def next_task(page, before):
    page.wait_for_selector(f'[data-task]:not([data-task="{before}"]) [data-active], .desk-note h2')


def test_ten_verdicts_need_ten_keys(open_workbench):
    page = open_workbench()
    for number in range(10):
        task = task_on(page)
        page.keyboard.press("12"[number % 2])
        next_task(page, task)
    page.wait_for_selector("text=Nothing left for you here")
    wait_until(page, lambda: Annotation.objects.filter(status="counted").count() == 10, "ten answers")
    said = [list(annotation.answers["verdict"].values()) for annotation in Annotation.objects.order_by("submitted_at")]
    assert sorted(said) == [["bad"]] * 5 + [["good"]] * 5


def test_the_mouse_sends_too_and_arrows_only_choose(open_workbench):
    page = open_workbench()
    first = task_on(page)
    page.locator("[data-task] .fb-step", has_text="Good").click()
    next_task(page, first)
    second = task_on(page)
    page.locator("[data-feedback] input").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-answered]")
    assert task_on(page) == second, "an arrow chooses and does not send"


def test_back_and_another_key_is_a_revision(open_workbench):
    page = open_workbench()
    first = task_on(page)
    page.keyboard.press("1")
    next_task(page, first)
    page.keyboard.press("Backspace")
    page.wait_for_selector(f'[data-task="{first}"][data-revision]')
    page.keyboard.press("2")
    next_task(page, first)
    wait_until(page, lambda: Annotation.objects.filter(task=first, revision=2, is_current=True).exists(), "a revision")
    assert list(Annotation.objects.get(task=first, is_current=True).answers["verdict"].values()) == ["bad"]
