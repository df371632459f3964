"""Every type of media keeps the contract of annotate/media/types/__init__.py."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from annotate.media import apart, types
from annotate.media.types import Limits, Refused
from tests.annotate.media.making import clip, glb, refusal, taken
from tests.world import pdf, png, tone


@pytest.mark.parametrize("name", types.media())
def test_a_type_keeps_the_contract(name):
    medium = types.get(name)
    assert medium.__doc__
    assert medium.TITLE
    assert medium.ACCEPTED
    assert medium.APART in (True, False)
    assert medium.recognises(b"") is False
    assert medium.recognises(os.urandom(3) * 2000) in (True, False)
    assert set(medium.PREVIEWS.values()) <= {"image/webp", "application/json"}
    if medium.ICON:
        assert finders.find(f"annotate/media/{name}.svg")
    content = {"image": png, "video": clip, "audio": tone, "model": glb, "document": pdf}[name]()
    found = taken(content)
    assert found[0] == name
    assert found[1].content_type in medium.EXTENSIONS
    for preview in medium.PREVIEWS:
        assert apart.preview(content, name, preview)
    with pytest.raises(Refused):
        medium.preview(content, "no-such-preview")


def test_limits_of_length_size_and_pages():
    small = Limits(pixels=100, frame_pixels=100, seconds=0.5, pages=1)
    assert "megapixels" in refusal(clip(".webm"), small)
    wide = Limits(pixels=100, frame_pixels=10**6, seconds=0.5, pages=1)
    assert "minutes long" in refusal(clip(".webm"), wide)
    assert "minutes long" in refusal(tone(0.6), wide)
    assert "2 pages, the limit is 1" in refusal(pdf(), wide)


def test_the_documents_say_what_is_accepted():
    text = (Path(apart.ROOT) / "docs" / "admins.md").read_text()
    (table,) = re.findall(r"<!-- media: annotate/media/types -->\n(.*?)<!-- end -->", text, re.DOTALL)
    rows = {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table.splitlines()[2:]}
    assert rows == {(medium.TITLE, medium.ACCEPTED) for medium in types.media().values()}
