"""A project with tasks behind a live server, and a page of somebody who labels there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

QUESTIONS = [
    {"name": "preference", "kind": "pairwise", "title": "Which answer is better?"},
    {"name": "why", "kind": "critique", "title": "Why?", "required": False, "settings": {"about": "overall"}},
]


@pytest.fixture
def project(transactional_db: None) -> Any:
    """Four tasks for one annotator; the first answers hold code, mathematics and hostile markup."""
    from annotate import services
    from annotate.access.models import Organisation

    organisation = Organisation.objects.create(name="Lab", slug="lab")
    project = services.create_project(
        organisation=organisation, name="Answers", questions=QUESTIONS, overlap=1, guidelines="Read *both*."
    )
    texts = [
        "Hello $x^2$\n\n```python\nprint(1)\n```\n<script>document.title = 'broken'</script>",
        "<img src=x onerror=\"document.title = 'broken'\"> plain",
    ]
    services.add_items(
        project=project,
        items=[
            services.NewItem(
                external_id=f"item-{number}",
                prompt=[{"role": "user", "content": f"Question {number}"}],
                responses=tuple(services.NewResponse(text=f"{text} {number}") for text in texts),
            )
            for number in range(4)
        ],
    )
    return project


@pytest.fixture
def annotator(project: Any) -> Any:
    from annotate.access.models import Membership, Role, User

    user = User.objects.create_user("ann@example.org", "a long password", name="Ann")
    Membership.objects.create(organisation=project.organisation, user=user, role=Role.ANNOTATOR)
    return user


@pytest.fixture
def open_workbench(chromium: Any, live_server: Any, project: Any, annotator: Any, client: Any) -> Iterator[Callable]:
    """Opens the annotator's page; a second call is another window of the same person. What the page's scripts
    complain about fails the test; that a request failed does not, for tests let requests fail.
    ``before(page)``: what is to be done with a page before it opens the address."""
    client.force_login(annotator)
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    problems: list[str] = []
    under_way: set[Any] = set()
    context.on("request", lambda request: under_way.add(request))
    context.on("requestfinished", lambda request: under_way.discard(request))
    context.on("requestfailed", lambda request: under_way.discard(request))

    def open_page(before: Callable[[Any], Any] = lambda page: None) -> Any:
        page = context.new_page()
        before(page)
        page.set_default_timeout(10_000)
        page.on("close", lambda page: under_way.clear())
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: message.type == "error" and problems.append(message.text))
        page.goto(f"{live_server.url}/projects/{project.pk}/annotate/")
        page.wait_for_selector(".question[data-active], .desk-note")
        if page.locator("#guidelines").is_visible():
            page.keyboard.press("h")
        return page

    yield open_page
    # The server must be done with the database before the next test empties it.
    for page in context.pages:
        for _ in range(100):
            if not under_way:
                break
            page.wait_for_timeout(50)
    context.close()
    assert [text for text in problems if "Failed to load resource" not in text] == []
