"""Import a file or a hub dataset into a project: items, responses, tasks, and the answers that came along.

Rows stream through in constant memory. Rows that cannot be taken are listed with number and reason;
the others are imported. The same file twice changes nothing: items are known by their external id,
answers by task and rater.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from annotate import feedback
from annotate.feedback import rubric
from annotate.jobs.registry import Progress, silent
from annotate.media.models import MediaFile
from annotate.media.services import store
from annotate.models import Annotation, Form, Project, Rater, Response, Task
from annotate.records import Record
from annotate.services import (
    NewAnnotation,
    NewItem,
    NewResponse,
    add_annotations,
    add_items,
    add_tasks,
    raters,
    response_keys,
)
from curation import formats, pairs, reading
from curation.fitting import AskedOf, Fitting
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, RowError
from curation.mapping import Mapped
from curation.mapping import read as read_mapping

CHUNK = 500
MAX_ID = 255


class MissingMedia(RowError):
    """A media file that is not where the row says."""


@dataclass
class ImportResult:
    """What an import did.

    ``rows`` = ``items`` + ``known`` + ``rejected``; ``answers_rejected`` are answers, or what one of them
    says to one question, of rows that were imported. ``rejected_file`` lists both, with row number and reason.
    ``left_out`` counts, by reason, what the project's form does not ask for.
    """

    rows: int = 0
    items: int = 0
    known: int = 0
    rejected: int = 0
    answers: int = 0
    answers_known: int = 0
    answers_rejected: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rejected_file: str = ""

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count what was not taken, though nothing is wrong with it."""
        if count:
            self.left_out[reason] = self.left_out.get(reason, 0) + count

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Rejected:
    """The CSV of rejected rows: number and reason, opened only once there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.answers = 0
        self._file: Any = None

    def add(self, number: int, reason: str) -> None:
        """A row that was not imported."""
        self._write(number, reason)
        self.count += 1

    def add_answer(self, number: int, reason: str) -> None:
        """An answer of a row that was imported otherwise."""
        self._write(number, reason)
        self.answers += 1

    def _write(self, number: int, reason: str) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", newline="", encoding="utf-8")
            csv.writer(self._file).writerow(["row", "reason"])
        csv.writer(self._file).writerow([number, formats.safe_cell(reason)])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def import_items(
    *,
    project: Project,
    source: str | Path,
    rejected_path: Path,
    format: str = "",
    mapping: str = "",
    group_by: str = "",
    progress: Progress = silent,
) -> ImportResult:
    """Import ``source`` (a file, a folder in the hub's layout, or ``hub:owner/name``).

    Parameters
    ----------
    format : name of an import format; `annotate.discovery.UnknownPlugin` lists those that exist.
    mapping : instead of a format: YAML that says what the columns mean, see `curation.mapping`.
    rejected_path : where rejected rows are listed, if there are any.
    group_by : field of the row whose value is the item's group, instead of the format's own choice.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        For an unknown format.
    curation.mapping.MappingError
        For a mapping that cannot be used.
    curation.reading.UnsupportedSource
        For a source that cannot be read at all.
    """
    path = Path(source) if _is_local(source) else None
    folder = (path if path.is_dir() else path.parent) if path else None
    parser = Mapped(read_mapping(mapping), folder) if mapping else formats.importer(format)
    importer = Importer(project, parser, folder, group_by)
    rejected = Rejected(rejected_path)
    result = importer.result
    stream = reading.open_source(source)
    try:
        chunk: list[tuple[int, Parsed]] = []
        for row in parser.rows(stream) if isinstance(parser, Mapped) else stream:
            result.rows += 1
            try:
                if row.error is not None or row.data is None:
                    raise RowError(row.error or "The row is empty.")
                chunk.append((row.number, importer.parse(row.data)))
            except RowError as error:
                rejected.add(row.number, str(error))
            if len(chunk) >= CHUNK:
                importer.take(chunk, rejected)
                chunk = []
                progress(stream.position, stream.size, f"{result.rows:,} rows read, {rejected.count:,} rejected")
        importer.take(chunk, rejected)
    finally:
        stream.close()
        rejected.close()
        result.rejected, result.answers_rejected = rejected.count, rejected.answers
        result.rejected_file = str(rejected.path) if rejected.count or rejected.answers else ""
    return result


def _is_local(source: str | Path) -> bool:
    return not str(source).startswith("hub:")


def parse_row(format: ModuleType | Mapped, data: dict[str, Any], group_by: str = "") -> Parsed:
    """One row of a format, with an id of its own; ``group_by``: field whose value is its group; raises RowError."""
    parsed: Parsed = format.parse(data)
    changes: dict[str, Any] = {}
    if group_by:
        if data.get(group_by) in (None, ""):
            raise RowError(f"The row has no {group_by!r} to group by.")
        changes["group"] = str(data[group_by])[:MAX_ID]
    if not parsed.external_id:
        content = [parsed.prompt, parsed.media, [[r.text, r.media] for r in parsed.responses]]
        changes["external_id"] = pairs.content_hash(content)[:24]
    if len(parsed.external_id) > MAX_ID:
        raise RowError(f"The id is longer than {MAX_ID} characters.")
    return replace(parsed, **changes)


class Importer:
    """Takes parsed rows into one project, a chunk at a time."""

    def __init__(self, project: Project, format: ModuleType | Mapped, folder: Path | None, group_by: str = "") -> None:
        self.project = project
        self.format = format
        self.folder = folder
        self.keeps_missing_media = isinstance(format, Mapped) and format.keeps_missing_media
        self.group_by = group_by
        self.form: Form = project.form
        self.fitting = Fitting(self.form)
        self.result = ImportResult()
        self._raters: dict[str, Rater] = {}

    def parse(self, data: dict[str, Any]) -> Parsed:
        """One row, understood; raises RowError."""
        return parse_row(self.format, data, self.group_by)

    def take(self, chunk: list[tuple[int, Parsed]], rejected: Rejected) -> None:
        """Import a chunk of parsed rows."""
        keys = self._known_keys(parsed.external_id for _, parsed in chunk)
        items: list[NewItem] = []
        kept: list[tuple[int, Parsed]] = []
        new = 0
        for number, parsed in chunk:
            try:
                item = self._item(parsed)
                own = response_keys(item)
                if keys.get(item.external_id, own) != own:
                    raise RowError(f"The id {formats.clip(item.external_id)} is known already, with other responses.")
            except RowError as error:
                rejected.add(number, str(error))
                continue
            new += item.external_id not in keys
            keys[item.external_id] = own
            items.append(item)
            kept.append((number, parsed))
        if not items:
            return
        ids = add_items(project=self.project, items=items)
        self.result.items += new
        self.result.known += len(items) - new
        if any(parsed.votes or parsed.answers for _, parsed in kept):
            self._take_answers(kept, ids, keys, rejected)

    def _known_keys(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """Response keys, in their order, of those items that the project has already."""
        keys: dict[str, list[str]] = defaultdict(list)
        rows = Response.objects.filter(item__project=self.project, item__external_id__in=set(ids))
        for external_id, key in rows.order_by("item", "index").values_list("item__external_id", "key"):
            keys[external_id].append(key)
        return dict(keys)

    def _item(self, parsed: Parsed) -> NewItem:
        return NewItem(
            external_id=parsed.external_id,
            prompt=parsed.prompt,
            media=self._media(parsed.media)[0],
            group=parsed.group,
            gold=parsed.gold,
            metadata=dict(parsed.metadata),
            criteria=_criteria(parsed.criteria),
            responses=tuple(self._response(response) for response in parsed.responses),
        )

    def _response(self, response: ParsedResponse) -> NewResponse:
        media, missing = self._media(response.media)
        return NewResponse(
            text=response.text or "\n".join(f"[{name}]" for name in missing),
            model=response.model[:200],
            media=media,
            metadata={**response.metadata, "missing_media": missing} if missing else response.metadata,
        )

    def _media(self, names: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
        """References of stored files, and the names of those that are missing, where those may be."""
        stored, missing = [], []
        for name in names:
            try:
                stored.append(self._stored(name))
            except MissingMedia:
                if not self.keeps_missing_media:
                    raise
                missing.append(name)
        self.result.leave_out("A media file is missing; its name stands in its place.", len(missing))
        return tuple(stored), missing

    def _stored(self, name: str) -> str:
        """Store a media file that lies beside the imported one; nothing outside that folder is ever read."""
        shown = formats.clip(name)
        if name.startswith("sha256:"):
            digest = name.removeprefix("sha256:")
            if not MediaFile.objects.filter(organisation=self.project.organisation, digest=digest).exists():
                raise RowError(f"There is no stored file {shown}.")
            return name
        if "://" in name or self.folder is None:
            raise MissingMedia(f"Media must lie beside the imported file; {shown} does not.")
        try:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
                raise MissingMedia(f"The media file {shown} is not in the folder of the imported file.")
            if path.stat().st_size > settings.MEDIA_MAX_BYTES:
                raise RowError(f"The media file {shown} has over {settings.MEDIA_MAX_BYTES // 1024**2} MB.")
            content = path.read_bytes()
        except OSError as error:  # a name too long, a loop of links, no right to read
            raise RowError(f"The media file {shown} cannot be read: {error.strerror}.") from error
        try:
            return store(organisation=self.project.organisation, content=content, name=Path(name).name).ref
        except ValidationError as error:
            raise RowError(" ".join(error.messages)) from error

    def _take_answers(
        self,
        kept: list[tuple[int, Parsed]],
        ids: Mapping[str, int],
        keys: Mapping[str, list[str]],
        rejected: Rejected,
    ) -> None:
        gathered = self._gathered(kept, keys)
        tasks = self._tasks(gathered, ids, keys)
        self._make_raters(answer.rater for own in gathered.values() for answer in own.values())
        annotations: list[NewAnnotation] = []
        for (external_id, indices), answers in gathered.items():
            task = tasks.get((ids[external_id], _subject(keys[external_id], indices)))
            asked = AskedOf(task) if task is not None else None
            for answer in answers.values():
                if task is None or asked is None:
                    reason = f"The answer of {answer.rater!r} is about responses that no task shows together."
                    rejected.add_answer(answer.number, reason)
                    continue
                fitted = self.fitting.fit(task, indices, answer.records, asked)
                for fault in fitted.faults:
                    rejected.add_answer(answer.number, f"The answer of {answer.rater!r} does not fit the form: {fault}")
                self._leave_out(fitted.unasked)
                if not fitted.answers:
                    continue
                annotations.append(
                    NewAnnotation(
                        task=task,
                        rater=self._raters[answer.rater],
                        answers=fitted.answers,
                        seconds=answer.first.seconds,
                        submitted_at=_moment(answer.first.submitted_at),
                        shown=_shown(keys[external_id], answer.first.shown, indices),
                    )
                )
        added = add_annotations(form=self.form, annotations=annotations, status=Annotation.Status.COUNTED)
        self.result.answers += added
        self.result.answers_known += len(annotations) - added

    def _leave_out(self, records: Iterable[Record]) -> None:
        """Count records for which the form has no question."""
        for record in records:
            self.result.leave_out(f"The form has no question for a {record.name.replace('_', ' ')}.")

    def _gathered(
        self, kept: list[tuple[int, Parsed]], keys: Mapping[str, list[str]]
    ) -> dict[tuple[str, tuple[int, ...]], dict[str, "_Gathered"]]:
        """What each rater says about each task: {(external id, indices of its responses): {rater: records}}."""
        gathered: dict[tuple[str, tuple[int, ...]], dict[str, _Gathered]] = {}
        for number, parsed in kept:
            for answer in formats.answers_of(parsed):
                asked_for = [record for record in answer.records if self.fitting.asks_for(record)]
                if len(asked_for) < len(answer.records):
                    self._leave_out(record for record in answer.records if not self.fitting.asks_for(record))
                    if not asked_for:
                        continue
                for indices, records in self.fitting.by_task(answer, asked_for, len(keys[parsed.external_id])):
                    own = gathered.setdefault((parsed.external_id, indices), {})
                    found = own.setdefault(answer.rater, _Gathered(number, answer, []))
                    if found.number == number:
                        found.records += records
                    else:  # a rater who answers a task again in a later row has answered it already
                        self.result.answers_known += 1
        return gathered

    def _tasks(
        self, wanted: Iterable[tuple[str, tuple[int, ...]]], ids: Mapping[str, int], keys: Mapping[str, list[str]]
    ) -> dict[tuple[int, str], Task]:
        """The items' tasks; where the form may show any number of responses, those missing are made."""
        tasks = self._found_tasks(ids.values())
        if self.fitting.arity is None:
            missing = {
                (ids[name], tuple(keys[name][index] for index in indices))
                for name, indices in wanted
                if indices and (ids[name], _subject(keys[name], indices)) not in tasks
            }
            if missing:
                add_tasks(project=self.project, subjects=sorted(missing))
                tasks = self._found_tasks(ids.values())
        return tasks

    def _found_tasks(self, items: Iterable[int]) -> dict[tuple[int, str], Task]:
        found = Task.objects.filter(item__in=items).select_related("item").prefetch_related("item__responses")
        return {(task.item_id, task.subject): task for task in found}

    def _make_raters(self, names: Iterable[str]) -> None:
        missing = set(names) - self._raters.keys()
        if missing:
            self._raters |= raters(organisation=self.project.organisation, kind=Rater.Kind.IMPORT, names=missing)


@dataclass
class _Gathered:
    """One rater's records about one task, from row ``number``; ``first`` knows times and the order shown."""

    number: int
    first: ParsedAnswer
    records: list[Record]

    @property
    def rater(self) -> str:
        return self.first.rater


def _subject(keys: Sequence[str], indices: Iterable[int]) -> str:
    return ":".join(keys[index] for index in indices)


def _shown(keys: Sequence[str], shown: Sequence[int], indices: Sequence[int]) -> tuple[str, ...]:
    """The task's keys in the order in which the rater saw them; empty where nobody knows."""
    seen = [index for index in shown if index in indices]
    return tuple(keys[index] for index in seen) if len(seen) == len(indices) else ()


def _criteria(given: Any) -> tuple[Mapping[str, Any], ...]:
    try:
        return tuple(feedback.filled(list(given), rubric.CRITERIA))
    except (feedback.InvalidAnswer, TypeError) as error:
        raise RowError(f"The item's criteria are not as they should be: {error}") from error


def _moment(text: str) -> datetime | None:
    moment = parse_datetime(text) if text else None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
