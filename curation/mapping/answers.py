"""Answers of a mapping: the records that its entries make of a row; one answer for each rater and what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from annotate import records
from curation.formats import ParsedAnswer, RowError, clip
from curation.formats._fields import IMPORTER, number, structure
from curation.mapping.values import Scope, Skip, Values, as_number, as_text, as_word


class Answers:
    """The entries under ``answers`` of a mapping."""

    def __init__(self, specs: Sequence[Mapping[str, Any]], values: Values) -> None:
        self._specs = specs
        self._value = values.of

    def of(self, scope: Scope, keys: Mapping[str, int], count: int) -> tuple[ParsedAnswer, ...]:
        said: dict[tuple[str, tuple[int, ...]], list[records.Record]] = {}
        more: dict[tuple[str, tuple[int, ...]], dict[str, Any]] = {}
        for place, spec in enumerate(self._specs, 1):
            for fields, inside in self._occasions(spec, scope):
                try:
                    record = self._record(spec, fields, inside, keys, f"answer {place} of the mapping")
                    rater = as_text(self._value(spec.get("rater", {"constant": IMPORTER}), inside), "the rater")
                    about = [_index(self._value(part, inside), keys) for part in spec.get("responses", ())]
                except Skip:
                    continue
                if any(not index.isdigit() or int(index) >= count for index in about):
                    raise RowError(f"answer {place} of the mapping is about a response that the row does not have.")
                who = rater, tuple(sorted(map(int, about)))
                said.setdefault(who, []).append(record)
                if who not in more:
                    given = {name: self._value(spec.get(name), inside) for name in ("seconds", "submitted_at")}
                    seconds = number(given, "seconds")
                    moment = _moment(as_text(given["submitted_at"], "submitted_at"))
                    more[who] = {"seconds": seconds, "submitted_at": moment}
        return tuple(ParsedAnswer(who[0], tuple(own), who[1], **more[who]) for who, own in said.items())

    def _occasions(self, spec: Mapping[str, Any], scope: Scope) -> Iterator[tuple[Mapping[str, Any], Scope]]:
        """The fields of every record that an entry makes, with where their paths begin."""
        if "each" not in spec:
            yield spec["fields"], scope
            return
        inside = list(scope.each(spec["each"]))
        for one in inside:
            yield spec["fields"], one
        if not inside and "empty" in spec:
            yield spec["empty"], scope

    def _record(
        self, spec: Mapping[str, Any], fields: Mapping[str, Any], scope: Scope, keys: Mapping[str, int], name: str
    ) -> records.Record:
        types = records.field_types(spec["record"])
        plain: dict[str, Any] = {"record": spec["record"], "question": spec.get("question", "")}
        for field, part in fields.items():
            value = self._value(part, scope)
            if field in ("response", "a", "b"):
                plain[field] = _index(value, keys)
            elif field == "ranks":
                plain[field] = _ranks(value)
            elif value is not None or type(None) in get_args(types[field]):
                plain[field] = _typed(value, types[field], f"{field} of {name}")
        if plain.get("strength") == 0 and plain.get("outcome") in ("a", "b"):
            del plain["strength"]
        if plain.get("outcome") in ("tie", "both_bad"):
            plain["strength"] = 0
        try:
            return records.from_plain(plain)
        except ValueError as error:
            raise RowError(f"In {name}: {error}") from error


def _index(value: Any, keys: Mapping[str, int]) -> str:
    """The place of a response that is named by its place or its key, as records name it; "" for all together."""
    if value in (None, ""):
        return ""
    word = as_word(value)
    if word in keys:
        return str(keys[word])
    if not word.isdigit():
        raise RowError(f"There is no response {clip(value)}.")
    return word


def _ranks(value: Any) -> dict[str, int]:
    """Ranks by response from a list in the order of the responses; null is not ranked."""
    value = structure(value, "ranks")
    if not isinstance(value, list):
        raise RowError(f"{clip(value)} is given for ranks; a list in the order of the responses is expected.")
    ranked = {place: rank for place, rank in enumerate(value) if rank not in (None, "")}
    return {str(place): int(as_number(rank, "a rank")) for place, rank in ranked.items()}


def _typed(value: Any, kind: Any, name: str) -> Any:
    """A value as the type of its field, from the text of a table where it must be."""
    wanted = next((part for part in get_args(kind) if part in (int, float, bool)), kind)
    if wanted in (int, float) and isinstance(value, str):
        return None if value == "" else as_number(value, name)
    if wanted is bool and as_word(value).lower() in ("true", "false", "1", "0", "yes", "no"):
        return as_word(value).lower() in ("true", "1", "yes")
    if wanted is str:
        return as_text(value, name)
    return structure(value, name)


def _moment(text: str) -> str:
    """A time as ISO 8601; one that stands otherwise is left out, for it labels nothing."""
    try:
        return datetime.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        return ""
