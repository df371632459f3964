"""Files are taken in by what they are, within limits and quota, once a content; their previews are made once."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from PIL import Image

from annotate.media import apart, services, tasks
from annotate.media.models import MediaFile
from annotate.media.selectors import shown, usage
from annotate.media.services import store
from annotate.media.types import Refused
from tests.annotate.media.making import clip, glb
from tests.world import pdf, png, tone

MAKERS = {
    "image": (lambda: png("blue"), "image/png"),
    "video": (lambda: clip(".webm"), "video/webm"),
    "audio": (lambda: tone(), "audio/wav"),
    "model": (lambda: glb(), "model/gltf-binary"),
    "document": (lambda: pdf(), "application/pdf"),
}


@pytest.fixture(params=MAKERS)
def stored(request, world):
    make, content_type = MAKERS[request.param]
    file = store(organisation=world.organisation, content=make(), name="misleading.png")
    assert (file.type, file.content_type) == (request.param, content_type)
    return file


def test_every_type_is_kept_and_shown(world, stored):
    assert default_storage.open(stored.path).read() == MAKERS[stored.type][0]()
    found = shown(world.organisation.pk, [stored.ref])[stored.ref]
    assert found.keys() >= {
        "ref", "url", "thumbnail", "type", "content_type", "size", "width", "height", "duration", "pages",
    }  # fmt: skip
    assert (found["type"], found["size"]) == (stored.type, stored.size)
    assert ("page_url" in found) == (stored.type == "document")
    assert found["thumbnail"].endswith(f"media/{stored.type}.svg") == (stored.type in ("audio", "model"))
    client = world.client(world.owner)
    for name in ("url", "page_url", *(() if "svg" in found["thumbnail"] else ("thumbnail",))):
        if name in found:
            assert client.get(found[name]).status_code == 200, name


def test_what_a_type_knows_of_itself(world):
    def facts(type):
        file = store(organisation=world.organisation, content=MAKERS[type][0]())
        return file.width, file.height, file.duration and round(file.duration, 1), file.pages

    assert facts("image") == (8, 6, None, None)
    assert facts("video") == (64, 48, 1.0, None)
    assert facts("audio") == (None, None, 0.2, None)
    assert facts("model") == (None, None, None, None)
    assert facts("document") == (1200, 1600, None, 2)


def test_too_many_bytes(world, settings):
    settings.MEDIA_MAX_BYTES = 50
    with pytest.raises(ValidationError, match="limit"):
        store(organisation=world.organisation, content=png("green"))


def test_the_same_content_twice_is_one_file(world):
    again = store(organisation=world.organisation, content=png())
    assert again == world.image
    assert MediaFile.objects.count() == 1


def test_the_same_picture_with_other_metadata_is_one_file(world):
    def with_exif(words):
        exif = Image.Exif()
        exif[0x010E] = words
        buffer = io.BytesIO()
        Image.new("RGB", (9, 9), "blue").save(buffer, "JPEG", exif=exif)
        return buffer.getvalue()

    one, other = (store(organisation=world.organisation, content=with_exif(words)) for words in ("a", "b"))
    assert one == other
    assert b"Exif" not in default_storage.open(one.path).read()


def test_a_file_that_came_before_is_not_inspected_again(world, monkeypatch):
    exif = Image.Exif()
    exif[0x010E] = "words"
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9), "blue").save(buffer, "JPEG", exif=exif)
    file = store(organisation=world.organisation, content=buffer.getvalue())
    monkeypatch.setattr(services, "_inspected", None)  # would fail
    assert store(organisation=world.organisation, content=buffer.getvalue()) == file
    assert len(default_storage.open(file.path).read()) < len(buffer.getvalue())


def test_organisations_share_bytes_and_nothing_else(world):
    theirs = store(organisation=world.elsewhere, content=png())
    assert theirs != world.image
    assert theirs.path == world.image.path
    assert len([name for name in default_storage.listdir(theirs.digest[:2])[1] if theirs.digest in name]) == 2
    assert (
        shown(world.elsewhere.pk, [theirs.ref])[theirs.ref]["url"] != f"/media/{world.organisation.pk}/{theirs.digest}"
    )


def test_a_row_always_has_its_file(world, monkeypatch):
    """The bytes are written first: a crash in between leaves a file without a row, which the next upload takes up."""
    save = default_storage.save

    def crash(path, content):
        save(path, content)
        raise OSError("disk full")

    monkeypatch.setattr(default_storage, "save", crash)
    with pytest.raises(OSError, match="disk full"):
        store(organisation=world.organisation, content=png("purple"))
    assert MediaFile.objects.count() == 1
    monkeypatch.undo()
    file = store(organisation=world.organisation, content=png("purple"))
    assert default_storage.exists(file.preview_path("thumbnail"))


def test_unknown_references_are_left_out(world):
    assert list(shown(world.organisation.pk, [world.image.ref, "sha256:" + "0" * 64])) == [world.image.ref]
    assert shown(world.elsewhere.pk, [world.image.ref]) == {}


# ---- quota ----


def test_a_quota_is_kept_and_says_so(world, settings):
    used = usage(world.organisation.pk)
    assert used == {"files": 1, "bytes": world.image.size, "quota": 0}
    content = png("green")
    settings.MEDIA_QUOTA_BYTES = used["bytes"] + len(content)
    store(organisation=world.organisation, content=content)
    with pytest.raises(ValidationError, match=r"a\.png: Quarry keeps .* MB of files and may keep"):
        store(organisation=world.organisation, content=png("purple"), name="a.png")
    assert store(organisation=world.organisation, content=content)  # what is there already costs nothing
    assert store(organisation=world.elsewhere, content=png("purple"))


def test_usage_is_shown_to_whoever_administers(world, settings):
    settings.MEDIA_QUOTA_BYTES = 5 * 1024**2
    page = world.client(world.owner).get(f"/organisations/{world.organisation.pk}/people/").content.decode()
    assert "1 file" in page
    assert "5.0\xa0MB" in page
    page = world.client(world.members["annotator"]).get(f"/organisations/{world.organisation.pk}/people/")
    assert "5.0\xa0MB" not in page.content.decode()


# ---- previews ----


@pytest.mark.parametrize(("make", "name"), [(lambda: clip(".webm"), "thumbnail"), (tone, "peaks"), (pdf, "thumbnail")])
def test_a_worker_makes_previews_once(world, monkeypatch, make, name):
    file = store(organisation=world.organisation, content=make())
    assert not default_storage.exists(file.preview_path(name))
    tasks.make_previews(file.pk)
    assert default_storage.exists(file.preview_path(name))
    monkeypatch.setattr(apart, "preview", None)  # would fail
    assert services.preview(file, name) == file.preview_path(name)


def test_a_broker_that_is_away_stores_all_the_same(world, monkeypatch, django_capture_on_commit_callbacks):
    def away(**_):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.make_previews, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        assert store(organisation=world.organisation, content=tone()).type == "audio"
    assert len(sent) == 1


def test_a_worker_passes_over_what_cannot_be_made(world, monkeypatch):
    def fail(*_):
        raise Refused("broken")

    file = store(organisation=world.organisation, content=tone())
    monkeypatch.setattr(apart, "preview", fail)
    tasks.make_previews(file.pk)
    tasks.make_previews(0)  # deleted meanwhile
    assert not default_storage.exists(file.preview_path("peaks"))


def test_workers_know_the_task():
    from config.celery import app

    app.loader.import_default_modules()
    assert app.tasks["media.previews"].name == tasks.make_previews.name
