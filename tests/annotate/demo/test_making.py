"""The gallery's media are small, quickly made, the same each time, and taken in by the product as they are."""

import time

import numpy as np
import pytest

from annotate.demo.gallery import _making, exhibits
from annotate.media.services import store

MEDIA = {"video": "video", "audio": "audio", "solids": "model", "documents": "document"}


@pytest.mark.parametrize("name", MEDIA)
def test_an_exhibits_files_are_taken_in_as_they_are(world, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    exhibits()[name].rows(folder)
    for path in folder.iterdir():
        content = path.read_bytes()
        file = store(organisation=world.organisation, content=content, name=path.name)
        assert (file.type, file.size, file.received) == (MEDIA[name], len(content), "")


def test_they_are_small_quick_and_the_same_each_time(tmp_path):
    made = []
    started = time.process_time()
    for again in ("one", "two"):
        for name in MEDIA:
            folder = tmp_path / again / name
            folder.mkdir(parents=True)
            exhibits()[name].rows(folder)
        made.append({path.relative_to(tmp_path / again): path.read_bytes() for path in (tmp_path / again).rglob("*.*")})
    assert made[0] == made[1]
    assert sum(map(len, made[0].values())) < 3 * 1024**2
    assert time.process_time() - started < 2 * 5


def test_a_melody_is_as_long_as_its_beats():
    samples = _making.melody("C D/2 - G2", beat=0.5)
    assert len(samples) == round(0.5 * 4.5 * _making.RATE)
    assert 0.1 < np.abs(samples).max() <= 0.5


@pytest.mark.parametrize(
    "solid", [_making.box(1, 2, 3, (1, 0, 0)), _making.cone(1, 2, (1, 0, 0)), _making.cone(1, 2, (1, 0, 0), top=1)]
)
def test_a_solid_faces_outwards(solid):
    """The volume that its triangles enclose is positive; inside out it would be negative."""
    corners = np.array(solid.points)[np.array(solid.triangles)]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert volume > 0.5


def test_a_ball_faces_outwards():
    solid = _making.ball(1, (1, 0, 0))
    corners = np.array(solid.points)[np.array(solid.triangles)]
    volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert 3.8 < volume < 4.19
