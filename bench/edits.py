"""How well a small model trained from scratch judges image edits that it never saw.

Data are drawn here: scenes of coloured shapes, an instruction about one of them ("make the red circle blue", "remove
the pink square", "move the green triangle left", "make the black star bigger"), one edit that does it and nothing
else, and edits that do not: nothing changed, done to another shape, another thing done, or done with damage to the
rest. Every edit has its own pixel noise, so none is the source to the bit. A prompt's good edit stands against each
of its bad ones.

A combination is what is asked and the colour and shape it is asked of. A quarter of all combinations is left out of
training and makes the test, with scenes of its own. The training is the process that the product starts, on the
backbone `small_edit` with Bradley and Terry's loss. Beside it stand what costs nothing: the edit that changed more
(or less, whichever is right more often in the test) wins, and the first (or the second) always wins. The interval is
over prompts: each is drawn whole.
"""

import io
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

from bench import Figure, script
from curation import pairs
from rewardtrain import pictures
from rewardtrain.launch import training_command
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.statistics import bootstrap_mean

SIDE = 64
COLOURS = {
    "red": (220, 40, 40), "green": (50, 160, 60), "blue": (50, 80, 220), "yellow": (240, 210, 40),
    "purple": (150, 60, 180), "orange": (245, 140, 30), "black": (30, 30, 30), "pink": (250, 130, 190),
}  # fmt: skip
SHAPES = ("circle", "square", "triangle", "star")
STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
SIZES = {"bigger": 1.5, "smaller": 0.6}
WORDS = {
    "recolour": ("make the {0} {1} {2}", "turn the {0} {1} {2}", "change the colour of the {0} {1} to {2}"),
    "remove": ("remove the {0} {1}", "delete the {0} {1}", "take the {0} {1} away"),
    "move": ("move the {0} {1} {2}", "shift the {0} {1} to the {2}", "the {0} {1} should be further {2}"),
    "resize": ("make the {0} {1} {2}", "the {0} {1} should be {2}"),
}
BAD = ("nothing", "another shape", "another thing", "damage")
HELD_OUT = 0.25
PROMPTS, TEST_PROMPTS = 5000, 600
RECIPE: dict[str, Any] = {
    "backbone": "small_edit", "tuning": "full", "loss": "bradley_terry", "lr": 2e-3, "epochs": 2, "warmup": 0.05,
    "weight_decay": 0.05, "tokens_per_step": 8192, "max_length": 32, "precision": "fp32", "head": "linear",
}  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """One shape of a scene."""

    shape: str
    colour: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Asked:
    """What an instruction asks, of which shape."""

    kind: str
    colour: str
    shape: str
    how: str

    @property
    def combination(self) -> tuple[str, str, str, str]:
        return self.kind, self.how, self.colour, self.shape

    def words(self, draw: np.random.Generator) -> str:
        forms = WORDS[self.kind]
        return forms[draw.integers(len(forms))].format(self.colour, self.shape, self.how)


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Accuracy on unseen combinations, whole and by what is wrong with the worse edit, beside the baselines."""
    with tempfile.TemporaryDirectory() as folder:
        draw = np.random.default_rng(seed)
        version = Path(folder) / "version"
        tables = {}
        for split, prompts in (("train", 60 if quick else PROMPTS), ("test", 30 if quick else TEST_PROMPTS)):
            tables[split] = drawn(version / "media", prompts, split == "test", draw)
            path = version / "data" / f"{split}-00000-of-00001.parquet"
            path.parent.mkdir(exist_ok=True)
            pq.write_table(tables[split], path)
        recipe = Recipe(**RECIPE | {"epochs": 1} if quick else RECIPE, seed=seed, holdout=0.05)
        start = time.perf_counter()
        argv, env = training_command(version, Path(folder) / "run", recipe, nice=0)
        # The pipe stays open while it trains: closing it would end the training.
        with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            if process.wait() != 0:
                raise RuntimeError(f"The training ended with {process.returncode}.")
        seconds = time.perf_counter() - start
        test = tables["test"]
        scorer = Scorer(Path(folder) / "run" / "model", device="cpu", media=pictures.Media(version / "media"))
        reward_a, reward_b = scorer.score_table(test)
        right_N, change_N = right(reward_a - reward_b, test), changed(test, version / "media")
    metadata = [json.loads(row) for row in test["metadata"].to_pylist()]
    prompt_N = np.array(test["prompt"].to_pylist())
    bar = {} if quick else {"bar": 0.90}
    value = bootstrap_mean(right_N, prompt_N, seed=seed)
    figures = [
        Figure("accuracy on unseen combinations", value["value"], value["low"], value["high"], n=len(test), **bar),
    ]
    for name in (*BAD, *WORDS):
        some = np.array([name in (said["wrong"], said["kind"]) for said in metadata])
        if some.any():
            figures.append(Figure(f"accuracy: {name}", float(right_N[some].mean()), n=int(some.sum())))
    less = float(right(-change_N, test).mean())
    first = float(right(np.ones(len(test)), test).mean())
    bound = {} if quick else {"bar": 600.0, "smaller_is_better": True}
    return [
        *figures,
        Figure("size of the difference alone", max(less, 1 - less), n=len(test)),
        Figure("majority", max(first, 1 - first), n=len(test)),
        Figure("training", seconds, unit="s", **bound),
    ]


def right(delta_N: np.ndarray, table: pa.Table) -> np.ndarray:
    """1 where a difference has the sign of the label, 1/2 where it is zero."""
    lean_N = table["p_a"].to_numpy() - table["p_b"].to_numpy()
    return np.asarray((1 + np.sign(delta_N) * lean_N) / 2)


def changed(table: pa.Table, root: Path) -> np.ndarray:
    """How many more values the first edit changed (beyond the noise) than the second."""
    media = pictures.Media(root)

    def pixels(ref: str) -> np.ndarray:
        return np.asarray(media.image(ref), dtype=np.int16)

    found = []
    for row in table.select(["prompt", "media_a", "media_b"]).to_pylist():
        source = pixels(json.loads(row["prompt"])[0]["content"][0]["image"])
        a, b = ((np.abs(pixels(row[side][0]) - source) > 20).sum() for side in ("media_a", "media_b"))
        found.append(int(a) - int(b))
    return np.array(found)


def drawn(root: Path, prompts: int, unseen: bool, draw: np.random.Generator) -> pa.Table:
    """A pair table of prompts whose combinations are the unseen ones, or the others; the pictures go to ``root``."""
    rows: list[dict[str, Any]] = []
    held = held_out()
    for number in range(prompts):
        while True:
            scene = scene_of(draw)
            asked = asked_of(scene, draw)
            if (asked.combination in held) == unseen and (good := edit(scene, asked)) is not None:
                break
        ground = tuple(int(v) for v in draw.integers(225, 256, 3))
        source = pictures.keep(root, painted(scene, ground, draw, noise=0))
        said = [{"type": "image", "image": source}, {"type": "text", "text": asked.words(draw)}]
        prompt = pairs.canonical_json([{"role": "user", "content": said}])
        better = pictures.keep(root, painted(good, ground, draw))
        for wrong in BAD:
            content = spoilt(wrong, scene, asked, good, ground, draw)
            if content is None:
                continue
            worse = pictures.keep(root, content)
            first = bool(draw.integers(2))
            a, b = (better, worse) if first else (worse, better)
            rows.append(
                {
                    "row_id": pairs.row_id(prompt, "", "", [a], [b]), "item": f"{unseen}-{number}", "prompt": prompt,
                    "response_a": "", "response_b": "", "media_a": [a], "media_b": [b], "p_a": float(first),
                    "p_tie": 0.0, "p_b": float(not first), "p_both_bad": 0.0, "strength": 2.0 * first - 1,
                    "margin": 0.0, "weight": 1.0, "n_votes": 1, "group": "", "gold": "a" if first else "b",
                    "metadata": json.dumps({"wrong": wrong, "kind": asked.kind}),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)


def held_out() -> set[tuple[str, str, str, str]]:
    """The combinations of the test; the same for every seed of the measurement."""
    everything = [
        (kind, how, colour, shape)
        for kind, hows in (("recolour", COLOURS), ("remove", ("",)), ("move", STEPS), ("resize", SIZES))
        for how in hows
        for colour in COLOURS
        for shape in SHAPES
        if how != colour
    ]
    chosen = np.random.default_rng(2026).permutation(len(everything))[: round(HELD_OUT * len(everything))]
    return {everything[place] for place in chosen}


def scene_of(draw: np.random.Generator) -> list[Thing]:
    """Two to four shapes, no two alike and none on another."""
    kinds = [(shape, colour) for shape in SHAPES for colour in COLOURS]
    things: list[Thing] = []
    for at in draw.permutation(len(kinds))[: draw.integers(2, 5)]:
        for _ in range(30):
            radius = draw.uniform(6, 9)
            x, y = draw.uniform(radius + 1, SIDE - radius - 1, 2)
            thing = Thing(*kinds[at], float(x), float(y), float(radius))
            if all(apart(thing, other) for other in things):
                things.append(thing)
                break
    return things


def asked_of(scene: list[Thing], draw: np.random.Generator) -> Asked:
    """An instruction about one shape of a scene."""
    thing = scene[draw.integers(len(scene))]
    kind = tuple(WORDS)[draw.integers(len(WORDS))]
    others = [colour for colour in COLOURS if colour != thing.colour]
    hows = {"recolour": others, "remove": [""], "move": list(STEPS), "resize": list(SIZES)}
    how = hows[kind][draw.integers(len(hows[kind]))]
    return Asked(kind, thing.colour, thing.shape, how)


def edit(scene: list[Thing], asked: Asked) -> list[Thing] | None:
    """The scene after what was asked; None where that cannot be drawn."""
    place = next(at for at, t in enumerate(scene) if (t.colour, t.shape) == (asked.colour, asked.shape))
    return with_edit(scene, place, asked.kind, asked.how)


def with_edit(scene: list[Thing], place: int, kind: str, how: str) -> list[Thing] | None:
    """The scene with one shape edited; None where it would leave the picture, meet another or change nothing."""
    thing = scene[place]
    rest = scene[:place] + scene[place + 1 :]
    if kind == "remove":
        return rest
    if kind == "recolour":
        return None if how == thing.colour else [*rest, replace(thing, colour=how)]
    if kind == "resize":
        new = replace(thing, radius=thing.radius * SIZES[how])
    else:
        step = 14
        new = replace(thing, x=thing.x + step * STEPS[how][0], y=thing.y + step * STEPS[how][1])
    inside = all(new.radius <= centre <= SIDE - new.radius for centre in (new.x, new.y))
    return [*rest, new] if inside and all(apart(new, other) for other in rest) else None


def spoilt(
    wrong: str, scene: list[Thing], asked: Asked, good: list[Thing], ground: tuple[int, ...], draw: np.random.Generator
) -> bytes | None:
    """A worse edit as a picture; None where the scene allows none of that kind."""
    target = next(at for at, t in enumerate(scene) if (t.colour, t.shape) == (asked.colour, asked.shape))
    others = [at for at in range(len(scene)) if at != target]
    if wrong == "nothing":
        return painted(scene, ground, draw)
    if wrong == "another shape":
        found = with_edit(scene, others[draw.integers(len(others))], asked.kind, asked.how) if others else None
        return painted(found, ground, draw) if found is not None else None
    if wrong == "another thing":
        for kind, how in other_things(asked, draw):
            if (found := with_edit(scene, target, kind, how)) is not None:
                return painted(found, ground, draw)
        return None
    kept = [at for at, thing in enumerate(good) if thing in scene]
    manner = draw.integers(3)
    if manner < 2 and kept:
        for kind, how in other_things(asked, draw):
            if (found := with_edit(good, kept[draw.integers(len(kept))], kind, how)) is not None:
                return painted(found, ground, draw)
    return painted(good, ground, draw, scribble=True)


def other_things(asked: Asked, draw: np.random.Generator) -> Iterator[tuple[str, str]]:
    """What else could be done, half of the time first another manner of the same thing."""
    everything = [
        *(("recolour", how) for how in COLOURS), ("remove", ""), *(("move", how) for how in STEPS),
        *(("resize", how) for how in SIZES),
    ]  # fmt: skip
    everything = [one for one in everything if one != (asked.kind, asked.how)]
    shuffled = [everything[at] for at in draw.permutation(len(everything))]
    if draw.integers(2):
        shuffled.sort(key=lambda one: one[0] != asked.kind)
    yield from shuffled


def apart(one: Thing, other: Thing) -> bool:
    return bool(np.hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius + 1)


def painted(
    scene: list[Thing], ground: tuple[int, ...], draw: np.random.Generator, *, noise: float = 4, scribble: bool = False
) -> bytes:
    """The scene as a PNG."""
    shown = Image.new("RGB", (2 * SIDE, 2 * SIDE), ground)
    pen = ImageDraw.Draw(shown)
    for thing in scene:
        x, y, r = 2 * thing.x, 2 * thing.y, 2 * thing.radius
        colour = COLOURS[thing.colour]
        if thing.shape == "circle":
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        elif thing.shape == "square":
            pen.rectangle((x - 0.85 * r, y - 0.85 * r, x + 0.85 * r, y + 0.85 * r), fill=colour)
        else:
            points, inner = (3, 1.0) if thing.shape == "triangle" else (10, 0.45)
            corners = [
                (x + size * np.sin(turn), y - size * np.cos(turn))
                for at in range(points)
                for turn, size in [(2 * np.pi * at / points, r if at % 2 == 0 or points == 3 else inner * r)]
            ]
            pen.polygon(corners, fill=colour)
    if scribble:
        spots = draw.uniform(0, 2 * SIDE, (4, 2))
        pen.line([tuple(spot) for spot in spots], fill=tuple(int(v) for v in draw.integers(0, 256, 3)), width=4)
    pixels = np.asarray(shown.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    if noise:
        pixels = pixels + draw.normal(0, noise, pixels.shape)
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


if __name__ == "__main__":
    script(measure)
