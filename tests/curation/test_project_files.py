"""A project leaves as a folder and comes back the same: for every feedback kind, with media, without names."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate import feedback, selectors, services
from annotate.media.models import MediaFile
from annotate.models import Annotation, Rater
from annotate.records import TYPES, from_plain, readdressed, to_plain
from curation import formats, project_files
from curation.importing import import_items
from tests.annotate.feedback.test_contract import answers
from tests.world import png

pytestmark = pytest.mark.django_db
KINDS = feedback.names()


def project_of(world, kind, name="Original"):
    """A project that asks one question of a kind, with the item that the kind's example is about."""
    asked, _ = feedback.get(kind).example()
    question = {"name": asked.question, "kind": kind, "title": "Title", "settings": asked.settings}
    project = services.create_project(organisation=world.organisation, name=name, questions=[question], overlap=1)
    media = {key: (world.image.ref,) * len(own) for key, own in asked.media.items()}
    responses = tuple(
        services.NewResponse(text=asked.texts.get(key) or key, model="m", media=media.get(key, ()))
        for key in asked.responses
    )
    prompt = [{"role": "user", "content": "Why?"}]
    item = services.NewItem(
        external_id="i1", prompt=prompt, responses=responses, criteria=asked.criteria, media=media.get("", ())
    )
    services.add_items(project=project, items=[item])
    return project


def task_of(project):
    asked, _ = feedback.get(project.form.questions.get().kind).example()
    return next(task for task in project.tasks.order_by("pk") if len(task.responses) == len(asked.responses))


def answered(project, rater, answer):
    """The example's answer, or one like it, given to the project's task under the keys of its responses."""
    asked, _ = feedback.get(project.form.questions.get().kind).example()
    task = task_of(project)
    keys = dict(zip(asked.responses, task.responses, strict=True))
    translated = renamed(answer, keys)
    given = services.NewAnnotation(
        task=task, rater=rater, answers={asked.question: translated}, seconds=2.5, shown=tuple(task.responses[::-1])
    )
    services.add_annotations(form=project.form, annotations=[given], status=Annotation.Status.COUNTED)


def renamed(value, keys):
    if isinstance(value, dict):
        return {keys.get(name, name): renamed(part, keys) for name, part in value.items()}
    if isinstance(value, list):
        return [renamed(part, keys) for part in value]
    return keys.get(value, value) if isinstance(value, str) else value


def records_of(project):
    """Every record of the project, in an order of its own, without the number of its annotation."""
    made = []
    for annotation in selectors.current_annotations(project).select_related("task__item", "rater"):
        for question in annotation.form.questions.all():
            asked = question.asked(annotation.task).stamped(
                rater=annotation.rater.name, seconds=annotation.seconds, shown_first=(annotation.shown or [""])[0]
            )
            made += feedback.get(question.kind).to_records(annotation.answers[question.name], asked)
    return sorted(map(repr, made))


def carried(project, organisation, folder, name, **options):
    """The project, exported and made anew."""
    project_files.export_project(project=project, out=folder, options=options)
    copy, items = project_files.create_from(organisation=organisation, folder=folder, name=name)
    result = import_items(
        project=copy, source=items, format="touchstone", rejected_path=folder.with_name("rejected.csv")
    )
    assert (result.rejected, result.answers_rejected, result.left_out) == (0, 0, {})
    return copy


