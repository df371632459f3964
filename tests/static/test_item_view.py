"""What is judged, in a real browser: conversation and sources, differences, languages, large zoom and small screens."""

import pytest

from annotate import services
from annotate.access.models import Organisation
from tests import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAIRWISE = [{"name": "preference", "kind": "pairwise", "title": "Which is better?"}]
BINARY = [{"name": "verdict", "kind": "binary", "title": "Is it good?"}]
ARABIC = "المسافة من الأرض إلى القمر نحو 384400 كم."
TASKS = {
    "conversation": {
        "questions": PAIRWISE,
        "prompt": [
            {"role": "system", "content": "You are careful. " * 150},
            {"role": "user", "content": "How far is the moon?"},
            {"role": "assistant", "content": "I look it up."},
            {"role": "tool", "content": "distance: 384400 km"},
            {"role": "user", "content": "And in miles?"},
        ],
        "texts": ["It is 238,855 miles away, `on average`.", "It is about 239,000 miles away, **on average**."],
        "metadata": {
            "documents": [{"title": "Almanac", "text": "The *moon*, page 3"}, {"title": "x", "text": 5}, "odd"],
            "language": "en",
            "secret": "model-one",
        },
    },
    "arabic": {
        "questions": PAIRWISE,
        "prompt": [{"role": "user", "content": "كم تبعد الأرض عن القمر؟"}],
        "texts": [f"{ARABIC}\n\n- أولا\n- ثانيا\n\nIn English: the distance in `km`.", ARABIC],
        "metadata": {"language": "ar"},
    },
    "verdict": {
        "questions": BINARY,
        "prompt": [{"role": "user", "content": "Name a prime."}],
        "texts": ["Seven is a prime. " + "Averyverylongwordwithoutanyblank" * 6, "```\n" + "x = 1; " * 40 + "\n```"],
        "metadata": {},
    },
}


@pytest.fixture
def project(transactional_db, request):
    task = TASKS[request.param]
    organisation = Organisation.objects.create(name="Lab", slug="lab")
    project = services.create_project(organisation=organisation, name="View", questions=task["questions"], overlap=1)
    responses = tuple(services.NewResponse(text=text) for text in task["texts"])
    item = services.NewItem(external_id="item", prompt=task["prompt"], responses=responses, metadata=task["metadata"])
    services.add_items(project=project, items=[item])
    return project


def shown(*names):
    return pytest.mark.parametrize("project", names, indirect=True)


MARKED = """() => {
  const painted = CSS.highlights.get("difference");
  return painted ? [...painted].map(String).sort() : [];
}"""


@shown("conversation")
def test_a_conversation_shows_its_roles_and_folds_what_is_long(open_workbench):
    page = open_workbench()
    page.wait_for_selector(".turn.system [data-folded]")
    roles = page.locator(".prompt .role").all_inner_texts()
    assert [role.lower() for role in roles] == ["system", "user", "assistant", "tool", "user"]
    assert page.locator(".turn.system").bounding_box()["height"] < 200
    assert not page.get_by_text("distance: 384400 km").is_visible()
    page.click(".turn.tool summary")
    assert page.get_by_text("distance: 384400 km").is_visible()
    page.locator(".material").focus()
    page.keyboard.press("e")
    assert page.locator('[data-folded="yes"]').count() == 0
    assert page.locator(".turn.system").bounding_box()["height"] > 200


@shown("conversation")
def test_sources_and_language_are_shown_and_nothing_else_of_the_metadata(open_workbench):
    page = open_workbench()
    assert page.locator(".sources summary").all_inner_texts() == ["Source 1 Almanac"]
    page.click(".sources summary")
    assert page.locator(".sources em").inner_text() == "moon"
    assert page.locator(".item-language").inner_text().endswith("English")
    assert "model-one" not in page.content()


@shown("conversation")
def test_differences_between_responses_are_marked_by_a_key_and_stay_the_raters_choice(open_workbench):
    page = open_workbench()
    assert page.evaluate(MARKED) == []
    page.keyboard.press("d")
    assert page.evaluate(MARKED) == ["238,855", "about 239,000"]
    page.reload()
    page.wait_for_selector(".question[data-active]")
    for _ in range(100):
        if page.evaluate(MARKED):
            break
        page.wait_for_timeout(50)
    assert page.evaluate(MARKED) == ["238,855", "about 239,000"]
    page.keyboard.press("d")
    assert page.evaluate(MARKED) == []


@shown("arabic")
def test_arabic_runs_from_the_right_and_mixed_paragraphs_each_their_own_way(open_workbench):
    page = open_workbench()
    body = page.locator("[data-response-body]").filter(has_text="In English")
    assert body.get_attribute("lang") == "ar"
    sides = body.evaluate(
        """body => [...body.querySelectorAll(":scope > p")].map(line => {
             const range = new Range();
             range.selectNodeContents(line);
             const [text, box] = [range.getBoundingClientRect(), line.getBoundingClientRect()];
             return box.right - text.right < text.left - box.left ? "right" : "left";
           })"""
    )
    assert sides == ["right", "left"]
    item = body.locator("li").first
    assert item.evaluate("one => getComputedStyle(one).direction") == "rtl"
    list_box = body.locator("ul").evaluate(
        "one => [getComputedStyle(one).paddingRight, getComputedStyle(one).paddingLeft]"
    )
    assert float(list_box[0][:-2]) > 0 == float(list_box[1][:-2])


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 800), (1280, 800)])
@shown("conversation", "arabic", "verdict")
def test_nothing_is_out_of_reach_on_a_small_screen_or_at_400_per_cent(open_workbench, width, height):
    page = open_workbench()
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for selector in (
        "[data-response]",
        ".question",
        '.answer-actions [type="submit"]',
        '[data-do="skip"]',
        ".view-menu > summary",
    ):
        for one in page.locator(selector).all():
            one.scroll_into_view_if_needed()
            box = one.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width or selector == ".view-menu > summary"
    # Nothing that stays in sight may take the whole screen: some of the text must be seen between.
    page.locator("[data-response]").first.scroll_into_view_if_needed()
    seen = page.evaluate(
        """() => { let rows = 0;
             for (let y = 0; y < innerHeight; y += 4) {
               const at = document.elementFromPoint(innerWidth / 3, y);
               if (at?.closest(".material") && !at.closest(".candidate-head")) rows += 4;
             }
             return rows / innerHeight; }"""
    )
    assert seen > 0.3
    assert axe.faults(page) == []


@shown("verdict")
def test_a_verdict_on_a_phone_is_one_touch_and_one_more(open_workbench):
    page = open_workbench()
    page.set_viewport_size({"width": 390, "height": 800})
    first = page.locator("[data-task]").get_attribute("data-task")
    page.locator(".question label").first.click()
    page.locator('.answer-actions [type="submit"]').click()
    page.wait_for_selector(f'[data-task]:not([data-task="{first}"])')
