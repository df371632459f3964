"""Noise review in a real browser, by keyboard alone: answers, going back, skipping, and what cannot be sent."""

from pathlib import Path

import pytest

from annotate.models import Annotation, Skip
from curation.asking.services import Wanted, select
from tests.static.test_workbench import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def batch(project):
    """The four pairs of the project, which nobody has answered."""
    from annotate import services

    services.create_form(
        project=project,
        questions=[{"name": "preference", "kind": "pairwise", "title": "Which?", "settings": {"tie": True}}],
    )
    return select(project=project, wanted=Wanted("random", source="waiting", size=4))


@pytest.fixture
def page(chromium, live_server, batch, client):
    from annotate.access.models import Membership, Role, User

    user = User.objects.create_user("rae@example.org", "a long password", name="Rae")
    Membership.objects.create(organisation=batch.project.organisation, user=user, role=Role.REVIEWER)
    client.force_login(user)
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/projects/{batch.project_id}/ask/{batch.pk}/review/")
    page.wait_for_selector("[data-pair]")
    yield page
    page.wait_for_load_state("networkidle")
    context.close()
    assert problems == []


def pair_on(page):
    return int(page.locator("[data-pair]").get_attribute("data-pair"))


def press(page, key):
    """One key, and the pair that it was about; waits for another one or for the note that there is none."""
    pair = pair_on(page)
    page.keyboard.press(key)
    page.wait_for_selector(f'[data-pair]:not([data-pair="{pair}"]), .empty')
    return pair


def test_a_batch_by_keyboard(page, batch):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out of a phone"
    first = press(page, "a")
    wait_until(page, lambda: Annotation.objects.count() == 1, "the first answer")
    annotation = Annotation.objects.get()
    assert annotation.answers["preference"]["overall"]["chosen"] == annotation.shown[0], "A is the one shown first"
    page.wait_for_selector("text=The last pair: you said A better, its label was no label.")
    second = press(page, "s")
    wait_until(page, lambda: Skip.objects.count() == 1, "the skip")
    assert first != second
    third = pair_on(page)
    page.keyboard.press("u")
    page.wait_for_selector(f'[data-pair="{second}"]')
    page.keyboard.press("u")
    page.wait_for_selector(f'[data-pair="{first}"]')
    assert page.locator('[aria-pressed="true"]').inner_text().startswith("A better")
    assert press(page, "b") == first
    wait_until(page, lambda: Annotation.objects.filter(revision=2, is_current=True).exists(), "the change")
    # What lay ahead comes back in its order.
    assert press(page, "t") == second
    assert press(page, "1") == third
    press(page, "b")
    page.wait_for_selector("text=Nothing left here")
    wait_until(page, lambda: Annotation.objects.filter(is_current=True).count() == 4, "four answers")
    assert page.locator("[data-done]").inner_text() == "4"
    page.reload()
    page.wait_for_selector("text=Nothing left here")


def test_what_was_not_taken_comes_back_and_the_page_is_accessible(page, batch):
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    assert [violation["id"] for violation in found["violations"]] == []
    page.route("**/answer*", lambda route: route.fulfill(status=500))
    first = press(page, "a")
    page.unroute("**/answer*")
    page.get_by_role("button", name="Open the pair").click()
    page.wait_for_selector(f'[data-pair="{first}"]')
    assert not Annotation.objects.exists()
    press(page, "a")
    wait_until(page, lambda: Annotation.objects.count() == 1, "the answer given again")