@pytest.fixture
def ann(world):
    return services.raters(organisation=world.organisation, kind=Rater.Kind.IMPORT, names=["ann"])["ann"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_of_every_kind_survives_two_exports(kind, world, ann, tmp_path):
    project = project_of(world, kind)
    answered(project, ann, feedback.get(kind).example()[1])
    before = records_of(project)
    assert before
    copy = carried(project, world.organisation, tmp_path / "one", "Copy", raters="names")
    assert records_of(copy) == before
    again = carried(copy, world.organisation, tmp_path / "two", "Again", raters="names")
    assert records_of(again) == before
    one, two = (json.loads((tmp_path / folder / "items.jsonl").read_text()) for folder in ("one", "two"))
    assert one == two


def test_a_tournament_survives(world, ann, tmp_path):
    question = {"name": "ranking", "kind": "ranking", "title": "Best?", "settings": {"schedule": "tournament"}}
    project = services.create_project(organisation=world.organisation, name="T", questions=[question], overlap=1)
    responses = tuple(services.NewResponse(text=text) for text in "abc")
    item = services.NewItem(external_id="i1", prompt=[{"role": "user", "content": "?"}], responses=responses)
    services.add_items(project=project, items=[item])
    task = project.tasks.get()
    asked = project.form.questions.get().asked(task)
    answer = feedback.get("ranking").from_scores({key: place for place, key in enumerate(task.responses)}, asked)
    given = services.NewAnnotation(task=task, rater=ann, answers={"ranking": answer})
    services.add_annotations(form=project.form, annotations=[given], status=Annotation.Status.COUNTED)
    copy = carried(project, world.organisation, tmp_path / "out", "Copy", raters="names")
    assert len(records_of(copy)) == 2
    assert records_of(copy) == records_of(project)


@pytest.mark.parametrize("name", KINDS)
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_answer_of_every_kind_comes_back_through_the_file(name, data, world, ann, tmp_path_factory):
    """The row is all that goes from one project to the other."""
    module = feedback.get(name)
    asked, _ = module.example()
    answer = data.draw(answers(module.schema(asked)))
    try:
        feedback.validate(name, answer, asked)
    except feedback.InvalidAnswer:
        return
    said = tuple(module.to_records(answer, asked))
    if not said:
        return
    index = {key: str(place) for place, key in enumerate(asked.responses)}
    responses = tuple(formats.ParsedResponse(asked.texts.get(key) or key) for key in asked.responses)
    given = formats.ParsedAnswer("ann", tuple(readdressed(record, index) for record in said), seconds=1.5)
    parsed = formats.Parsed([{"role": "user", "content": "P"}], responses, external_id="i", answers=(given,))
    row = formats.item_exporter("touchstone").export_item(parsed, [], {}, None)
    read = formats.importer("touchstone").parse(json.loads(json.dumps(row)))
    back = {place: key for key, place in index.items()}
    found = [readdressed(record, back) for record in read.answers[0].records]
    plain = [replace(record, item="", rater="", annotation="", seconds=None, shown_first="") for record in said]
    assert found == plain
    assert module.from_records(found, asked) == answer


@pytest.mark.parametrize("name", TYPES)
def test_records_are_checked_as_they_are_read(name):
    with pytest.raises(ValueError, match="needs"):
        from_plain({"record": name})
    with pytest.raises(ValueError, match="no field 'no_such'"):
        from_plain({"record": name, "no_such": 1})


def test_a_record_of_the_wrong_type_says_what_is_expected():
    good = {"record": "preference", "a": "0", "b": "1", "outcome": "a"}
    assert to_plain(from_plain(good)) == good
    for field, bad, expected in (("outcome", "c", "a or b"), ("strength", 1.5, "whole number"), ("a", 0, "text")):
        with pytest.raises(ValueError, match=expected):
            from_plain({**good, field: bad})


def test_people_leave_under_pseudonyms_unless_their_names_are_asked_for(world, tmp_path):
    annotation = world.annotation
    project_files.export_project(project=world.project, out=tmp_path / "out", options={})
    text = (tmp_path / "out" / "items.jsonl").read_text()
    assert annotation.rater.name not in text
    assert '"rater-1"' in text
    project_files.export_project(project=world.project, out=tmp_path / "out", options={"raters": "names"})
    assert annotation.rater.name in (tmp_path / "out" / "items.jsonl").read_text()


def test_media_lie_beside_the_items_and_come_back(world, tmp_path):
    told = project_files.export_project(project=world.project, out=tmp_path / "out", options={})
    name = f"media/{world.image.digest}.png"
    assert (told["items"], told["media"]) == (6, 1)
    assert (tmp_path / "out" / name).read_bytes() == png()
    copy, items = project_files.create_from(organisation=world.elsewhere, folder=tmp_path / "out")
    result = import_items(project=copy, source=items, format="touchstone", rejected_path=tmp_path / "rejected.csv")
    assert (result.items, result.rejected) == (6, 0)
    assert MediaFile.objects.filter(organisation=world.elsewhere, digest=world.image.digest).exists()
    original, brought = (project.items.order_by("external_id").first() for project in (world.project, copy))
    assert brought.media == original.media
    assert list(brought.responses.values("key", "text", "model", "media", "metadata")) == list(
        original.responses.values("key", "text", "model", "media", "metadata")
    )
    assert (brought.group, brought.gold, brought.metadata) == (original.group, original.gold, original.metadata)


def test_without_media_the_items_only_name_them(world, tmp_path):
    told = project_files.export_project(project=world.project, out=tmp_path / "out", options={"media": False})
    assert told["media"] == 0
    assert not (tmp_path / "out" / "media").exists()
    assert world.image.ref in (tmp_path / "out" / "items.jsonl").read_text()


def test_the_form_and_its_guidelines_come_back(world, tmp_path):
    project_files.export_project(project=world.project, out=tmp_path / "out", options={})
    copy, _ = project_files.create_from(organisation=world.organisation, folder=tmp_path / "out", name="Copy")
    assert copy.guidelines == world.project.guidelines
    assert copy.form.spec == world.project.form.spec


def test_only_an_earlier_export_is_replaced(world, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        project_files.export_project(project=world.project, out=tmp_path, options={})
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.parametrize("form", [None, "", "{", "[]", '{"questions": 1}', '{"questions": []}'])
def test_a_folder_that_is_no_export(world, tmp_path, form):
    if form is not None:
        (tmp_path / "form.json").write_text(form)
    with pytest.raises(project_files.NoProject):
        project_files.create_from(organisation=world.organisation, folder=tmp_path)
