"""The demo: an organisation with made-up content, its people with generated passwords, and work for the workers.

Seeding twice changes nothing; what was labelled meanwhile stays. The sign-ins are kept beside the database,
readable by their owner only, so that every start can print them.
"""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotate.access.models import Organisation, Role, User
from annotate.access.services import add_member, create_organisation, one_time_password
from annotate.demo import edits, gallery, generated, items, projects, prompts
from annotate.jobs.services import enqueue
from annotate.models import Project, Response, Task
from annotate.services import create_project
from curation import tasks as curation_tasks
from curation.importing import import_items
from curation.judging.services import create_judge, start_run
from curation.models import Dataset
from curation.services import curate
from rewardtrain.services import create_run, start

ORGANISATION = "Demo"
GALLERY = "Gallery"
PEOPLE = (
    ("admin@demo.example", "Ada (admin)", Role.OWNER),
    ("ann@demo.example", "Ann", Role.ANNOTATOR),
    ("ben@demo.example", "Ben", Role.ANNOTATOR),
    ("cleo@demo.example", "Cleo", Role.ANNOTATOR),
)
PIPELINE = """\
name: first version
consensus: {method: pooled, question: preference}
stages:
  - filter: exact_duplicates
  - filter: minimum_votes
    least: 2
  - filter: consensus_threshold
    min_probability: 0.5
split: {by: group, fractions: {train: 0.7, validation: 0.1, test: 0.2}, seed: 0}
"""


def sign_ins_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-sign-ins.json"


def seed() -> list[dict[str, str]]:
    """Make the demo where it is missing; returns the sign-ins: {"email", "name", "role", "password"}."""
    organisation = Organisation.objects.filter(slug="demo").first()
    if organisation is None or not sign_ins_file().exists():
        organisation = organisation or create_organisation(name=ORGANISATION)
        _write_sign_ins([_person(organisation, *person) for person in PEOPLE])
    sign_ins: list[dict[str, str]] = json.loads(sign_ins_file().read_text())
    admin = User.objects.get(email=sign_ins[0]["email"])
    text = _project(organisation, projects.TEXT)
    if text is not None:
        _fill(
            text,
            "text",
            items.rows([*prompts.samples(), *generated.samples()], until=timezone.now(), **projects.TEXT_ROWS),
        )
        _checks(text, prompts.checks(), projects.TEXT_ROWS["dimensions"])
        _first_figures(text, admin)
    pictures = _project(organisation, projects.EDITS)
    if pictures is not None:
        folder = _folder("edits")
        _fill(pictures, "edits", items.rows(edits.samples(folder), until=timezone.now(), **projects.EDIT_ROWS))
        _checks(pictures, edits.samples(folder, checks=True), projects.EDIT_ROWS["dimensions"])
        _figures(pictures, admin)
    rubric = _project(organisation, projects.RUBRIC)
    if rubric is not None:
        _fill(rubric, "rubric", items.rows(prompts.samples()[::5], dimensions=(), left_open=1))
    _gallery()
    return sign_ins


def _gallery() -> None:
    """A small project for every feedback kind and medium, in an organisation of their own."""
    organisation = Organisation.objects.filter(slug="gallery").first()
    if organisation is None:
        organisation = create_organisation(name=GALLERY)
        for email, _, role in PEOPLE:
            add_member(organisation=organisation, user=User.objects.get(email=email), role=role)
    for name, exhibit in gallery.exhibits().items():
        project = _project(
            organisation,
            {
                "name": exhibit.TITLE,
                "description": exhibit.SUMMARY,
                "notice": projects.NOTICE,
                "guidelines": exhibit.GUIDELINES,
                "questions": exhibit.QUESTIONS,
            },
        )
        if project is not None:
            folder = _folder(f"gallery/{name}")
            _fill(project, f"gallery/{name}", exhibit.rows(folder))


def _person(organisation: Organisation, email: str, name: str, role: str) -> dict[str, str]:
    password = one_time_password()
    user = User.objects.filter(email=email).first() or User(email=email, name=name)
    user.set_password(password)
    user.save()
    add_member(organisation=organisation, user=user, role=role)
    return {"email": email, "name": name, "role": str(role), "password": password}


def _write_sign_ins(sign_ins: list[dict[str, str]]) -> None:
    path = sign_ins_file()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(sign_ins, file, indent=1)


def _project(organisation: Organisation, spec: dict[str, Any]) -> Project | None:
    """A new project, or None where it is there already."""
    if organisation.projects.filter(name=spec["name"]).exists():
        return None
    return create_project(organisation=organisation, **spec)


def _folder(name: str) -> Path:
    folder = Path(settings.UPLOADS_DIR) / "demo" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fill(project: Project, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Import rows as a user would: from a file in the ``votes`` format, media beside it."""
    path = _folder(name) / "votes.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    result = import_items(project=project, source=path, format="votes", rejected_path=path.with_name("rejected.csv"))
    if result.rejected:
        raise RuntimeError(f"{result.rejected} rows of the demo were rejected; see {result.rejected_file}.")


@transaction.atomic
def _checks(project: Project, samples: Sequence[Any], dimensions: tuple[str, ...]) -> None:
    """Hidden check tasks: items whose better response nobody can miss, with the answer that is expected."""
    rows = list(items.rows(samples, dimensions=dimensions, left_open=1))
    _fill(project, f"checks-{project.pk}" if not rows[0]["media"] else "edits", ({**row, "votes": []} for row in rows))
    question = project.form.questions.get(name="preference")
    strength = len(question.settings["labels"])
    for row in rows:
        key = Response.objects.get(item__project=project, item__external_id=row["id"], index=items.best(row)).key
        verdict = {"chosen": key, "strength": strength}
        for task in Task.objects.filter(item__project=project, item__external_id=row["id"]):
            if key in task.responses:
                task.expected = {"preference": dict.fromkeys(dimensions, verdict)}
                task.save(update_fields=["expected"])


def _first_figures(project: Project, admin: User) -> None:
    """A first version, and the jobs that fill the pages: agreement, consensus, a judge, and a model in training."""
    _figures(project, admin)
    dataset = Dataset.objects.create(project=project, name="main")
    version = curate(dataset=dataset, pipeline_yaml=PIPELINE, user=admin)
    brief = create_judge(
        organisation=project.organisation, name="At most 60 words", method="length", settings={"most": 60}, user=admin
    )
    start_run(judge=brief, project=project, user=admin)
    run = create_run(version=version, name="first model", recipe={"epochs": 3}, user=admin)
    start(run=run)


def _figures(project: Project, admin: User) -> None:
    """The jobs of the pages of agreement and data quality."""
    common = {"organisation": project.organisation, "project": project, "user": admin, "question": "preference"}
    enqueue(curation_tasks.agreement, title="Agreement on preference", **common)
    enqueue(curation_tasks.consensus, title="Pooled consensus on preference", method="pooled", **common)
    enqueue(curation_tasks.quality, title="Data quality of preference", **common)
