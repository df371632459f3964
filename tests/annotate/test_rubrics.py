"""Rubrics: read in three ways, named, refused with a clear word; what their criteria tell; the page that edits them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotate import rubrics, services
from annotate.feedback import InvalidAnswer
from annotate.records import Check

HEALTHBENCH = {
    "prompt": "…",
    "rubrics": [
        {"criterion": "Advises to see a doctor.", "points": 5, "tags": ["level:example", "axis:accuracy"]},
        {"criterion": "Invents a dose.", "points": -8, "tags": []},
    ],
}
RAR = [
    {"title": "Names Dose", "description": "Essential: names the dose.", "weight": 5},
    {"title": "Names Dose", "description": "Pitfall: names a wrong dose.", "weight": -1},
]
OURS = [{"name": "short", "text": "Is short.", "points": 0.5, "category": "style"}]
CSV = 'text,points,category\n"Cites, with a page, a source.",3,accuracy\nIs short.,,\n'


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            json.dumps(HEALTHBENCH),
            [
                ("advises_to_see_a", "Advises to see a doctor.", 5, "accuracy"),
                ("invents_a_dose", "Invents a dose.", -8, ""),
            ],
        ),
        (json.dumps(OURS), [("short", "Is short.", 0.5, "style")]),
        (
            CSV,
            [("cites_with_a_page", "Cites, with a page, a source.", 3, "accuracy"), ("is_short", "Is short.", 1, "")],
        ),
        (
            "\ufeff" + json.dumps(RAR),
            [
                ("names_dose", "Essential: names the dose.", 5, ""),
                ("names_dose_2", "Pitfall: names a wrong dose.", -1, ""),
            ],
        ),
    ],
)
def test_a_rubric_is_read(given, found):
    read = rubrics.parse(given)
    assert [(row["name"], row["text"], row["points"], row["category"]) for row in read] == found
    assert all(row.keys() == {"name", "text", "points", "category"} for row in read)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "no criteria"),
        ("[]", "no criteria"),
        ('{"a": 1}', "no criteria"),
        ("[1]", "Criterion 1 is not an object"),
        ('[{"points": 3}]', "Criterion 1 has no text"),
        ('[{"text": "a", "points": "many"}]', "'many' is not a number"),
        ('[{"text": "a", "points": 1000}]', "1000"),
        ("[" * 100_000, "neither JSON nor CSV"),
        (json.dumps([{"text": f"c {i}"} for i in range(10_000)]), "These are 10000 criteria"),
        ("x" * 1_000_001, "longer than"),
        (json.dumps(OURS * 2), "'short' is there twice"),
        ('[{"text": "a", "points": "nan"}]', "'nan' is not a number"),
        ('[{"text": "a", "points": 1e999}]', "'inf' is not a number"),
    ],
)
def test_what_is_no_rubric_is_refused(given, said):
    with pytest.raises(InvalidAnswer, match=said):
        rubrics.parse(given)


def check(item, response, met, criterion="c", rater="ann", credit=None):
    return Check(
        item=item, rater=rater, question="q", response=response, criterion=criterion, met=met, points=1, credit=credit
    )


def test_standings_tell_what_separates():
    found = rubrics.standings(
        [
            check("i1", "r1", True), check("i1", "r2", True), check("i2", "r1", False), check("i2", "r2", False),
            check("i1", "r1", True, "d"), check("i1", "r2", False, "d", credit=0.5),
            check("i1", "r1", True, "d", "bob"), check("i1", "r2", None, "d", "bob"),
        ]
    )  # fmt: skip
    assert found["c"] == rubrics.Standing(4, 0.5, 2, 0)
    assert found["c"].never_separates
    assert found["d"] == rubrics.Standing(3, pytest.approx(2.5 / 3), 1, 1), "half differs from all; one alone is none"
    assert not found["d"].never_separates


# ---- the page ----

CRITERIA = [
    {"name": "right", "text": "Is right.", "points": 5, "category": "accuracy"},
    {"name": "long", "text": "Is padded.", "points": -2, "category": ""},
]


@pytest.fixture
def project(world):
    question = {
        "name": "rubric",
        "kind": "rubric",
        "title": "Met?",
        "settings": {"criteria": CRITERIA, "partial": [50]},
    }
    return world.make_project("Rubrics", questions=[question])


@pytest.fixture
def page(world, project):
    """``page(**columns)`` posts the editor; without columns it opens the page."""

    def send(**data):
        client, url = world.client(world.owner), reverse("rubric", args=[project.pk])
        return client.post(url, data) if data else client.get(url)

    return send


def columns(*rows):
    return {name: [row[name] for row in rows] for name in ("name", "text", "points", "category")}


def criteria_of(project):
    return project.forms.order_by("-version").first().questions.get(kind="rubric").settings["criteria"]


def test_saving_makes_a_new_version_and_keeps_the_other_settings(project, page):
    third = {"name": "", "text": "Is right, again.", "points": "0.5", "category": "x"}
    assert page(**columns(CRITERIA[1], CRITERIA[0], third, {**third, "text": " "})).status_code == 302
    assert [row["name"] for row in criteria_of(project)] == ["long", "right", "is_right_again"]
    form = project.forms.order_by("-version").first()
    assert form.version == 2
    assert form.questions.get().settings["partial"] == [50]
    page(**columns(*criteria_of(project)))
    assert project.forms.count() == 2, "nothing changed, so no new version"


def test_what_is_wrong_is_said_and_nothing_lost(project, page):
    answer = page(**columns({**CRITERIA[0], "points": "many"}, {**CRITERIA[1], "text": "Kept <b>words</b>."}))
    assert answer.status_code == 422
    assert "Criterion 1, points" in answer.content.decode()
    assert "Kept &lt;b&gt;words&lt;/b&gt;." in answer.content.decode()
    assert project.forms.count() == 1


def test_a_form_without_a_rubric_gets_one(world):
    client, url = world.client(world.owner), reverse("rubric", args=[world.project.pk])
    client.post(url, columns({"name": "", "text": "Is right.", "points": "1", "category": ""}))
    assert [row["name"] for row in criteria_of(world.project)] == ["is_right"]
    assert "preference" in {row.name for row in world.project.forms.order_by("-version").first().questions.all()}


def test_a_rubric_is_read_in_but_not_saved(project, page):
    file = SimpleUploadedFile("rubric.json", json.dumps(HEALTHBENCH).encode())
    answer = page(**columns(*CRITERIA), **{"import": "1", "keep": "1", "file": file})
    shown = answer.content.decode()
    assert shown.count("data-row>") == 2 + 2 + 1, "those that were there, those that were read, and the empty one"
    assert "Invents a dose." in shown
    answer = page(**columns(*CRITERIA), **{"import": "1", "pasted": CSV})
    assert "Is padded." not in answer.content.decode(), "only the new ones, if the old are not to be kept"
    answer = page(**columns(*CRITERIA), **{"import": "1", "keep": "1", "pasted": "[1]"})
    assert answer.status_code == 422
    assert "Criterion 1 is not an object" in answer.content.decode()
    assert project.forms.count() == 1


def test_the_page_says_which_criteria_never_separate(world, project, page):
    world.add_items(3, project)
    form = project.form
    rater = services.person_rater(organisation=world.organisation, user=world.members["annotator"])
    answers = [
        {"right": "met", "long": "unmet"},
        {"right": "met", "long": "50%"},
    ]
    services.add_annotations(
        form=form,
        annotations=[
            services.NewAnnotation(
                task=task,
                rater=rater,
                answers={"rubric": dict(zip(task.responses, answers, strict=True))},
                seconds=5,
                submitted_at=None,
                shown=task.responses,
            )
            for task in project.tasks.all()
        ],
        status="counted",
    )
    shown = " ".join(page().content.decode().split())
    assert "<span>met 100 % of 6</span> <span>told responses apart in 0 of 3</span>" in shown
    assert "<span>met 25 % of 6</span> <span>told responses apart in 3 of 3</span>" in shown
    assert shown.count("never separates") == 1


def test_an_item_gets_criteria_of_its_own_until_somebody_is_asked(world, project):
    ids = list(world.add_items(2, project).values())
    client = world.client(world.owner)
    row = {"name": "", "text": "Names the dose.", "points": "3", "category": ""}
    url = reverse("item_rubric", args=[project.pk, ids[0]])
    assert client.post(url, columns(row)).status_code == 302
    assert project.items.get(pk=ids[0]).criteria == [
        {"name": "names_the_dose", "text": "Names the dose.", "points": 3, "category": ""}
    ]
    assert "Names the dose." in client.get(url).content.decode()
    assert client.get(reverse("item_rubric", args=[world.project.pk, ids[0]])).status_code == 404, "of another project"
    from annotate import queue

    rater = services.person_rater(organisation=world.organisation, user=world.members["annotator"])
    lease = queue.lease_next(project=project, rater=rater)
    answer = client.post(reverse("item_rubric", args=[project.pk, lease.task.item_id]), columns(row, row))
    assert answer.status_code == 422
    assert "Somebody was asked about this item" in answer.content.decode()
