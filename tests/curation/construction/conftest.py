"""Material to construct from: pairs, answers of every kind, and a picture."""

import io

import numpy as np
import pytest
from PIL import Image

from annotate.records import Check, Ranking, Rating, Revision, Verdict
from curation import construction
from curation.construction import Item, Material, Response
from curation.filters import Context
from curation.pairs import canonical_json

STORY = (
    "The river rose in the night. Nobody had expected it so early. The mill was the first to flood. "
    "By morning the bridge had gone. People gathered on the hill and counted each other twice."
)


def prompt(text):
    return canonical_json([{"role": "user", "content": text}])


def picture(seed=0):
    pixels = np.random.default_rng(seed).integers(0, 255, (6, 9, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((90, 60)).save(buffer, "PNG")
    return buffer.getvalue()


def rating(item, response, value, rater="r", low=1, high=5, **more):
    return Rating(
        item=item, rater=rater, question="quality", response=response, value=value, low=low, high=high, **more
    )


ITEMS = {
    name: Item(
        prompt(f"Question {name}"), {key: Response(f"{STORY} {name} {key}", (), "m", key) for key in "xyz"}, f"g{name}"
    )
    for name in ("i1", "i2", "i3")
}
STAMP = {"rater": "r", "question": "q"}
RATED = {"i1": (5, 3, 1), "i2": (4, 4, 2)}
RECORDS = (
    *(rating(item, key, value) for item, values in RATED.items() for key, value in zip("xyz", values, strict=True)),
    *(Verdict(item="i1", response=key, good=key == "x", **STAMP) for key in "xy"),
    *(
        Check(item="i2", response=key, criterion=f"c{n}", met=n <= "xyz".index(key), points=1, **STAMP)
        for key in "xyz"
        for n in range(3)
    ),
    Ranking(item="i3", ranks={"x": 1, "y": 2, "z": 2}, **STAMP),
    Revision(item="i1", response="x", text=f"{STORY} Better now.", **STAMP),
)


@pytest.fixture
def material(pair_table):
    long = {"response_a": STORY, "response_b": STORY.replace("river", "brook")}
    return Material(
        pair_table(
            {**long, "prompt": "What happened?", "item": "p1", "group": "g"},
            {**long, "prompt": "And then?", "item": "p2", "outcome": "b", "response_b": f"{STORY} The end. So late."},
            {"item": "p3", "outcome": "tie"},
            {"item": "p4", "outcome": "both_bad"},
            {"item": "p5", "media_a": ["sha256:pic"], "media_b": ["sha256:other"]},
            {"item": "i1", "prompt": ITEMS["i1"].prompt, "response_a": ITEMS["i1"].responses["x"].text, "key_a": "x",
             "response_b": "Nothing happened.", "key_b": "w"},
        ),
        RECORDS,
        ITEMS,
    )  # fmt: skip


@pytest.fixture
def context():
    return Context(
        media=lambda name: picture(len(name)), rewrite=lambda prompt, text, how: f"{text} {how[-9:]}", seed=3
    )


@pytest.fixture
def make(material, context):
    """``make("ratings", gap=0.5)``: what one way constructs."""

    def build(name, material=material, context=context, **settings):
        filled = construction.settings_with_defaults(name, settings)
        return list(construction.get(name).construct(material, filled, context))

    return build
