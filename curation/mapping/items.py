"""Items of a mapping: each row, or all rows gathered by a value, as a prompt with responses, criteria and media."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from curation.formats import MAX_RESPONSES, Parsed, ParsedResponse, RowError, clip
from curation.formats._fields import messages
from curation.mapping.answers import Answers
from curation.mapping.values import Scope, Skip, Values, as_number, as_text, as_word, shown

MAX_GATHERED = 200_000  # rows that are held while they are gathered


class Mapped:
    """A mapping at work: to an importer it is a format like any other.

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
        self.mapping = mapping
        self.keeps_missing_media = mapping.get("missing_media") == "keep_name"
        values = Values(mapping, folder)
        self._value = values.of
        self._answers = Answers(mapping.get("answers", ()), values)

    def rows(self, stream: Iterable[Any]) -> Iterator[Any]:
        """The rows to parse: those of the stream, or where the mapping gathers, one for each value with its ``rows``.

        Gathered rows are held in memory, `MAX_GATHERED` of them at most; each has the fields of the first.
        """
        if "gather" not in self.mapping:
            yield from stream
            return
        gathered: dict[str, Any] = {}
        held = 0
        for row in stream:
            if row.data is None:
                yield row
                continue
            held += 1
            if held > MAX_GATHERED:
                yield row._replace(data=None, error=f"Over {MAX_GATHERED:,} rows; no more are gathered at a time.")
                continue
            value = Scope(row.data).look(self.mapping["gather"])
            if value in (None, ""):
                yield row._replace(data=None, error=f"The row has no {self.mapping['gather']!r} to gather by.")
                continue
            first = gathered.setdefault(as_word(value), row._replace(data={**row.data, "rows": []}))
            first.data["rows"].append(row.data)
        yield from gathered.values()

    def parse(self, row: Mapping[str, Any]) -> Parsed:
        """One row as an item with its answers; raises RowError."""
        scope, mapping = Scope(row), self.mapping
        try:
            responses, keys = self._responses(scope)
            return Parsed(
                self._prompt(scope),
                responses,
                external_id=as_text(self._value(mapping.get("id"), scope), "id"),
                group=as_text(self._value(mapping.get("group"), scope), "group"),
                gold=as_text(self._value(mapping.get("gold"), scope), "gold"),
                media=self._media(mapping.get("media"), scope),
                criteria=tuple(self._criteria(scope)),
                metadata=self._metadata(mapping.get("metadata"), scope),
                answers=self._answers.of(scope, keys, len(responses)),
            )
        except Skip:
            raise RowError("A map leaves out what no item can be without.") from None

    # ---- the parts of an item ----

    def _prompt(self, scope: Scope) -> list[dict[str, str]]:
        spec = self.mapping["prompt"]
        if isinstance(spec, list):
            said = [(part.get("role", {"constant": "user"}), self._value(part["content"], scope)) for part in spec]
            return [
                {"role": as_text(self._value(role, scope), "a role"), "content": as_text(content, "the prompt")}
                for role, content in said
                if content not in (None, "")
            ]
        value = self._value(spec, scope)
        if value in (None, ""):
            raise RowError(f"There is nothing for the prompt at {shown(spec)}; the row has {clip(sorted(scope.row))}.")
        return messages(value if isinstance(value, str | list) else as_text(value, "the prompt"), "the prompt")

    def _responses(self, scope: Scope) -> tuple[tuple[ParsedResponse, ...], dict[str, int]]:
        """The responses, and their places by their keys; of several with the same key the first counts."""
        spec = self.mapping["responses"]
        made: list[ParsedResponse] = []
        keys: dict[str, int] = {}
        for part, inside in self._parts(spec, scope):
            key = as_word(self._value(part.get("key"), inside)) if "key" in part else ""
            if key in keys:
                continue
            keys |= {key: len(made)} if key else {}
            if len(made) == MAX_RESPONSES:
                raise RowError(f"The row has more than {MAX_RESPONSES} responses.")
            made.append(
                ParsedResponse(
                    as_text(self._value(part.get("text"), inside), "a response"),
                    as_text(self._value(part.get("model"), inside), "the model of a response"),
                    self._media(part.get("media"), inside),
                    self._metadata(part.get("metadata"), inside),
                )
            )
        return tuple(made), keys

    def _criteria(self, scope: Scope) -> Iterator[dict[str, Any]]:
        for part, inside in self._parts(self.mapping.get("criteria", ()), scope):
            made: dict[str, Any] = {}
            for name, spec in part.items():
                value = self._value(spec, inside)
                if value is not None:
                    made[name] = (
                        as_number(value, "points") if name == "points" else as_text(value, f"a criterion's {name}")
                    )
            if made.get("text"):
                yield made

    def _parts(self, spec: Any, scope: Scope) -> Iterator[tuple[Mapping[str, Any], Scope]]:
        if isinstance(spec, Mapping):
            part = {name: value for name, value in spec.items() if name != "list"}
            for inside in scope.each(spec["list"]):
                yield part, inside
        else:
            for part in spec:
                yield part, scope

    def _media(self, spec: Any, scope: Scope) -> tuple[str, ...]:
        if spec is None:
            return ()
        found = [self._value(part, scope) for part in (spec if isinstance(spec, list) else [spec])]
        flat = [name for value in found for name in (value if isinstance(value, list) else [value])]
        return tuple(as_text(name, "media") for name in flat if name not in (None, ""))

    def _metadata(self, spec: Any, scope: Scope) -> dict[str, Any]:
        specs = {name: name for name in spec} if isinstance(spec, list) else spec or {}
        values = {name: self._value(part, scope) for name, part in specs.items()}
        return {name: value for name, value in values.items() if value is not None}
