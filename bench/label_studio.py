"""Whether Label Studio's own package takes what we write for it, and whether we read back what it takes.

A made-up project with every kind of answer that the format can say is written as tasks.json and label_config.xml.
label-studio-sdk, which cannot stand in our own lock file (it holds numpy down), goes into a virtual environment of its
own in a temporary folder; there its `LabelInterface` parses the configuration and validates every task and every
annotation. Then our reader takes the same tasks, and what comes back is compared with what was written.

One result type needs a way round: a comparison's ``to_name`` is the control's own name, in the editor and in what the
package's own `PairwiseTag.label` makes, but its validator looks the name up among the objects shown and refuses it, the
package's own results included (2.1.2). So comparisons are held to what `PairwiseTag.label` makes, all else to the
validator.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from annotate import records
from annotate.records import Record
from bench import Figure, Unavailable, script
from curation import formats
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, label_studio

SDK = "label-studio-sdk==2.1.2"
# Run by the other environment: its verdict on every task and annotation, and on spoilt copies of the annotations.
CHECK = """
import copy, json, sys
from label_studio_sdk.label_interface import LabelInterface
folder = sys.argv[1]
interface = LabelInterface(open(folder + "/label_config.xml").read())
interface.validate()
found = {"tasks": [], "annotations": [], "spoilt": 0, "controls": len(list(interface.controls)), "errors": []}
for task in json.load(open(folder + "/tasks.json")):
    found["tasks"].append(bool(interface.validate_task({"data": task["data"]})))
    for annotation in task["annotations"]:
        errors, results = [], annotation["result"]
        for one in [one for one in results if one["type"] == "pairwise"]:
            made = interface.get_control(one["from_name"]).label(one["value"]["selected"])._dict()
            errors += [f"pairwise {name}: {one[name]} is not {made[name]}" for name in made
                       if name != "id" and one[name] != made[name]]
        annotation["result"] = [one for one in results if one["type"] != "pairwise"]
        errors += interface._validate_object(annotation, return_errors=True)
        found["annotations"].append(not errors)
        found["errors"] += errors[:1]
        spoilt = copy.deepcopy(annotation)
        spoilt["result"][0]["from_name"] = "nobody"
        found["spoilt"] += not interface.validate_annotation(spoilt)
