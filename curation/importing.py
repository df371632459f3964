"""Import a file or a hub dataset into a project: items, responses, tasks, and the votes that came along.

Rows stream through in constant memory. Rows that cannot be taken are listed with number and reason;
the others are imported. The same file twice changes nothing: items are known by their external id,
votes by task and rater.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
from annotate.models import Annotation, Form, Project, Question, Rater, Response, Task
from annotate.records import Critique, Preference, Record
from annotate.services import NewAnnotation, NewItem, NewResponse, add_annotations, add_items, raters, response_keys
from curation import formats, pairs, reading
from curation.formats import Parsed, ParsedVote, RowError

CHUNK = 500
MAX_ID = 255


@dataclass
class ImportResult:
    """What an import did.

    ``rows`` = ``items`` + ``known`` + ``rejected``; ``votes_rejected`` are votes of rows that were imported.
    ``rejected_file`` lists both, with row number and reason.
    """

    rows: int = 0
    items: int = 0
    known: int = 0
    rejected: int = 0
    votes: int = 0
    votes_known: int = 0
    votes_rejected: int = 0
    rejected_file: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Rejected:
    """The CSV of rejected rows: number and reason, opened only once there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.votes = 0
        self._file: Any = None

    def add(self, number: int, reason: str) -> None:
        """A row that was not imported."""
        self._write(number, reason)
        self.count += 1

    def add_vote(self, number: int, reason: str) -> None:
        """A vote of a row that was imported otherwise."""
        self._write(number, reason)
        self.votes += 1

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
    format: str,
    rejected_path: Path,
    group_by: str = "",
    progress: Progress = silent,
) -> ImportResult:
    """Import ``source`` (a file, a folder in the hub's layout, or ``hub:owner/name``).

    Parameters
    ----------
    format : name of an import format; `annotate.discovery.UnknownPlugin` lists those that exist.
    rejected_path : where rejected rows are listed, if there are any.
    group_by : field of the row whose value is the item's group, instead of the format's own choice.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        For an unknown format.
    curation.reading.UnsupportedSource
        For a source that cannot be read at all.
    """
    importer = Importer(project, formats.importer(format), Path(source) if _is_local(source) else None, group_by)
    rejected = Rejected(rejected_path)
    result = importer.result
    stream = reading.open_source(source)
    try:
        chunk: list[tuple[int, Parsed]] = []
        for row in stream:
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
        result.rejected, result.votes_rejected = rejected.count, rejected.votes
        result.rejected_file = str(rejected.path) if rejected.count or rejected.votes else ""
    return result


def _is_local(source: str | Path) -> bool:
    return not str(source).startswith("hub:")


def parse_row(format: ModuleType, data: dict[str, Any], group_by: str = "") -> Parsed:
    """One row of a format, with an id of its own; ``group_by``: field whose value is its group; raises RowError."""
    parsed: Parsed = format.parse(data)
    changes: dict[str, Any] = {}
    if group_by:
        if data.get(group_by) in (None, ""):
            raise RowError(f"The row has no {group_by!r} to group by.")
        changes["group"] = str(data[group_by])[:MAX_ID]
    if not parsed.external_id:
        content = pairs.canonical_json([parsed.prompt, parsed.media, [[r.text, r.media] for r in parsed.responses]])
        changes["external_id"] = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    if len(parsed.external_id) > MAX_ID:
        raise RowError(f"The id is longer than {MAX_ID} characters.")
    return replace(parsed, **changes)


