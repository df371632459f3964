"""The form builder in a real browser: by keyboard, with undo, JSON both ways, and what is wrong beside its field."""

import json

import pytest
from django.urls import reverse

from annotate import presets, services
from annotate.models import Annotation, Project
from tests import axe
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return World()


@pytest.fixture
def open_page(chromium, live_server, world):
    """Opens an address as the owner; what the console says fails the test."""
    client = world.client(world.owner)
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    said = []

    def opened(url):
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.goto(live_server.url + url)
        if page.locator("[data-builder]").count():
            up_to_date(page)
        return page

    yield opened
    for page in context.pages:
        page.wait_for_load_state("networkidle")
    context.close()
    assert [text for text in said if "422" not in text] == []


@pytest.fixture
def form_page(open_page, world):
    return open_page(reverse("project_form", args=[world.project.pk]))


def up_to_date(page):
    page.locator("[data-preview-state]", has_text="Up to date.").wait_for()


def questions(page):
    return json.loads(page.locator("textarea[name=questions]").input_value())


def tab_to(page, selector, most=120):
    """Walk with Tab until the control has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {selector}")


def choose(page, selector, text):
    """Pick an option of a list by typing its beginning."""
    tab_to(page, selector)
    page.keyboard.type(text)


def test_a_form_of_three_questions_by_keyboard_alone_then_a_task(open_page, world):
    page = open_page(reverse("new_project"))
    tab_to(page, "[name=name]")
    page.keyboard.type("By keys")
    # the question of the first protocol stays, its second goes
    tab_to(page, "li:nth-child(2) [data-act=drop]")
    page.keyboard.press("Enter")
    # two more
    for kind, title in (("Crit", "Why is it better?"), ("Pairwise", "Which is shorter?")):
        choose(page, "[data-new-kind]", kind)
        tab_to(page, "[data-act=add]")
        page.keyboard.press("Enter")
        page.keyboard.type(title)
    assert [question["name"] for question in questions(page)] == ["preference", "why_is_it_better", "which_is_shorter"]
    # the last moves up; then the critique gets its condition
    page.keyboard.press("Alt+ArrowUp")
    assert [question["name"] for question in questions(page)][1:] == ["which_is_shorter", "why_is_it_better"]
    up_to_date(page)
    tab_to(page, "li:nth-child(3) .builder-toggle")
    page.keyboard.press("Enter")
    choose(page, "li:nth-child(3) [data-place='2/settings/about'] select", "over")
    choose(page, "[data-place='2/condition/asked'] select", "Only")
    page.locator("[data-place='2/condition/question'] select").wait_for()
    choose(page, "[data-place='2/condition/question'] select", "Which resp")
    choose(page, "[data-place='2/condition/operator'] select", "is none of")
    assert questions(page)[2]["condition"] == {
        "question": "preference", "path": "overall/chosen", "not_in": ["tie"],
    }  # fmt: skip
    up_to_date(page)
    # the preview is alive: the critique comes and goes with the answer
    why = page.locator("[data-desk] [data-question-name=why_is_it_better]")
    assert why.is_hidden()
    tab_to(page, "[data-desk]")
    page.keyboard.press("1")
    why.wait_for(state="visible")
    tab_to(page, ".builder-save button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/*/")

    project = Project.objects.get(name="By keys")
    assert project.form.spec[2]["condition"]["not_in"] == ["tie"]
    world.add_items(1, project, start=50)
    page = open_page(reverse("workbench", args=[project.pk]))
    page.locator(".question[data-active]").wait_for()
    page.keyboard.press("h")
    for key in ("2", "2", "Enter"):
        page.keyboard.press(key)
    page.locator(".desk-note h2").wait_for()
    page.wait_for_load_state("networkidle")
    answers = Annotation.objects.get(task__project=project).answers
    assert set(answers) == {"preference", "which_is_shorter"}, "a tie: nobody is asked why"


def test_undo_and_redo(form_page):
    page = form_page
    before = questions(page)
    page.locator("[data-act=drop]").first.click()
    assert len(questions(page)) == 1
    page.keyboard.press("Control+z")
    assert questions(page) == before
    page.locator(".builder-toggle").first.click()
    page.get_by_label("Question", exact=True).fill("Which one?")
    page.locator("[data-place='0/settings/labels'] [data-tool$='/add']").click()
    page.keyboard.type("far better")
    assert questions(page)[0]["settings"]["labels"] == ["better", "much better", "far better"]
    for _ in range(3):
        page.locator("[data-act=undo]").click()
    assert questions(page) == before
    assert page.locator("[data-act=undo]").is_disabled()
    for _ in range(3):
        page.locator("[data-act=redo]").click()
    assert questions(page)[0]["title"] == "Which one?"
    assert questions(page)[0]["settings"]["labels"][2] == "far better"


def test_cards_are_dragged_to_their_place(form_page):
    page = form_page
    page.locator(".builder-grip").nth(1).drag_to(page.locator(".builder-question").first)
    assert [question["name"] for question in questions(page)] == ["reason", "preference"]


def test_leaving_with_unsaved_changes_asks_first(form_page):
    page = form_page
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("[data-act=down]").first.click()
    page.reload()
    assert asked == ["beforeunload"]
    up_to_date(page)
    page.reload()
    assert asked == ["beforeunload"], "nothing is unsaved now"


def test_json_goes_out_and_comes_back(form_page, world, tmp_path):
    page = form_page
    page.locator(".builder-json summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as a file").click()
    path = tmp_path / "form.json"
    download.value.save_as(path)
    exported = json.loads(path.read_text())
    assert exported == world.project.form.spec
    page.locator("[data-act=drop]").first.click()
    page.locator("[data-act=drop]").first.click()
    page.locator("[data-import]").set_input_files(path)
    up_to_date(page)
    assert questions(page) == exported
    assert page.locator(".builder-question").count() == 2
    page.locator(".builder-save .primary").click()
    page.locator(".flash", has_text="Nothing differs").wait_for()
    assert world.project.forms.count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is no valid JSON"),
        ('["pairwise"]', "This has to be a list of questions"),
        ('{"questions": []}', "This has to be a list of questions"),
    ],
)
def test_a_file_that_is_no_form_changes_nothing(form_page, tmp_path, text, said):
    before = form_page.locator(".builder-question").count()
    (tmp_path / "bad.json").write_text(text)
    form_page.locator(".builder-json summary").click()
    form_page.locator("[data-import]").set_input_files(tmp_path / "bad.json")
    form_page.locator("[data-problem]", has_text=said).wait_for()
    assert form_page.locator(".builder-question").count() == before


HOSTILE = "<img src=x onerror=alert(1)>"
PAIR = {"name": "preference", "kind": "pairwise", "title": HOSTILE}


@pytest.mark.parametrize(
    ("question", "place", "said"),
    [
        ({**PAIR, "settings": {"labels": ["better", ""]}}, "0/settings/labels/1", "non-empty"),
        ({**PAIR, "settings": {"tie_margin": -1}}, "0/settings/tie_margin", "less than the minimum"),
        ({**PAIR, "settings": {"dimensions": [{"name": "a b"}]}}, "0/settings/dimensions/0/name", "does not match"),
        ({**PAIR, "settings": {"dimensions": [{"name": "a"}, {"name": "a"}]}}, "0/settings/dimensions", "there twice"),
        ({**PAIR, "settings": {HOSTILE: 1}}, "0/settings", "Additional properties"),
        ({**PAIR, "settings": "loud"}, "0/settings", "not of type 'object'"),
        ({**PAIR, "kind": HOSTILE}, "0/kind", "There is no"),
        ({**PAIR, "name": "no slug"}, "0/name", "slug"),
        ({**PAIR, "title": "x" * 201}, "0/title", "at most 200 characters"),
        ({**PAIR, "condition": {"question": "later", "path": "", "in": [1]}}, "0/condition/question", "none before it"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(form_page, world, question, place, said):
    page = form_page
    page.locator(".builder-json summary").click()
    page.locator("textarea[name=questions]").fill(json.dumps([question]))
    page.locator(".builder-json summary").focus()
    page.locator("[data-preview-state]", has_text="Mend what is marked").wait_for()
    page.locator(".builder-fault", has_text=said).wait_for()
    page.locator(".builder-toggle").click()
    error = page.locator(f"[data-place='{place}'] > [data-error]")
    assert said in error.inner_text()
    # The server says the same of what is sent all the same, and keeps it.
    page.locator(".builder-save .primary").click()
    page.wait_for_load_state("networkidle")
    assert said in page.locator(f"[data-place='{place}'] > [data-error]").inner_text()
    assert questions(page) == [question]
    assert world.project.form.version == 1


def test_a_rubric_of_ten_thousand_criteria_is_refused_in_one_sentence(form_page, world, tmp_path):
    page = form_page
    criteria = [{"name": f"c{number}", "text": f"Criterion {number}"} for number in range(10_000)]
    form = [{"name": "rubric", "kind": "rubric", "title": "Which?", "settings": {"criteria": criteria}}]
    (tmp_path / "rubric.json").write_text(json.dumps(form))
    page.locator(".builder-json summary").click()
    page.locator("[data-import]").set_input_files(tmp_path / "rubric.json")
    said = "This is too long: 10000 entries; at most 200 are allowed."
    page.locator(".builder-fault", has_text=said).wait_for()
    page.locator(".builder-toggle").click()
    assert said in page.locator("[data-place='0/settings/criteria'] > [data-error]").inner_text()
    assert "too many to show one by one" in page.locator("[data-place='0/settings/criteria']").inner_text()


def test_kind_presets_and_every_kind_draws_its_fields(form_page):
    """No kind is named in the builder: each has fields for all its settings, and previews with each preset."""
    from annotate import feedback

    page = form_page
    page.locator("[data-act=drop]").last.click()
    page.locator(".builder-toggle").first.click()
    for name in feedback.names():
        kind = feedback.get(name)
        page.get_by_label("Kind", exact=True).select_option(name)
        drawn = page.locator("[data-place='0/settings'] > [data-place]")
        places = [element.get_attribute("data-place") for element in drawn.all()]
        assert places == [f"0/settings/{setting}" for setting in kind.SETTINGS["properties"]]
        preset = next(iter(kind.PRESETS))
        page.get_by_label("Settings to start from").select_option(preset)
        assert questions(page)[0]["settings"] == kind.PRESETS[preset]


def test_protocols_are_found_and_taken(open_page):
    page = open_page(reverse("new_project"))
    page.locator("[data-find-preset]").fill("video motion")
    assert page.locator("[data-preset-row]:visible").count() == 1
    page.locator("[data-preset-row]:visible").click()
    assert questions(page) == presets.get("videoreward").QUESTIONS
    assert page.locator("[name=guidelines]").input_value() == presets.get("videoreward").GUIDELINES
    page.locator("[name=guidelines]").fill("My own")
    page.locator("[data-find-preset]").fill("no such thing")
    assert page.locator("[data-no-preset]").is_visible()
    page.locator("[data-find-preset]").fill("")
    page.get_by_label("Llama 2: forced choice").check()
    assert page.locator("[name=guidelines]").input_value() == "My own", "what somebody wrote stays"
    up_to_date(page)
    assert page.locator("[data-desk] .fb-step").count() == 8


@pytest.mark.parametrize("width", [1360, 390])
def test_axe_and_width(open_page, world, width):
    first, second = world.project.form.spec
    changed = [first, {**second, "condition": {"question": "preference", "path": "overall/chosen", "in": ["tie"]}}]
    services.create_form(project=world.project, questions=changed)
    for url in (reverse("project_form", args=[world.project.pk]), reverse("new_project")):
        page = open_page(url)
        page.set_viewport_size({"width": width, "height": 900})
        for toggle in page.locator(".builder-toggle").all():
            toggle.click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert axe.faults(page, ("serious", "critical")) == [], f"{url} {scheme}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
