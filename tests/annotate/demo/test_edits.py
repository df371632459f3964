"""The drawn edits: pictures that decode, differ where they must, and are the same every time."""

import pytest
from PIL import Image, ImageChops

from annotate import discovery
from annotate.demo import OVERALL, edits
from annotate.demo.drawing import SIZE
from annotate.demo.scenes import DIMENSIONS, GRADES

SCENES = discovery.load_all("annotate.demo.scenes")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edits")
    return folder, edits.samples(folder), edits.samples(folder, checks=True)


def share_changed(one, other):
    """Share of the pixels that differ visibly."""
    difference = ImageChops.difference(one, other).convert("L").point(lambda value: 255 if value > 8 else 0)
    return difference.histogram()[255] / (SIZE * SIZE)


def test_there_are_enough(drawn):
    _, asked, checks = drawn
    assert len(asked) == 20
    assert len(checks) >= 3
    assert len({sample.id for sample in [*asked, *checks]}) == len(asked) + len(checks)
    assert all(len(sample.candidates) == 3 for sample in asked)


def test_grades_are_known_and_flaws_named(drawn):
    _, asked, checks = drawn
    for sample in [*asked, *checks]:
        good, *flawed = sample.candidates
        assert set(good.grades.values()) == {3}
        assert good.flaw == ""
        for candidate in flawed:
            assert candidate.grades.keys() == {OVERALL, *DIMENSIONS}
            assert candidate.grades[OVERALL] < 3
            assert candidate.flaw
            assert candidate.kind in GRADES
    assert {c.kind for sample in asked for c in sample.candidates} == set(GRADES)


def test_pictures_decode_and_differ(drawn):
    folder, asked, checks = drawn
    for sample in [*asked, *checks]:
        names = [*sample.media, *(name for candidate in sample.candidates for name in candidate.media)]
        pictures = []
        for name in names:
            with Image.open(folder / name) as picture:
                picture.load()
                assert (picture.format, picture.size, picture.mode) == ("PNG", (SIZE, SIZE), "RGB")
                pictures.append(picture.copy())
        for index, one in enumerate(pictures):
            for other in pictures[index + 1 :]:
                assert share_changed(one, other) > 0.0005, sample.id


def test_a_good_edit_leaves_most_of_the_picture_alone(drawn):
    folder, asked, _ = drawn
    for sample in asked:
        with Image.open(folder / sample.media[0]) as source, Image.open(folder / sample.candidates[0].media[0]) as good:
            assert share_changed(source, good) < 0.45, sample.id


def test_names_tell_nothing(drawn):
    _, asked, checks = drawn
    for sample in [*asked, *checks]:
        for candidate in sample.candidates:
            assert not any(word in candidate.media[0] for word in ("good", "flaw", "source", candidate.kind or "best"))


@pytest.mark.parametrize("name", SCENES)
def test_same_every_time(name):
    assert SCENES[name].draw().tobytes() == SCENES[name].draw().tobytes()


def test_every_scene_is_asked_about():
    assert all(len([edit for edit in scene.EDITS if not edit.is_check]) == 2 for scene in SCENES.values())