class Importer:
    """Takes parsed rows into one project, a chunk at a time."""

    def __init__(self, project: Project, format: ModuleType, path: Path | None, group_by: str = "") -> None:
        self.project = project
        self.format = format
        self.folder = (path if path.is_dir() else path.parent) if path else None
        self.group_by = group_by
        self.form: Form = project.form
        self.questions = list(self.form.questions.all())
        self.pairwise = next((question for question in self.questions if question.kind == "pairwise"), None)
        self.critique = next((question for question in self.questions if question.kind == "critique"), None)
        self.result = ImportResult()
        self._raters: dict[str, Rater] = {}
        self._fits: dict[tuple[Any, ...], str] = {}

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
        if self.pairwise is not None and any(parsed.votes for _, parsed in kept):
            self._take_votes(kept, ids, keys, rejected)

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
            media=tuple(self._stored(name) for name in parsed.media),
            group=parsed.group,
            gold=parsed.gold,
            metadata=dict(parsed.metadata),
            criteria=_criteria(parsed.criteria),
            responses=tuple(
                NewResponse(
                    text=response.text,
                    model=response.model[:200],
                    media=tuple(self._stored(name) for name in response.media),
                    metadata=response.metadata,
                )
                for response in parsed.responses
            ),
        )

    def _stored(self, name: str) -> str:
        """Store a media file that lies beside the imported one; nothing outside that folder is ever read."""
        shown = formats.clip(name)
        if name.startswith("sha256:"):
            digest = name.removeprefix("sha256:")
            if not MediaFile.objects.filter(organisation=self.project.organisation, digest=digest).exists():
                raise RowError(f"There is no stored file {shown}.")
            return name
        if "://" in name or self.folder is None:
            raise RowError(f"Media must lie beside the imported file; {shown} does not.")
        try:
            path = (self.folder / name).resolve()
            if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
                raise RowError(f"The media file {shown} is not in the folder of the imported file.")
            if path.stat().st_size > settings.MEDIA_MAX_BYTES:
                raise RowError(f"The media file {shown} has over {settings.MEDIA_MAX_BYTES // 1024**2} MB.")
            content = path.read_bytes()
        except OSError as error:  # a name too long, a loop of links, no right to read
            raise RowError(f"The media file {shown} cannot be read: {error.strerror}.") from error
        try:
            return store(organisation=self.project.organisation, content=content, name=Path(name).name).ref
        except ValidationError as error:
            raise RowError(" ".join(error.messages)) from error

    def _take_votes(
        self,
        kept: list[tuple[int, Parsed]],
        ids: Mapping[str, int],
        keys: Mapping[str, list[str]],
        rejected: Rejected,
    ) -> None:
        tasks: dict[tuple[int, str], Task] = {}
        for task in Task.objects.filter(item__in=ids.values()).select_related("item"):
            tasks[task.item_id, task.subject] = task
        self._make_raters(vote.rater for _, parsed in kept for vote in parsed.votes)
        annotations: list[NewAnnotation] = []
        for number, parsed in kept:
            item_id = ids[parsed.external_id]
            for (rater, a, b), votes in _by_answer(parsed.votes).items():
                a, b = sorted((a, b))
                own = keys[parsed.external_id]
                task = tasks.get((item_id, f"{own[a]}:{own[b]}"))
                if task is None:
                    rejected.add_vote(number, f"The vote of {rater!r} is on responses that no task compares.")
                    continue
                try:
                    answers = self._answers(task, votes, (a, b))
                except feedback.InvalidAnswer as error:
                    rejected.add_vote(number, f"The vote of {rater!r} does not fit the form: {error}")
                    continue
                annotations.append(
                    NewAnnotation(
                        task=task,
                        rater=self._raters[rater],
                        answers=answers,
                        seconds=votes[0].seconds,
                        submitted_at=_moment(votes[0].submitted_at),
                        shown=_shown(own, votes[0].first, (a, b)),
                    )
                )
        added = add_annotations(form=self.form, annotations=annotations, status=Annotation.Status.COUNTED)
        self.result.votes += added
        self.result.votes_known += len(annotations) - added

    def _answers(self, task: Task, votes: list[ParsedVote], order: tuple[int, int]) -> dict[str, Any]:
        """Answers to the form that say what the votes say, checked once for every shape of vote."""
        assert self.pairwise is not None
        records = list(self._records(task, votes, order))
        answers: dict[str, Any] = {}
        for question in filter(None, (self.pairwise, self.critique)):
            asked = self._asked(question, task)
            answer = feedback.get(question.kind).from_records(records, asked)
            if answer is None:
                continue
            if question is self.pairwise:
                shape = tuple((vote.outcome, vote.strength, vote.scale, vote.dimension) for vote in votes)
                if shape not in self._fits:
                    self._fits[shape] = _fault(question.kind, answer, asked)
                if self._fits[shape]:
                    raise feedback.InvalidAnswer(self._fits[shape])
            elif _fault(question.kind, answer, asked):
                continue  # a reason that this form would not take is no ground to lose the vote
            answers[question.name] = answer
        return answers

    def _asked(self, question: Question, task: Task) -> feedback.Asked:
        settings = feedback.settings_with_defaults(question.kind, question.settings)
        stamp = {"item": task.item.external_id, "rater": ""}
        return feedback.Asked(question.name, settings, tuple(task.responses), stamp=stamp)

    def _records(self, task: Task, votes: list[ParsedVote], order: tuple[int, int]) -> Iterator[Record]:
        first, second = task.responses
        source = {"item": task.item.external_id, "rater": votes[0].rater}
        for vote in votes:
            swapped = (vote.a, vote.b) != order
            outcome = {"a": "b", "b": "a"}.get(vote.outcome, vote.outcome) if swapped else vote.outcome
            yield Preference(
                **source,
                question=self.pairwise.name if self.pairwise else "",
                dimension=vote.dimension,
                a=first,
                b=second,
                outcome=outcome,  # type: ignore[arg-type]
                strength=vote.strength,
                scale=vote.scale,
            )
        reason = next((vote.reason for vote in votes if vote.reason.strip()), "")
        if reason and self.critique is not None:
            yield Critique(**source, question=self.critique.name, response="", text=reason)

    def _make_raters(self, names: Iterable[str]) -> None:
        missing = set(names) - self._raters.keys()
        if missing:
            self._raters |= raters(organisation=self.project.organisation, kind=Rater.Kind.IMPORT, names=missing)


def _by_answer(votes: Iterable[ParsedVote]) -> dict[tuple[str, int, int], list[ParsedVote]]:
    """Votes that are one answer: one rater on one pair, over its dimensions."""
    answers: dict[tuple[str, int, int], list[ParsedVote]] = defaultdict(list)
    for vote in votes:
        answers[vote.rater, min(vote.a, vote.b), max(vote.a, vote.b)].append(vote)
    return answers


def _criteria(given: Any) -> tuple[Mapping[str, Any], ...]:
    try:
        return tuple(feedback.filled(list(given), rubric.CRITERIA))
    except (feedback.InvalidAnswer, TypeError) as error:
        raise RowError(f"The item's criteria are not as they should be: {error}") from error


def _shown(keys: Sequence[str], first: int | None, pair: tuple[int, int]) -> tuple[str, ...]:
    """The two keys in the order in which the rater saw them; empty where nobody knows."""
    return () if first is None else tuple(keys[index] for index in sorted(pair, key=lambda index: index != first))


def _fault(kind: str, answer: Any, asked: feedback.Asked) -> str:
    try:
        feedback.validate(kind, answer, asked)
    except feedback.InvalidAnswer as error:
        return str(error)
    return ""


def _moment(text: str) -> datetime | None:
    moment = parse_datetime(text) if text else None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
