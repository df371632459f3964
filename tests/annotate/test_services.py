"""Projects and their forms, items and tasks, raters, answers in bulk."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from annotate import questions, queue, selectors, services
from annotate.access.models import Role
from annotate.access.services import create_organisation
from annotate.models import Annotation, Project, Rater, Response, Task

PAIR = {"name": "preference", "kind": "pairwise", "title": "Which?"}


def item(external_id="i", texts=("one", "two"), **more):
    responses = tuple(services.NewResponse(text=text) for text in texts)
    return services.NewItem(
        external_id=external_id, prompt=[{"role": "user", "content": "?"}], responses=responses, **more
    )


# ---- projects and forms ----


def test_a_project_comes_with_its_form_with_defaults_filled_in(world):
    assert [question.name for question in world.project.form.questions.all()] == ["preference", "reason"]
    assert world.project.form.questions.first().settings["both_bad"] is False
    assert world.organisation.audit_events.filter(verb="project.created").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "at least one"),
        ([{"name": "a", "kind": "pairwise"}], "give name, kind and title"),
        (["pairwise"], "give name, kind and title"),
        ([{**PAIR, "colour": "red"}], "give name, kind and title"),
        ([{**PAIR, "kind": "telepathy"}], "pairwise"),
        ([{**PAIR, "name": "not a slug"}], "name"),
        ([{**PAIR, "title": "x" * 300}], "title"),
        ([{**PAIR, "settings": {"labels": []}}], "preference"),
        ([{**PAIR, "settings": {"colour": 1}}], "colour"),
        ([{**PAIR, "settings": "loud"}], "preference"),
        ([PAIR, PAIR], "already exists"),
        ([PAIR, {"name": "good", "kind": "binary", "title": "Good?"}], "1 and 2 responses at a time"),
        ([{**PAIR, "condition": {"question": "preference", "path": "", "in": [1]}}], "there is none before it"),
        ([{**PAIR, "name": f"q{number}"} for number in range(51)], "at most 50 questions"),
    ],
)
def test_wrong_questions_are_refused_with_a_reason_and_leave_nothing(world, asked, said):
    with pytest.raises(ValidationError) as refused:
        services.create_project(organisation=world.organisation, name="wrong", questions=asked)
    assert said in str(refused.value.message_dict["questions"])
    assert not Project.objects.filter(name="wrong").exists()


def test_every_fault_says_where_it_is(world):
    """The form builder shows each beside its field."""
    pitfalls = [{"name": f"c{number}", "text": "Right"} for number in range(10_000)]
    with pytest.raises(ValidationError) as refused:
        world.make_project(
            "wrong",
            [
                {**PAIR, "settings": {"labels": ["better", ""]}},
                {**PAIR, "name": "second", "kind": "telepathy"},
                {"name": "rubric", "kind": "rubric", "title": "?", "settings": {"criteria": pitfalls}},
                {**PAIR, "name": "third", "condition": {"question": "rubric", "path": "", "in": 1}},
                {**PAIR, "name": "fourth", "required": "maybe"},
            ],
        )
    found = {fault["place"]: fault["message"] for fault in questions.faults(refused.value)}
    assert list(found) == ["0/settings/labels/1", "1/kind", "2/settings/criteria", "3/condition/in", "4/required"]
    assert "too long: 10000 entries; at most 200 are allowed" in found["2/settings/criteria"]


def test_settings_are_checked_and_names_are_once_an_organisation(world):
    for wrong in ({"name": world.project.name}, {"name": "x", "overlap": 0}, {"name": "x", "lease_minutes": 0}):
        with pytest.raises(ValidationError):
            services.create_project(organisation=world.organisation, questions=[PAIR], **wrong)
    services.create_project(organisation=create_organisation(name="b"), name=world.project.name, questions=[PAIR])


def test_a_new_form_is_a_new_version(world):
    first = world.project.form
    second = services.create_form(project=world.project, questions=[PAIR])
    assert (first.version, second.version, world.project.form) == (1, 2, second)
    assert first.questions.count() == 2


def test_a_form_that_does_not_differ_is_no_new_version(world):
    assert services.create_form(project=world.project, questions=world.project.form.spec) == world.project.form
    assert world.project.forms.count() == 1


def test_a_form_for_another_number_of_responses_needs_another_project(world):
    binary = [{"name": "good", "kind": "binary", "title": "Good?"}]
    with pytest.raises(ValidationError, match="2 responses each"):
        services.create_form(project=world.project, questions=binary)
    assert world.project.form.version == 1
    empty = world.make_project("empty")
    assert services.create_form(project=empty, questions=binary).version == 2, "before there are tasks, it is free"


def test_settings_are_changed_with_a_trace_in_the_audit_log(world):
    services.update_project(project=world.project, by=world.owner, overlap=3, blind=True)
    event = world.organisation.audit_events.get(verb="project.changed")
    assert (event.actor, event.data) == (world.owner, {"fields": ["overlap"]})
    assert set(world.project.tasks.values_list("overlap", flat=True)) == {3}


# ---- items ----


def test_items_come_with_responses_and_one_task_for_each_pair(world):
    project = world.make_project("pairs")
    services.add_items(project=project, items=[item(texts=("one", "two", "three"))])
    keys = list(Response.objects.filter(item__project=project).values_list("key", flat=True))
    assert [task.responses for task in project.tasks.order_by("pk")] == [
        [keys[0], keys[1]],
        [keys[0], keys[2]],
        [keys[1], keys[2]],
    ]


def test_a_form_about_all_responses_makes_one_task(world):
    project = world.make_project("ranking", [{"name": "ranking", "kind": "ranking", "title": "Rank"}])
    services.add_items(project=project, items=[item(texts=[str(n) for n in range(50)])])
    assert len(project.tasks.get().responses) == 50


def test_known_items_are_left_as_they_are(world):
    again = world.add_items(8)
    assert {pk for name, pk in again.items() if name in world.items} == set(world.items.values())
    assert (world.project.items.count(), world.project.tasks.count()) == (8, 8)


def test_known_answers_make_a_check_task(world):
    assert [task.is_check for task in world.project.tasks.order_by("pk")] == [False] * 5 + [True]


def test_keys_tell_neither_place_nor_model_and_are_stable():
    """Whoever knows an item's id and a response's text learns nothing of its place from the key."""
    one, two = Response.make_key("i", 0, "one", []), Response.make_key("i", 0, "two", [])
    assert one != two
    assert Response.make_key("i", 0, "one", ()) == one
    assert Response.make_key("j", 0, "one", []) != one


def test_equal_responses_of_an_item_keep_keys_of_their_own(world):
    project = world.make_project("equal")
    services.add_items(project=project, items=[item(texts=("same", "other", "same"))])
    swapped = world.make_project("swapped")
    services.add_items(project=swapped, items=[item(texts=("other", "same", "same"))])
    rows = Response.objects.values_list("item__project", "key")
    keys = {p.pk: {key for project_, key in rows if project_ == p.pk} for p in (project, swapped)}
    assert len(keys[project.pk]) == 3
    assert keys[project.pk] == keys[swapped.pk], "the order of the responses is not in the keys"


# ---- raters ----


def test_nobody_answers_in_somebody_elses_name(world):
    """An import that uses a person's address as a rater's name makes a rater of its own, both ways round."""
    person = world.rater(world.members[Role.ANNOTATOR])
    (imported,) = services.raters(organisation=world.organisation, kind="import", names=[person.name]).values()
    assert imported != person
    assert imported.name == f"{person.name} (import)"
    again = services.raters(organisation=world.organisation, kind="import", names=[person.name, "new"])
    assert again[person.name] == imported

    services.raters(organisation=world.organisation, kind="import", names=[world.members[Role.ADMIN].email])
    late = world.rater(world.members[Role.ADMIN])
    assert late.kind == "person"
    assert late.name != world.members[Role.ADMIN].email
    assert world.rater(world.members[Role.ADMIN]) == late


def test_a_rater_has_a_title_for_pages(world):
    assert world.rater(world.owner).title == "Owner"
    assert Rater(name="judge-1", kind="language_model", metadata={"title": "Judge"}).title == "Judge"
    assert Rater(name="judge-1", kind="language_model").title == "judge-1"


# ---- answers in bulk ----


def bulk(world, names, status, **more):
    raters = services.raters(organisation=world.organisation, kind="import", names=names)
    task = world.project.tasks.order_by("pk").first()
    new = [
        services.NewAnnotation(task=task, rater=rater, answers=world.answers(task), **more) for rater in raters.values()
    ]
    return task, services.add_annotations(form=world.project.form, annotations=new, status=status)


def test_imported_answers_count_and_grow_the_overlap(world):
    task, added = bulk(world, ["a", "b", "c"], "counted")
    task.refresh_from_db()
    assert (added, task.answered, task.taken, task.overlap) == (3, 3, 3, 3)
    assert bulk(world, ["a", "b", "c"], "counted")[1] == 0, "twice changes nothing"


def test_models_answers_take_no_place(world):
    task, added = bulk(world, ["judge"], "unasked")
    task.refresh_from_db()
    assert (added, task.answered, task.taken) == (1, 0, 0)


# ---- reads ----


def test_records_leave_out_what_does_not_count(world):
    counted = world.answer(world.owner)
    world.answer(world.members[Role.ADMIN], late=True)
    revised = world.answers(counted.task, place=1, strength=2)
    queue.submit(task=counted.task, rater=counted.rater, answers=revised, submission=uuid.uuid4())
    found = list(selectors.records(world.project))
    assert [(record.name, record.rater) for record in found] == [
        ("preference", world.owner.email),
        ("critique", world.owner.email),
    ]
    assert (found[0].outcome, found[0].strength, found[0].shown_first) == ("b", 2, counted.shown[0])
    assert [record.name for record in selectors.records(world.project, question="reason")] == ["critique"]


def test_progress_adds_up(world):
    world.answer(world.owner)
    late = world.answer(world.members[Role.ADMIN], late=True)
    world.lease(world.members[Role.REVIEWER])
    world.flag  # noqa: B018
    assert selectors.progress(world.project) == {
        "tasks": 6, "finished": 0, "started": 2, "wanted": 12, "given": 2, "taken": 3, "leased": 1, "late": 1,
        "flags": 1,
    }  # fmt: skip
    assert Annotation.objects.filter(status="late").get() == late


def test_a_project_can_be_deleted_with_all_that_hangs_on_it(world):
    world.annotation, world.late, world.flag, world.held, world.job  # noqa: B018
    world.project.delete()
    assert not Task.objects.exists()
    assert not Annotation.objects.exists()


def test_resolving_a_flag_says_who(world):
    services.resolve_flag(flag=world.flag, by=world.owner)
    world.flag.refresh_from_db()
    resolved_at = world.flag.resolved_at
    assert (world.flag.resolved_by, resolved_at is None) == (world.owner, False)
    services.resolve_flag(flag=world.flag, by=world.members[Role.ADMIN])
    world.flag.refresh_from_db()
    assert (world.flag.resolved_by, world.flag.resolved_at) == (world.owner, resolved_at)


# ---- what is asked first, and what people verified ----


def test_prioritised_tasks_come_first_and_are_open(world):
    first, second, third = world.project.tasks.order_by("pk")[:3]
    Task.objects.filter(pk=second.pk).update(taken=2, answered=2)
    wanted = {third.pk: 5, second.pk: 9, 10**6: 1}
    assert services.set_priorities(project=world.project, priorities=wanted, more=1) == 2
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.priority, second.overlap, third.priority, third.overlap) == (9, 3, 5, 2)
    rater = world.rater(world.owner)
    order = [queue.lease_next(project=world.project, rater=rater, beside=[second.pk]).task_id for _ in range(2)]
    assert order == [second.pk, third.pk]
    elsewhere = world.make_project("Other")
    assert services.set_priorities(project=elsewhere, priorities={first.pk: 7}) == 0, "another project's tasks stay"


def test_verified_gold_never_overwrites_what_is_known(world):
    known, new = world.project.items.order_by("pk")[:2]
    world.project.items.filter(pk=new.pk).update(gold="")
    outcomes = {known.pk: "a", new.pk: "tie"}
    assert services.set_gold(project=world.project, outcomes=outcomes, by=world.owner) == 1
    assert [world.project.items.get(pk=item.pk).gold for item in (known, new)] == ["b", "tie"]
    assert world.organisation.audit_events.filter(verb="gold.set", actor=world.owner).exists()
