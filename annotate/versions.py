"""What changed between two versions of a form, in words. Pure: knows no Django.

A form is what `annotate.models.Form.spec` gives: [{"name", "kind", "title", "settings", …}].
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

MOST = 120  # characters of a value
Spec = Sequence[Mapping[str, Any]]


class Change(NamedTuple):
    """``what`` happened to a ``question`` ("added", "removed", "moved", "changed"); a change at ``path``, in words."""

    what: str
    question: str
    path: str = ""
    before: str = ""
    after: str = ""


def changes(before: Spec, after: Spec) -> list[Change]:
    """What became of each question, by its name; then those whose order among the others changed."""
    old = {question["name"]: question for question in before}
    new = {question["name"]: question for question in after}
    found = [Change("removed", str(old[name]["title"])) for name in old if name not in new]
    for name, question in new.items():
        if name not in old:
            found.append(Change("added", str(question["title"])))
            continue
        for path, was, now in _differences(old[name], question, ""):
            found.append(Change("changed", str(question["title"]), path, was, now))
    kept_before, kept_after = [name for name in old if name in new], [name for name in new if name in old]
    for place, name in enumerate(kept_after):
        if kept_before[place] != name:
            found.append(Change("moved", str(new[name]["title"])))
    return found


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """(path, before, after) of every part that differs; named things are told apart by their names."""
    if before == after:
        return
    a, b = _parts(before), _parts(after)
    if a is None or b is None:
        yield path, _shown(before), _shown(after)
        return
    for name in [*a, *(name for name in b if name not in a)]:
        yield from _differences(a.get(name), b.get(name), f"{path} › {name}" if path else name)
    if list(a) != list(b) and a.keys() == b.keys() and isinstance(before, list):
        yield path, ", ".join(a), ", ".join(b)


def _parts(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return value
    if value and isinstance(value, list) and all(isinstance(part, Mapping) and "name" in part for part in value):
        return {str(part["name"]): part for part in value}
    return None


def _shown(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST else f"{text[:MOST]}…"
