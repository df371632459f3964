"""Files in object storage: kept, previewed, and served in parts without fetching the whole."""

import json

import pytest

from annotate.media.services import store
from tests.annotate.media.making import clip
from tests.world import tone


@pytest.fixture
def in_s3(world, settings, bucket):
    options = {"bucket_name": bucket, "location": ""}  # as config.settings has it
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    return world


def test_kept_and_served_in_parts(in_s3, monkeypatch):
    from storages.backends.s3 import S3File

    file = store(organisation=in_s3.organisation, content=clip(".webm"))
    monkeypatch.setattr(S3File, "_get_file", None)  # reading all of it would fail
    client, url = in_s3.client(in_s3.owner), f"/media/{in_s3.organisation.pk}/{file.digest}"
    whole = client.get(url)
    assert (whole.status_code, whole["Content-Length"]) == (200, str(file.size))
    assert b"".join(whole.streaming_content) == clip(".webm")
    part = client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, clip(".webm")[10:20])


def test_previews_lie_beside(in_s3):
    file = store(organisation=in_s3.organisation, content=tone(0.3))
    client = in_s3.client(in_s3.owner)
    answer = client.get(f"/media/{in_s3.organisation.pk}/{file.digest}/peaks")
    assert len(json.loads(b"".join(answer.streaming_content))) == 60


def test_what_is_missing_is_not_found(in_s3):
    assert in_s3.client(in_s3.owner).get(f"/media/{in_s3.organisation.pk}/{in_s3.image.digest}").status_code == 404
