"""The rubric editor in a real browser: rows moved by keys and by drag, split, added, removed, saved; axe is quiet."""

import pytest

from tests.static.exhibited import faults, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CRITERIA = [
    {"name": "right", "text": "Is right and names its source.", "points": 4, "category": "accuracy"},
    {"name": "short", "text": "Is short.", "points": 1, "category": ""},
    {"name": "padded", "text": "Is padded.", "points": -2, "category": ""},
]


@pytest.fixture
def project(transactional_db):
    from annotate import services
    from annotate.access.models import Organisation

    question = {"name": "rubric", "kind": "rubric", "title": "Met?", "settings": {"criteria": CRITERIA}}
    organisation = Organisation.objects.create(name="Lab", slug="lab")
    return services.create_project(organisation=organisation, name="Answers", questions=[question], overlap=1)


@pytest.fixture
def editor(chromium, live_server, project, client):
    """The page of an admin; what its scripts complain about fails the test."""
    from annotate.access.models import Membership, Role, User

    user = User.objects.create_user("ada@example.org", "a long password", name="Ada")
    Membership.objects.create(organisation=project.organisation, user=user, role=Role.ADMIN)
    client.force_login(user)
    context = chromium.new_context(viewport={"width": 1360, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    problems = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and problems.append(said.text))
    page.goto(f"{live_server.url}/projects/{project.pk}/settings/rubric/")
    page.wait_for_load_state("networkidle")
    yield page
    page.wait_for_load_state("networkidle")
    context.close()
    assert problems == []


def texts(page):
    return page.locator("[data-rows] textarea").evaluate_all("boxes => boxes.map(box => box.value)")


def saved(page, project):
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=Saved: version 2")
    return project.forms.order_by("-version").first().questions.get().settings["criteria"]


def test_by_keys(editor, project):
    editor.locator("[data-rows] textarea").nth(2).focus()
    editor.keyboard.press("Alt+ArrowUp")
    editor.keyboard.press("Alt+ArrowUp")
    assert texts(editor)[0] == "Is padded."
    assert "now number 1 of 3" in editor.locator("[data-status]").inner_text()
    editor.get_by_role("button", name="Add a criterion").press("Enter")
    editor.keyboard.type("Answers all questions.")
    assert faults(editor) == []
    found = saved(editor, project)
    assert [row["name"] for row in found] == ["padded", "right", "short", "answers_all_questions"]


def test_by_mouse(editor, project):
    editor.locator("[data-do-split]").first.click()
    assert texts(editor) == ["Is right", "names its source.", "Is short.", "Is padded."]
    editor.locator("[data-remove]").nth(2).click()
    handle = editor.locator("[data-handle]").nth(2).bounding_box()
    top = editor.locator("[data-row]").first.bounding_box()
    editor.mouse.move(handle["x"] + 5, handle["y"] + 10)
    editor.mouse.down()
    for part in range(10, -1, -1):
        editor.mouse.move(handle["x"] + 5, top["y"] + 2 + (handle["y"] - top["y"]) * part / 10)
    editor.mouse.up()
    wait_until(editor, lambda: texts(editor)[0] == "Is padded.", "the row on top")
    found = saved(editor, project)
    assert [(row["name"], row["points"]) for row in found] == [("padded", -2), ("right", 2), ("names_its_source", 2)]
    assert found[2]["category"] == "accuracy"


def test_a_rubric_is_pasted(editor, project):
    editor.get_by_text("Read in a rubric").click()
    editor.locator("#rubric-pasted").fill('{"rubrics": [{"criterion": "Is kind.", "points": 2, "tags": []}]}')
    editor.get_by_role("button", name="Read it in").click()
    editor.wait_for_selector("text=Read in: 1 criterion")
    assert texts(editor)[-1] == "Is kind."
    assert project.forms.count() == 1
    assert [row["name"] for row in saved(editor, project)][-1] == "is_kind"
