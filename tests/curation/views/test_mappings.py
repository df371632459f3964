"""The pages of mappings and of project exports, from the upload to the job that is done."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.services import create_form
from curation import formats, kept_mappings
from curation.downloads import found_upload
from curation.models import ImportMapping
from tests.curated import MAPPING, exported_project, kept_mapping, waiting_upload
from tests.world import QUESTIONS, png

pytestmark = pytest.mark.django_db
PAIRS = """prompt: question
responses: [{text: good}, {text: bad}]
answers: [{record: preference, rater: worker, fields: {a: 0, b: 1, outcome: {constant: a}}}]
"""


@pytest.fixture
def client(world):
    return world.client(world.owner)


def page(world, name, *args):
    return reverse(name, args=[world.project.pk, *args])


def done(answer):
    """The job that a page has led to, done."""
    job = Job.objects.get(pk=answer.headers["Location"].strip("/").rpartition("/")[2])
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def test_from_the_file_to_the_import(world, client):
    rows = "question,good,bad,worker\nWhy?,Because,No,w1\nHow?,So,Never,w2\n,x,y,w3\n"
    answer = client.post(page(world, "map_file"), {"file": SimpleUploadedFile("pairs.csv", rows.encode())})
    editor = answer.headers["Location"]
    shown = client.get(editor).content.decode()
    assert 'data-path="question"' in shown
    assert "prompt: question" in shown  # guessed
    token = editor.strip("/").rpartition("/")[2]
    tried = client.post(page(world, "try_mapping", token), {"text": PAIRS}).content.decode()
    assert "2 of 3 rows can be taken, with 2 answers" in tried
    assert "Row 3: There is nothing for the prompt" in tried
    job = done(client.post(editor, {"text": PAIRS.replace("\n", "\r\n"), "name": "pairs"}))
    assert (job.state, job.result["items"], job.result["answers"], job.result["rejected"]) == ("done", 2, 2, 1)
    assert ImportMapping.objects.get().text == PAIRS
    assert found_upload(token, project=world.project) is None
    assert client.get(editor).status_code == 404


def test_a_kept_mapping_is_used_again_by_its_name(world, client):
    kept_mappings.keep(organisation=world.organisation, name="pairs", text=PAIRS)
    rows = b'{"question": "Why?", "good": "Because", "bad": "No", "worker": "w1"}\n'
    given = {"file": SimpleUploadedFile("a.jsonl", rows), "format": "mapping:pairs"}
    job = done(client.post(page(world, "import"), given))
    assert (job.result["items"], job.result["answers"]) == (1, 1)
    assert "pairs" in client.get(page(world, "map_file")).content.decode()


def test_keeping_needs_a_name_and_a_right_mapping(world, client):
    token = waiting_upload(world).token
    editor = page(world, "mapping", token)
    nameless = client.post(editor, {"text": MAPPING, "keep": "1"})
    assert (nameless.status_code, ImportMapping.objects.count()) == (422, 0)
    wrong = client.post(editor, {"text": "prompt: [", "name": "x", "keep": "1"})
    assert wrong.status_code == 422
    assert b"not YAML" in wrong.content
    assert client.post(editor, {"text": MAPPING, "name": "x", "keep": "1"}).status_code == 200
    assert ImportMapping.objects.get().name == "x"


def test_the_preview_says_what_the_form_does_not_ask_for(world, client):
    create_form(project=world.project, questions=QUESTIONS[:1])
    tried = client.post(page(world, "try_mapping", waiting_upload(world).token), {"text": MAPPING}).content.decode()
    assert "no question for: rating" in tried
    assert "1 of 2 rows can be taken" in tried
    assert "a number is expected" in tried


def test_a_wrong_mapping_is_explained_beside_it(world, client):
    tried = client.post(page(world, "try_mapping", waiting_upload(world).token), {"text": "prompt: q"}).content.decode()
    assert "responses" in tried
    assert 'role="alert"' in tried


def test_what_a_file_holds_is_escaped(world, client):
    nasty = "<script>alert(1)</script>"
    rows = json.dumps({nasty: nasty, "question": nasty, "answer": nasty, "stars": 3, "worker": nasty}).encode()
    answer = client.post(page(world, "map_file"), {"file": SimpleUploadedFile("a.jsonl", rows)})
    shown = client.get(answer.headers["Location"]).content.decode()
    assert nasty not in shown
    assert "&lt;script&gt;" in shown


def test_a_file_of_another_project_is_not_found(world, client):
    upload = waiting_upload(world)
    other = world.make_project("Other")
    assert client.get(reverse("mapping", args=[other.pk, upload.token])).status_code == 404


@pytest.mark.parametrize("content", [b"%PDF-1.7\0", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_read_is_refused_at_once(world, client, content):
    name = "a.zip" if content.startswith(b"PK") else "a.pdf"
    answer = client.post(page(world, "map_file"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def test_a_zip_brings_its_pictures(world, client):
    row = {"id": "z", "prompt": "P", "response_a": {"text": "A", "media": ["media/a.png"]}, "response_b": "B"}
    content = zipped(**{"items.jsonl": json.dumps(row), "media/a.png": png("green"), "form.json": "{}"})
    given = {"file": SimpleUploadedFile("project.zip", content), "format": "touchstone"}
    job = done(client.post(page(world, "import"), given))
    assert (job.state, job.result["items"], job.result["rejected"]) == ("done", 1, 0)
    assert world.project.items.get(external_id="z").responses.first().media


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"../outside.jsonl": "{}"}, "lie elsewhere"),
        ({"a.jsonl": "{}", "b.csv": "x"}, "one file of rows"),
        ({"readme.md": "x"}, "one file of rows"),
    ],
)
def test_a_zip_that_cannot_be_taken(world, client, files, reason):
    given = {"file": SimpleUploadedFile("a.zip", zipped(**files)), "format": "votes"}
    job = done(client.post(page(world, "import"), given))
    assert job.state == "failed"
    assert reason in job.error


def test_a_zip_bomb_stops_at_the_limit(world, client, monkeypatch, settings):
    monkeypatch.setattr("curation.downloads.MAX_UNPACKED", 1024**2)
    given = {"file": SimpleUploadedFile("a.zip", zipped(**{"a.jsonl": b"0" * 5 * 1024**2})), "format": "votes"}
    job = done(client.post(page(world, "import"), given))
    assert "holds over" in job.error
    assert not list(settings.UPLOADS_DIR.glob("*/*/*.jsonl"))


def test_a_project_is_exported_and_comes_back(world, client):
    annotation = world.annotation
    job = done(client.post(page(world, "export_project"), {"export-format": "touchstone", "export-media": "on"}))
    assert (job.state, job.result["items"], job.result["answers"], job.result["media"]) == ("done", 6, 1, 1)
    content = b"".join(client.get(page(world, "download_project", job.pk)).streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"form.json", "items.jsonl", f"media/{world.image.digest}.png"} == set(archive.namelist())
        assert annotation.rater.name not in archive.read("items.jsonl").decode()
    other = world.make_project("Copy")
    given = {"file": SimpleUploadedFile("project.zip", content), "format": "touchstone"}
    back = done(client.post(reverse("import", args=[other.pk]), given))
    assert (back.result["items"], back.result["answers"], back.result["left_out"]) == (6, 1, {})


def test_an_export_says_what_it_could_not_say(world, client):
    assert world.annotation
    job = done(client.post(page(world, "export_project"), {"export-format": "argilla"}))
    assert job.result["left_out"]["media"] == 6
    shown = client.get(reverse("job", args=[job.pk])).content.decode()
    assert formats.why_left_out(formats.item_exporter("argilla"), "media") in shown
    assert formats.why_left_out(formats.item_exporter("argilla"), "not_known_here") == "Not known here."


def test_a_mapping_is_forgotten(world, client):
    client.post(page(world, "forget_mapping", kept_mapping(world).pk))
    assert not ImportMapping.objects.exists()


def test_by_the_api(world):
    header = world.token(world.owner)
    api = world.client(None)
    as_json = {"content_type": "application/json", "headers": header}
    made = api.post(page(world, "api-mapping-list"), {"name": "pairs", "text": PAIRS}, **as_json)
    assert made.status_code == 201
    wrong = api.post(page(world, "api-mapping-list"), {"name": "pairs", "text": "prompt: q"}, **as_json)
    assert wrong.status_code == 400
    rows = b'{"question": "Why?", "good": "Because", "bad": "No", "worker": "w1"}\n'
    for how in ({"mapping": "pairs"}, {"mapping": PAIRS}):
        given = {"file": SimpleUploadedFile("a.jsonl", rows), **how}
        answer = api.post(page(world, "api-import-list"), given, headers=header)
        assert answer.status_code == 202, answer.content
        jobs.run(answer.json()["id"])
        assert Job.objects.get(pk=answer.json()["id"]).state == "done"
    for how in ({}, {"mapping": "no such"}, {"mapping": "pairs", "format": "votes"}):
        given = {"file": SimpleUploadedFile("a.jsonl", rows), **how}
        assert api.post(page(world, "api-import-list"), given, headers=header).status_code == 400
    asked = {"format": "touchstone", "options": {"media": False}}
    answer = api.post(page(world, "api-project-export-list"), asked, **as_json)
    jobs.run(answer.json()["id"])
    got = api.get(page(world, "api-project-export-detail", answer.json()["id"]), headers=header)
    assert b"".join(got.streaming_content).startswith(b"PK")
    bad = {"options": {"nonsense": 1}}
    answer = api.post(page(world, "api-project-export-list"), bad, **as_json)
    assert answer.status_code == 400


def test_an_export_is_a_job_of_its_project(world, client):
    other = world.make_project("Other")
    job = exported_project(world)
    assert client.get(reverse("download_project", args=[other.pk, job.pk])).status_code == 404
