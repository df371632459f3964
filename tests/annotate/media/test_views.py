"""Files are served to members and to signed addresses, whole or in parts, so that no browser runs them."""

import io
import json
import re

import pytest
from django.core.files.storage import default_storage

from annotate.media import apart, signing, views
from annotate.media.ranges import Unsatisfiable, wanted
from annotate.media.services import store
from annotate.media.types import Refused
from tests.annotate.media.making import clip
from tests.world import png


def body(answer):
    return b"".join(answer.streaming_content)


@pytest.fixture
def client(world):
    return world.client(world.members["annotator"])


@pytest.fixture
def video(world):
    return store(organisation=world.organisation, content=clip(".webm"))


def url(file, more=""):
    return f"/media/{file.organisation_id}/{file.digest}{more}"


def test_served_so_that_no_browser_runs_it(world, client):
    for size in ("", "/thumbnail"):
        answer = client.get(url(world.image, size))
        assert answer.status_code == 200
        assert answer["Content-Type"] == ("image/webp" if size else "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"].startswith("private")
        assert re.fullmatch(r'inline; filename="[0-9a-z-]+\.\w+"', answer["Content-Disposition"])


def test_a_document_is_a_download_and_its_pages_are_pictures(world, client):
    answer = client.get(url(world.document))
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(url(world.document, "/page/2"))["Content-Type"] == "image/webp"
    for page in ("0", "3", "01", "999999", "1000000", "x"):
        assert client.get(url(world.document, f"/page/{page}")).status_code == 404


def test_a_page_that_is_not_there_costs_nothing(world, client, monkeypatch):
    url_ = url(world.document, "/page/3")
    monkeypatch.setattr(apart, "preview", None)  # would fail
    assert client.get(url_).status_code == 404


def test_a_page_is_rendered_once(world, client, monkeypatch):
    first = body(client.get(url(world.document, "/page/1")))
    monkeypatch.setattr(apart, "preview", None)  # would fail
    assert body(client.get(url(world.document, "/page/1"))) == first


def test_peaks_are_made_when_asked_for(world, client):
    found = json.loads(body(client.get(url(world.audio, "/peaks"))))
    assert 30 <= len(found) <= 1000
    assert 0.4 < max(found) <= 0.5
    assert client.get(url(world.image, "/peaks")).status_code == 404


def test_an_icon_stands_in_where_no_thumbnail_can_be_made(video, client, monkeypatch):
    def fail(*_):
        raise Refused("broken")

    monkeypatch.setattr(apart, "preview", fail)
    answer = client.get(url(video, "/thumbnail"))
    assert (answer.status_code, answer["Location"]) == (302, "/static/annotate/media/video.svg")
    assert answer["Cache-Control"] == "no-store"
    monkeypatch.undo()
    assert client.get(url(video, "/thumbnail")).status_code == 200


# ---- who may ----


def test_a_digest_alone_opens_nothing(world):
    outsider = world.client(world.outsider)
    for more in ("", "/thumbnail", "/peaks", "/page/1"):
        assert outsider.get(url(world.image, more)).status_code == 404
        assert outsider.get(f"/media/{world.elsewhere.pk}/{world.image.digest}{more}").status_code == 404
    for odd in ("..%2f..%2fsecret_key", "%00" * 64, "0" * 64):
        assert outsider.get(f"/media/{world.elsewhere.pk}/{odd}").status_code == 404


def test_a_signed_address_opens_one_file_for_a_while(world, monkeypatch):
    nobody = world.client(None)
    path, ends = signing.path(world.image, seconds=60)
    assert body(nobody.get(path)) == png()
    assert nobody.get(path + "/thumbnail").status_code == 404
    forged = path[:-1] + ("A" if path[-1] != "A" else "B")
    assert nobody.get(forged).status_code == 404
    assert nobody.get("/media/signed/..%2f..").status_code == 404
    monkeypatch.setattr(signing.time, "time", lambda: ends)
    assert nobody.get(path).status_code == 404


def test_a_file_missing_from_storage_is_not_found(world):
    default_storage.delete(world.image.path)
    try:
        assert world.client(world.owner).get(url(world.image)).status_code == 404
    finally:
        default_storage.save(world.image.path, io.BytesIO(png()))


# ---- parts ----


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-500", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("items=0-5", None),
        ("bytes=0-1,5-6", None),
        ("bytes=100-", Unsatisfiable),
        ("bytes=999999999999999999-", Unsatisfiable),
        ("bytes=-0", Unsatisfiable),
    ],
)
def test_which_bytes_are_wanted(header, expected):
    if expected is Unsatisfiable:
        with pytest.raises(Unsatisfiable):
            wanted(header, 100)
    else:
        assert wanted(header, 100) == expected


def test_a_part_and_the_rest_are_the_whole(video, client):
    whole = clip(".webm")
    half = len(whole) // 2
    first = client.get(url(video), headers={"Range": f"bytes=0-{half - 1}"})
    rest = client.get(url(video), headers={"Range": f"bytes={half}-"})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first["Content-Range"] == f"bytes 0-{half - 1}/{len(whole)}"
    assert rest["Content-Length"] == str(len(whole) - half)
    assert body(first) + body(rest) == whole
    plain = client.get(url(video))
    assert (plain.status_code, plain["Accept-Ranges"], plain["Content-Length"]) == (200, "bytes", str(len(whole)))
    assert body(plain) == whole
    beyond = client.get(url(video), headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_many_chunks_are_read_and_the_file_is_closed(video, client, monkeypatch):
    monkeypatch.setattr(views, "CHUNK", 100)
    answer = client.get(url(video), headers={"Range": "bytes=50-449"})
    chunks = list(answer.streaming_content)
    assert [len(chunk) for chunk in chunks] == [100] * 4
    assert b"".join(chunks) == clip(".webm")[50:450]
    stored = views.Section(default_storage.open(video.path), 0, 1)
    stored.close()
    assert stored.stored.closed


def test_what_a_browser_holds_already_is_not_sent_again(video, client):
    tag = client.get(url(video))["ETag"]
    assert client.get(url(video), headers={"If-None-Match": tag}).status_code == 304
    assert client.get(url(video), headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    assert client.get(url(video), headers={"If-None-Match": '"x"'}).status_code == 200
    assert client.get(url(video, "/thumbnail"), headers={"If-None-Match": tag}).status_code == 200
    part = {"Range": "bytes=0-9"}
    assert client.get(url(video), headers={**part, "If-Range": tag}).status_code == 206
    assert client.get(url(video), headers={**part, "If-Range": '"older"'}).status_code == 200
    assert client.get(url(video), headers={**part, "If-Range": "Sat, 28 Nov 2026 18:00:00 GMT"}).status_code == 200


def test_only_reading(video, client):
    assert client.head(url(video))["Content-Length"] == str(video.size)
    assert client.post(url(video)).status_code == 405
