"""Values of a mapping: what stands at a path of a row, and what is made of it by defaults, maps, numbers and texts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from curation.formats import RowError, clip
from curation.formats._fields import number, structure
from curation.pairs import content_hash

MAX_FILE = 16 * 1024**2  # bytes of a map_file


class MappingError(ValueError):
    """A mapping that cannot be used; the message says where and why."""


class Skip(Exception):
    """The record that is being made is to be left out."""


class Values:
    """The values of a mapping, with the files that its maps name.

    Parameters
    ----------
    mapping : what `language.read` gave.
    folder : where files named by ``map_file`` lie; None: nowhere.

    Raises
    ------
    MappingError
        If such a file is missing or is not a JSON object.
    """

    def __init__(self, mapping: Mapping[str, Any], folder: Path | None = None) -> None:
        self._files = {name: _map_file(name, folder) for name in set(_map_files(mapping))}

    def of(self, spec: Any, scope: "Scope") -> Any:
        """What a value of the mapping is for this row; raises Skip where a map says so."""
        if isinstance(spec, str):
            return scope.look(spec)
        if not isinstance(spec, Mapping):
            return spec
        if "constant" in spec:
            value = spec["constant"]
        elif "paths" in spec:
            found = [self.of(part, scope) for part in spec["paths"]]
            value = [part for part in found if part not in (None, "")]
        else:
            value = scope.look(spec["path"]) if "path" in spec else None
        if value in (None, "", []) and "default" in spec:
            value = spec["default"]
            if value == "skip":
                raise Skip
        if "split" in spec and isinstance(value, str):
            value = [part for part in value.split(spec["split"]) if part.strip()]
        if "part" in spec:
            inside = value if isinstance(value, list) else []
            value = inside[spec["part"]] if -len(inside) <= spec["part"] < len(inside) else None
        if "join" in spec and value is not None:
            parts = value if isinstance(value, list) else [value]
            value = spec["join"].join(as_text(part, "a part") for part in parts if part not in (None, ""))
        for table in (spec.get("map"), self._files.get(spec.get("map_file", ""))):
            if table is not None:
                value = _mapped(value, table, spec)
        if "first_wrong" in spec:
            value = _before(scope.place, scope.look(spec["first_wrong"]))
        if ("times" in spec or "add" in spec) and value is not None:
            value = as_number(value, "a value") * spec.get("times", 1) + spec.get("add", 0)
            value = int(value) if value == int(value) else value
        if "format" in spec and value not in (None, ""):
            value = spec["format"].replace("{}", as_text(value, "a value"))
        return content_hash(value)[:24] if "digest" in spec and value not in (None, "") else value


class Scope:
    """Where paths begin: a row, or an element of one of its lists."""

    def __init__(self, row: Mapping[str, Any], *here: Any, place: int = 0) -> None:
        self.row, self.here, self.place = row, here[0] if here else row, place

    def look(self, path: Any) -> Any:
        """What stands at a path; None where nothing does."""
        if path == ".":
            return self.here
        if path == "#":
            return self.place
        names = _names(path) if isinstance(path, str) else tuple(path)
        if names and names[0] == "$":
            return _at(self.row, names[1:])
        return _at(self.here, names)

    def each(self, path: Any) -> Iterator["Scope"]:
        """The elements of the list at a path, or of a list of paths; nothing where it is missing."""
        if isinstance(path, Mapping):
            found: Any = [self.look(one) for one in path["paths"]]
        else:
            found = structure(self.look(path), shown(path))
        if found in (None, ""):
            return
        if not isinstance(found, list):
            raise RowError(f"{clip(found)} stands at {shown(path)}; a list is expected.")
        for place, element in enumerate(found):
            yield Scope(self.row, element, place=place)


@lru_cache(maxsize=1024)
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _at(value: Any, names: Sequence[Any]) -> Any:
    for place, name in enumerate(names):
        if isinstance(value, str):
            value = structure(value, "the column")
        if name == "*":
            inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
            found = [_at(part, names[place + 1 :]) for part in inside]
            flat = [part for one in found for part in (one if isinstance(one, list) else [one])]
            return [part for part in flat if part is not None]
        if isinstance(value, Mapping):
            value = value.get(str(name))
        elif isinstance(value, list) and str(name).isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _mapped(value: Any, table: Mapping[str, Any], spec: Mapping[str, Any]) -> Any:
    word = as_word(value)
    if word in table:
        value = table[word]
    elif "otherwise" in spec:
        value = spec["otherwise"]
    else:
        known = ", ".join(list(table)[:12])
        raise RowError(f"{clip(value)} at {shown(spec)} is not in the map, which has {clip(known, 200)}.")
    if value == "skip":
        raise Skip
    return value


def _before(place: int, first: Any) -> int:
    if first in (None, ""):
        return 1
    first = as_number(first, "the first wrong step")
    if place > first:
        raise Skip
    return -1 if place == first else 1


def as_word(value: Any) -> str:
    """A value as a key of a map: null, true, 1, 1.5, or the text itself."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def as_text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return as_word(value)
    raise RowError(f"{clip(value)} is given for {name}; text is expected.")


def as_number(value: Any, name: str) -> float:
    found = number({name: value}, name)
    if found is None:
        raise RowError(f"{name} is empty; a number is expected.")
    return found


def shown(path: Any) -> str:
    if isinstance(path, Mapping):
        path = path.get("path", path)
    return repr(".".join(map(str, path)) if isinstance(path, list) else path)[:80]


def _map_files(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("map_file"), str):
            yield part["map_file"]
        for inside in part.values():
            yield from _map_files(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from _map_files(inside)


def _map_file(name: str, folder: Path | None) -> dict[str, Any]:
    try:
        if folder is None:
            raise ValueError("no files lie beside this source")
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file() or path.stat().st_size > MAX_FILE:
            raise ValueError("it is not beside the imported file, or too large")
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it is no JSON object")
    except (OSError, ValueError, RecursionError) as error:
        raise MappingError(f"map_file {name[:80]!r} cannot be used: {error}.") from error
    return found
