"""A project leaves as another tool's files and comes back with the same records, but for what its export counted."""

import pytest

from annotate import feedback, services
from annotate.models import Rater
from curation import formats, project_files
from curation.importing import import_items
from tests.curation.test_project_files import answered, project_of, records_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("format", ["argilla", "label_studio"])
@pytest.mark.parametrize("kind", feedback.names())
def test_what_was_not_left_out_comes_back(world, tmp_path, kind, format):
    project = project_of(world, kind)
    ann = services.raters(organisation=world.organisation, kind=Rater.Kind.IMPORT, names=["ann"])["ann"]
    answered(project, ann, feedback.get(kind).example()[1])
    told = project_files.export_project(
        project=project, out=tmp_path / "out", format=format, options={"responses": 4, "raters": "names"}
    )
    form = project.form.spec
    copy = services.create_project(organisation=world.organisation, name="Copy", questions=form, overlap=1)
    file = formats.item_exporter(format).ITEMS_FILE
    result = import_items(
        project=copy, source=tmp_path / "out" / file, format=format, rejected_path=tmp_path / "rejected.csv"
    )
    assert result.items == told["items"]
    if not told["left_out"]:
        assert result.answers_rejected == 0
        assert without_shown(records_of(copy)) == without_shown(records_of(project))


@pytest.mark.parametrize("format", sorted(formats.item_exporters()))
def test_every_project_format_writes_an_example_of_every_kind(world, tmp_path, format):
    for number, kind in enumerate(feedback.names()):
        project = project_of(world, kind, f"P{number}")
        ann = services.raters(organisation=world.organisation, kind=Rater.Kind.IMPORT, names=["ann"])["ann"]
        answered(project, ann, feedback.get(kind).example()[1])
        told = project_files.export_project(project=project, out=tmp_path / kind, format=format, options={})
        assert told["items"] or told["left_out"]


def without_shown(records):
    """Which response stood first is nothing that these tools know."""
    return [record.split("shown_first=")[0] + record.split("shown_first=")[1].split(",", 1)[1] for record in records]
