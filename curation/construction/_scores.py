"""From a value of each response to pairs: within a prompt, and across prompts. Values are shares, in [0, 1]."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from curation.construction import Constructed, Item, Material, Response
from curation.pairs import prompt_text

Values = Mapping[str, Mapping[str, float]]  # by item, by response key

SETTINGS: dict[str, Any] = {
    "question": {"type": "string", "default": "", "title": "Question whose answers count", "description": "None: all."},
    "dimension": {
        "type": "string",
        "default": "",
        "title": "Dimension",
        "description": "None: the mean over all dimensions.",
    },
    "across": {
        "type": "boolean",
        "default": False,
        "title": "Across prompts too",
        "description": "The best with the worst of other prompts; the conversation then stands in the responses.",
    },
}
LEAST = {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "title": "Least gap, as a share of the scale"}


def means(values: Iterable[tuple[str, str, float]]) -> Values:
    """The mean of each response's values, from (item, response key, value) in any order."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for item, response, value in values:
        found[item][response].append(value)
    return {
        item: {key: round(sum(sorted(own)) / len(own), 9) for key, own in sorted(responses.items())}
        for item, responses in sorted(found.items())
    }


def wanted(record: Any, settings: Mapping[str, Any]) -> bool:
    """Whether a record is of the question and dimension that settings name."""
    right = settings["question"] in ("", record.question)
    return right and settings["dimension"] in ("", record.dimension)


def pairs_by_gap(values: Values, material: Material, gap: float, across: bool) -> Iterator[Constructed]:
    """Every two responses of an item whose values differ by ``gap`` or more; ties and unrated responses give none."""
    for name, own in values.items():
        item = material.items.get(name)
        for one, other in combinations(own, 2):
            if item is not None and abs(own[one] - own[other]) >= gap - 1e-9 and {one, other} <= item.responses.keys():
                high, low = (one, other) if own[one] > own[other] else (other, one)
                apart = round(own[high] - own[low], 4)
                yield Constructed(
                    item=name, prompt=item.prompt, group=item.group, better=item.responses[high],
                    worse=item.responses[low], strength=apart, note={"gap": apart},
                )  # fmt: skip
    if across:
        yield from _across(values, material, gap)


def _across(values: Values, material: Material, gap: float) -> Iterator[Constructed]:
    """The best with the worst, the next best with the next worst, and so on, each once and never of one prompt."""
    rated = sorted(
        (value, name, key)
        for name, own in values.items()
        for key, value in own.items()
        if name in material.items and key in material.items[name].responses
    )
    lows, highs = rated[: len(rated) // 2], rated[: -len(rated) // 2 - 1 : -1][: len(rated) // 2]
    for (low, worse, key), (high, better, other) in zip(lows, highs, strict=True):
        items = material.items[better], material.items[worse]
        if high - low >= gap - 1e-9 and items[0].prompt != items[1].prompt:
            yield Constructed(
                item=better, items=(worse,), prompt="[]", group=items[0].group, strength=high - low,
                better=_whole(items[0], other), worse=_whole(items[1], key),
                note={"gap": round(high - low, 4), "across": True},
            )  # fmt: skip


def _whole(item: Item, key: str) -> Response:
    """A response together with what it answers."""
    response = item.responses[key]
    asked = prompt_text(item.prompt) if json.loads(item.prompt) else ""
    return Response(f"{asked}\n\n{response.text}".strip(), response.media, response.model)
