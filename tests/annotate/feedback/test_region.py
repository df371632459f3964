"""Marked regions: shapes, places, which images there are, nothing to mark, the distance of marks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate import feedback
from annotate.feedback import Asked, region
from annotate.feedback.region import GRID, Mark, rasterised, region_distance
from annotate.records import Region, from_table, to_table


def mark(*points, shape="box", thickness=0.0, category="artefact", image=0):
    return {"image": image, "shape": shape, "points": list(points), "thickness": thickness, "category": category}


def content(*marks):
    return frozenset(Mark(m["category"], m["image"], m["shape"], tuple(m["points"]), m["thickness"]) for m in marks)


def asked(media=None, responses=("r1", "r2"), **settings):
    return Asked("q", feedback.settings_with_defaults("region", settings), responses, media=media or {})


BOX = mark(0.1, 0.2, 0.5, 0.6)


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (mark(0.1, 0.2, 0.5, 1.01), "r1/0/points/3"),
        (mark(-0.1, 0.2, 0.5, 0.6), "r1/0/points/0"),
        (mark(math.nan, 0.2, 0.5, 0.6), "r1/0/points"),
        (mark(0.1, 0.2, 0.5), "r1/0/points"),
        (mark(0.1, 0.2), "r1/0/points"),
        (mark(0.1, 0.2, 0.1, 0.6), "r1/0/points"),
        (mark(0.1, 0.2, 0.5, 0.2), "r1/0/points"),
        (mark(0.1, 0.2, 0.5, 0.6, 0.7, 0.7), "r1/0/points"),
        (mark(), "r1/0/points"),
        (mark(0, 0, 1, 1, shape="polygon"), "r1/0/points"),
        (mark(0, 0, 1, 1, shape="brush"), "r1/0/thickness"),
        (mark(0, 0, 1, 1, shape="brush", thickness=math.nan), "r1/0/points"),
        (mark(0, 0, 1, 1, thickness=0.1), "r1/0/thickness"),
        (mark(0, 0, 1, 1, shape="circle"), "r1/0/shape"),
        (mark(0, 0, 1, 1, category="smudge"), "r1/0/category"),
        (mark(0, 0, 1, 1, image=-1), "r1/0/image"),
        (mark(*[0.5] * 2 * (region.POINTS + 1), shape="polygon"), "r1/0/points"),
        ({**BOX, "severity": "minor"}, "r1/0"),
        ({name: part for name, part in BOX.items() if name != "image"}, "r1/0"),
    ],
)
def test_bad_marks_are_refused(refused, bad, path):
    assert refused("region", {"r1": [bad], "r2": []}, asked())[0] == path


def test_too_many_marks_are_refused(refused):
    assert refused("region", {"r1": [BOX] * (region.MARKS + 1), "r2": []}, asked())[0] == "r1"


def test_only_images_that_are_there_can_be_marked(refused):
    known = asked({"r1": (None,), "r2": (None, None)})
    second = mark(0, 0, 1, 1, image=1)
    feedback.validate("region", {"r1": [BOX], "r2": [second]}, known)
    assert refused("region", {"r1": [second], "r2": []}, known)[0] == "r1/0/image"
    assert refused("region", {"r1": [BOX], "r2": []}, asked({"r1": ()}))[0] == "r1"


def test_only_shapes_that_are_asked_for(refused):
    boxes = asked(shapes=["box"])
    plain = {name: part for name, part in BOX.items() if name != "thickness"}
    feedback.validate("region", {"r1": [plain], "r2": []}, boxes)
    assert refused("region", {"r1": [{**plain, "shape": "polygon"}], "r2": []}, boxes)[0] == "r1/0/shape"
    made = list(region.to_records({"r1": [plain], "r2": []}, boxes.stamped(item="i1", rater="ann")))
    assert region.from_records(made, boxes) == {"r1": [plain], "r2": []}


def test_the_source_is_asked_about_only_where_there_is_one(refused):
    with_one, without = asked({"": (None,)}, source=True), asked({"": ()}, source=True)
    answer = {"r1": [], "r2": []}
    feedback.validate("region", answer, without)
    assert refused("region", answer, with_one)[0] == ""
    stamped = with_one.stamped(item="i1", rater="ann")
    made = list(region.to_records({**answer, "source": [BOX]}, stamped))
    assert [(r.response, r.category) for r in made] == [("r1", ""), ("r2", ""), ("", "artefact")]
    assert region.from_records(made, with_one) == {**answer, "source": [BOX]}


def test_records_survive_the_table_and_silence_is_no_absence():
    question = asked().stamped(item="i1", rater="ann")
    stroke = mark(0.5, 0.5, 0.75, 0.5, shape="brush", thickness=0.0625)
    made = list(from_table(to_table(region.to_records({"r1": [BOX, stroke], "r2": []}, question))))
    assert [(r.response, r.shape, r.points_xy, r.thickness) for r in made] == [
        ("r1", "box", (0.1, 0.2, 0.5, 0.6), 0.0),
        ("r1", "brush", (0.5, 0.5, 0.75, 0.5), 0.0625),
        ("r2", "", (), 0.0),
    ]
    by_subject = {r.subject: r.content for r in region.readings(made)}
    assert by_subject == {"r1": content(BOX, stroke), "r2": frozenset()}


def test_an_imported_response_without_regions_has_nothing_to_mark():
    record = Region(
        item="i", rater="a", question="q", response="r2", shape="box", points_xy=(0, 0, 1, 1), category="artefact"
    )
    answer = region.from_records([record], asked())
    assert answer["r1"] == []
    assert [m["points"] for m in answer["r2"]] == [[0, 0, 1, 1]]


def area(one):
    (single,) = content(one)
    return rasterised(single).mean()


def test_rasters_have_the_areas_of_their_shapes():
    assert area(mark(0.25, 0.25, 0.75, 0.5)) == pytest.approx(0.125, abs=0.01)
    assert area(mark(0.75, 0.5, 0.25, 0.25)) == pytest.approx(0.125, abs=0.01)
    assert area(mark(0, 0, 1, 0, 0, 1, shape="polygon")) == pytest.approx(0.5, abs=0.02)
    circle = [(0.5 + 0.4 * math.cos(a), 0.5 + 0.4 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 60)]
    assert area(mark(*np.ravel(circle), shape="polygon")) == pytest.approx(math.pi * 0.16, abs=0.01)
    stroke = mark(0.2, 0.5, 0.8, 0.5, shape="brush", thickness=0.2)
    assert area(stroke) == pytest.approx(0.6 * 0.2 + math.pi * 0.01, abs=0.01)
    bow = mark(0, 0, 1, 1, 1, 0, 0, 1, shape="polygon")  # its sides cross
    assert area(bow) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("shape", ["box", "polygon", "brush"])
def test_the_smallest_mark_covers_something(shape):
    points = {"box": (1, 1, 0.9999, 0.9999), "polygon": (0.5, 0.5, 0.5001, 0.5, 0.5, 0.5001), "brush": (0, 0)}
    assert area(mark(*points[shape], shape=shape, thickness=1e-6 * (shape == "brush"))) >= 1 / GRID**2


@pytest.mark.parametrize(
    ("x", "y", "distance"),
    [
        ([], [], 0),
        ([], [BOX], 1),
        ([mark(0, 0, 0.5, 1)], [mark(0.25, 0, 0.75, 1)], 0.5),
        ([mark(0, 0, 0.5, 1)], [mark(0, 0, 0.5, 1, category="other")], 1),
        ([mark(0, 0, 0.5, 1)], [mark(0, 0, 0.5, 1, image=1)], 1),
        ([mark(0, 0, 0.5, 1)], [mark(0, 0, 0.5, 0, 0.5, 1, 0, 1, shape="polygon")], 0),
        ([mark(0, 0, 0.5, 1)], [mark(0, 0, 0.5, 0.5), mark(0, 0.5, 0.5, 1)], 0),
    ],
)
def test_region_distance(x, y, distance):
    assert region_distance(content(*x), content(*y)) == pytest.approx(distance, abs=0.02)


fraction = st.floats(0, 1)


def outline(least, most):
    return st.lists(st.tuples(fraction, fraction), min_size=least, max_size=most).map(
        lambda ps: [c for p in ps for c in p]
    )


shapes = st.one_of(
    st.tuples(st.just("box"), outline(2, 2), st.just(0.0)),
    st.tuples(st.just("polygon"), outline(3, 6), st.just(0.0)),
    st.tuples(st.just("brush"), outline(1, 5), st.floats(0.001, 1)),
)
regions = st.frozensets(
    st.builds(lambda c, i, s: Mark(c, i, s[0], tuple(s[1]), s[2]), st.sampled_from("ab"), st.integers(0, 1), shapes),
    max_size=4,
)


@given(regions, regions)
def test_any_regions_have_a_distance_that_is_one_minus_dice(x, y):
    def cells(marks):
        return {(m.category, m.image, *place) for m in marks for place in zip(*np.nonzero(rasterised(m)), strict=True)}

    p, q = cells(x), cells(y)
    expected = 1 - 2 * len(p & q) / (len(p) + len(q)) if p or q else 0
    assert region_distance(x, y) == region_distance(y, x) == pytest.approx(expected)


def test_the_server_knows_how_many_images_there_are(world, refused):
    """Of the world's items the second response has an image, and so has the item."""
    from annotate.models import Question

    task = world.lease().task
    settings = {"source": True}
    put = Question(name="q", kind="region", settings=settings).asked(task)
    first, second = task.responses
    answer = {first: [], second: [BOX], "source": [BOX]}
    feedback.validate("region", answer, put)
    assert refused("region", {**answer, first: [BOX]}, put)[0] == first
    assert refused("region", {**answer, second: [{**BOX, "image": 1}]}, put)[0] == f"{second}/0/image"