print(json.dumps(found))
"""


def measure(*, seed: int, quick: bool) -> list[Figure]:
    """Shares of tasks and annotations that pass, and of records that come back."""
    questions, options = form(), formats.filled_options(label_studio.OPTIONS, {"responses": 3, "pictures": True})
    items = list(project(Random(seed), 5 if quick else 50))
    left_out: Counter[str] = Counter()
    tasks = [label_studio.export_item(item, questions, options, left_out) for item in items]
    with tempfile.TemporaryDirectory(prefix="label-studio-") as place:
        folder = Path(place)
        (folder / label_studio.ITEMS_FILE).write_text(json.dumps(tasks), "utf-8")
        for name, text in label_studio.files(questions, options).items():
            (folder / name).write_text(text, "utf-8")
        found = _checked(folder)
    written = [said(item) for item in items]
    again = [said(label_studio.parse(task)) for task in tasks if task is not None]
    kept = sum((before & after).total() for before, after in zip(written, again, strict=True))
    total = sum(own.total() for own in written)
    kinds = len({record for own in written for record, *_ in own})
    if found["errors"]:
        print(*found["errors"][:10], sep="\n", file=sys.stderr)
    tasks_ok, annotations_ok = found["tasks"], found["annotations"]
    return [
        Figure("tasks that its package takes", sum(tasks_ok) / len(tasks_ok), bar=1, n=len(tasks_ok)),
        Figure("annotations that its package takes", sum(annotations_ok) / len(annotations_ok), bar=1,
               n=len(annotations_ok)),
        Figure("spoilt annotations that it refuses", found["spoilt"] / len(annotations_ok), bar=1,
               n=len(annotations_ok)),
        Figure("records that read back the same", kept / total, bar=1, n=total),
        Figure("kinds of records", kinds, bar=9),
        Figure("controls of its configuration", found["controls"]),
        Figure("left out", left_out.total(), bar=0, smaller_is_better=True),
    ]  # fmt: skip


def form() -> list[dict[str, Any]]:
    """A question of every kind that the format can say."""
    named = [{"name": "clarity"}, {"name": "truth"}]
    marks = {"categories": [{"name": "wrong"}, {"name": "vague"}], "severities": [{"name": "minor"}, {"name": "major"}]}
    settings: dict[str, dict[str, Any]] = {
        "pairwise": {"labels": ["slightly", "much"], "dimensions": named},
        "ranking": {},
        "rating": {"dimensions": named},
        "slider": {"low": 0, "high": 100, "step": 0.5},
        "binary": {},
        "rubric": {"criteria": [{"name": "sourced", "text": "Names a source", "points": 5}]},
        "critique": {"aspects": [{"name": "strengths"}, {"name": "weaknesses"}]},
        "reason": {"about": "overall"},
        "revision": {},
        "span": {**marks, "explanation": True, "correction": True},
        "region": {**marks, "explanation": True, "source": True},
    }
    kinds = {"slider": "rating", "reason": "critique"}
    return [
        {"name": name, "kind": kinds.get(name, name), "title": name.title(), "help": "", "settings": own}
        for name, own in settings.items()
    ]


def project(random: Random, count: int) -> Iterator[Parsed]:
    """Items with 2 or 3 responses, text beyond ASCII and pictures, each answered by two raters in all kinds."""
    for number in range(count):
        responses = tuple(
            ParsedResponse(
                f"🌍 Réponse {place}: 地球 goes <b>round</b> the sun.", f"m{place}", (f"media/{number}{place}.png",)
            )
            for place in range(random.choice((2, 3)))
        )
        answers = tuple(
            ParsedAnswer(rater, tuple(answered(random, responses)), seconds=12.5, submitted_at="2026-11-20T09:30:00Z")
            for rater in ("ann@example.org", "bob@example.org")
        )
        prompt = [{"role": "user", "content": f"What goes round what? ({number})"}]
        yield Parsed(prompt, responses, external_id=f"q{number}", answers=answers, media=(f"media/{number}.png",))


def answered(random: Random, responses: tuple[ParsedResponse, ...]) -> Iterator[Record]:
    """One rater's answers to the whole form."""
    loose: dict[str, Any] = {"item": "", "rater": ""}
    for dimension in ("clarity", "truth"):
        outcome: Any = random.choice("ab")
        strength = random.choice((1, 2))
        yield records.Preference(
            **loose, question="pairwise", dimension=dimension, a="0", b="1", outcome=outcome, strength=strength, scale=2
        )
    ranks = {str(place): random.choice((1, 2)) for place in range(len(responses))}
    dense = {rank: place for place, rank in enumerate(sorted(set(ranks.values())), 1)}
    yield records.Ranking(**loose, question="ranking", ranks={key: dense[rank] for key, rank in ranks.items()})
    yield records.Critique(**loose, question="reason", response="", text="The first is short – and right.")
    corner = round(random.uniform(0, 0.5), 3)
    source = {"severity": "major", "explanation": "Too dark"}
    box = (corner, corner, corner + 0.25, corner + 0.5)
    yield records.Region(
        **loose, question="region", response="", shape="box", points_xy=box, category="wrong", **source
    )
    for place, given in enumerate(responses):
        own = {**loose, "response": str(place)}
        for dimension in ("clarity", "truth"):
            value = random.randint(1, 5)
            yield records.Rating(**own, question="rating", dimension=dimension, value=value, low=1, high=5)
        yield records.Rating(**own, question="slider", value=random.randint(0, 200) / 2, low=0, high=100)
        yield records.Verdict(**own, question="binary", good=random.random() < 0.5)
        met = random.choice((True, False, None))
        yield records.Check(**own, question="rubric", criterion="sourced", met=met, points=5)
        yield records.Critique(**own, question="critique", aspect="strengths", text="Knapp & klar: “ja”")
        yield records.Revision(**own, question="revision", text=given.text.replace("round", "around"))
        start = random.randint(0, len(given.text) - 2)
        end = random.randint(start + 1, len(given.text))
        about = {"severity": "minor", "explanation": "Nobody says so.", "correction": "circles"}
        yield records.Span(**own, question="span", start=start, end=end, category="vague", **about)
        points = (0.1, 0.1, 0.9, 0.1, 0.5, 0.8)
        yield records.Region(**own, question="region", shape="polygon", points_xy=points, category="vague")


def said(item: Parsed) -> Counter[tuple[Any, ...]]:
    """Every record with its rater, as it can be counted; numbers are rounded as percentages round them."""
    found: Counter[tuple[Any, ...]] = Counter()
    for answer in item.answers:
        for record in answer.records:
            values = json.dumps({name: getattr(record, name) for name in type(record).__dataclass_fields__})
            alike = json.loads(values, parse_int=float, parse_float=lambda text: round(float(text), 9))
            found[record.name, answer.rater, json.dumps(alike, sort_keys=True)] += 1
    return found


def _checked(folder: Path) -> dict[str, Any]:
    uv = Path(sys.executable).with_name("uv")
    environment = folder / "venv"
    python = environment / "bin/python"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, environment],
        [uv, "pip", "install", "--quiet", "--python", python, SDK],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"{SDK} cannot be installed; it needs a package index: {done.stderr.strip()[-300:]}")
    done = subprocess.run([python, "-c", CHECK, folder], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"Label Studio's package does not parse the configuration: {done.stderr.strip()[-800:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    script(measure)
