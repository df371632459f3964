"""A whole project as a folder of files, and a project made of such a folder.

    form.json      {"name": "…", "guidelines": "…", "questions": [{"name", "kind", "title", "help", …}]}
    items.jsonl    an item a line with the current answers of all raters, in one of the formats
    media/         the files that items and responses refer to, named by their SHA-256

Items stream through in constant memory. Raters are people: they leave as rater-1, rater-2, … unless their names are
asked for. Late answers and drafts stay behind, as do answers that a later one replaced.
"""

import json
import mimetypes
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from annotate import feedback, selectors, services
from annotate.access.models import Organisation, User
from annotate.jobs.registry import Progress, silent
from annotate.media.models import MediaFile
from annotate.models import Annotation, Item, Project
from annotate.records import readdressed
from curation import formats
from curation.exporting import COMMON, Pseudonyms, replaced_folder, write_rows
from curation.formats import Parsed, ParsedAnswer, ParsedResponse, RowError

CHUNK = 200
PREFIX = "sha256:"
OPTIONS = {
    **COMMON,
    "media": {
        "type": "boolean",
        "default": True,
        "title": "Media",
        "description": "Pictures and other files lie beside the items; without, the items only name them.",
    },
}


class NoProject(ValueError):
    """A folder that holds no exported project; the message says what is wrong with it."""


def options_schema(format: str) -> dict[str, Any]:
    """JSON Schema of all options of a project export; raises `annotate.discovery.UnknownPlugin`."""
    schema = formats.item_exporter(format).OPTIONS
    return {**schema, "properties": {**schema["properties"], **OPTIONS}}


def export_project(
    *, project: Project, out: Path, format: str = "touchstone", options: Mapping[str, Any], progress: Progress = silent
) -> dict[str, Any]:
    """Write a project into the folder ``out``, which is made or replaced as a whole.

    Returns
    -------
    Plain JSON: ``format``, ``items`` and ``answers`` written, ``media`` files, and ``left_out`` by reason.

    Raises
    ------
    annotate.discovery.UnknownPlugin, formats.OptionError
    FileExistsError
        If ``out`` exists and is no earlier export.
    """
    module = formats.item_exporter(format)
    chosen = formats.filled_options(options_schema(format), options)
    writer = _Writer(project, chosen.pop("raters"), chosen.pop("media"))
    if out.exists() and not (out / "form.json").is_file():
        raise FileExistsError(f"{out.name} exists and holds other files; choose another folder for the export.")
    left_out = Counter[str]()
    counts = {"items": 0, "answers": 0}
    total = project.items.count()
    questions = project.form.spec

    def rows(folder: Path) -> Iterator[dict[str, Any]]:
        for done, parsed in enumerate(writer.items(folder, left_out), 1):
            written = module.export_item(parsed, questions, chosen, left_out)
            if written:
                counts["items"] += 1
                counts["answers"] += len(parsed.answers)
                yield from written if isinstance(written, list) else [written]
            progress(done, total, f"{done:,} of {total:,} items")

    with replaced_folder(out) as folder:
        write_rows(folder / getattr(module, "ITEMS_FILE", "items.jsonl"), rows(folder))
        files = module.files(questions, chosen) if hasattr(module, "files") else {}
        for name, text in {"form.json": _form_file(project, questions), **files}.items():
            (folder / name).write_text(text, encoding="utf-8")
    return {"format": format, **counts, "media": len(writer.copied), "left_out": dict(sorted(left_out.items()))}


def create_from(
    *, organisation: Organisation, folder: Path, name: str = "", by: User | None = None
) -> tuple[Project, Path]:
    """A new project with the form of an exported one, and the file of its items, to be imported into it.

    Raises
    ------
    NoProject
        If the folder lacks form.json or items.jsonl, or they are not as they should be.
    django.core.exceptions.ValidationError
        If the form asks something that this product does not know.
    """
    try:
        form = json.loads((folder / "form.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise NoProject("There is no form.json that can be read; give the folder of an exported project.") from error
    if not isinstance(form, dict) or not isinstance(form.get("questions"), list):
        raise NoProject('form.json is not as an export writes it: {"name", "guidelines", "questions"}.')
    if not (folder / "items.jsonl").is_file():
        raise NoProject("There is no items.jsonl beside form.json.")
    settings = {key: form[key] for key in ("guidelines", "description") if isinstance(form.get(key), str)}
    project = services.create_project(
        organisation=organisation,
        name=name or str(form.get("name", ""))[:120],
        questions=form["questions"],
        by=by,
        **settings,
    )
    return project, folder / "items.jsonl"


def _form_file(project: Project, questions: Sequence[Mapping[str, Any]]) -> str:
    form = {"name": project.name, "description": project.description, "guidelines": project.guidelines}
    return json.dumps({**form, "questions": questions}, indent=1, ensure_ascii=False) + "\n"


class _Writer:
    """Reads a project's items a chunk at a time and copies their media."""

    def __init__(self, project: Project, raters: str, media: bool) -> None:
        self.project = project
        self.with_media = media
        self.copied: dict[str, str] = {}
        self._named: Callable[[str], str] = Pseudonyms() if raters == "pseudonyms" else str
        self._questions = {form.pk: list(form.questions.all()) for form in project.forms.prefetch_related("questions")}

    def items(self, folder: Path, left_out: Counter[str]) -> Iterator[Parsed]:
        last = 0
        while chunk := list(self._chunk(last)):
            last = chunk[-1].pk
            self._copy_media(chunk, folder)
            answers = self._answers(chunk)
            for item in chunk:
                try:
                    yield self._parsed(item, answers.get(item.pk, ()))
                except RowError as error:
                    left_out[f"An item is not as imports take it: {error}"] += 1

    def _chunk(self, after: int) -> Iterable[Item]:
        return self.project.items.filter(pk__gt=after).order_by("pk").prefetch_related("responses")[:CHUNK]

    def _answers(self, chunk: list[Item]) -> dict[int, list[ParsedAnswer]]:
        of: dict[int, list[ParsedAnswer]] = {}
        items = {item.pk: item for item in chunk}
        rows = selectors.current_annotations(self.project, task__item__in=chunk).select_related("task", "rater")
        for annotation in rows.order_by("pk"):
            annotation.task.item = items[annotation.task.item_id]
            answer = self._answer(annotation)
            if answer is not None:
                of.setdefault(annotation.task.item_id, []).append(answer)
        return of

    def _answer(self, annotation: Annotation) -> ParsedAnswer | None:
        task = annotation.task
        index = {response.key: response.index for response in task.item.responses.all()}
        names = {key: str(place) for key, place in index.items()}
        said = []
        for question in self._questions[annotation.form_id]:
            answer = annotation.answers.get(question.name)
            if answer is not None:
                asked = question.asked(task).stamped(item="", rater="")
                made = feedback.get(question.kind).to_records(answer, asked)
                said += [readdressed(record, names) for record in made]
        if not said:
            return None
        return ParsedAnswer(
            rater=self._named(annotation.rater.name),
            records=tuple(said),
            responses=tuple(index[key] for key in task.responses),
            shown=tuple(index[key] for key in annotation.shown),
            seconds=annotation.seconds,
            submitted_at=annotation.submitted_at.isoformat(),
            rater_kind=annotation.rater.kind,
        )

    def _parsed(self, item: Item, answers: Iterable[ParsedAnswer]) -> Parsed:
        return Parsed(
            prompt=item.prompt,
            responses=tuple(
                ParsedResponse(
                    response.text, response.model, tuple(map(self._medium, response.media)), response.metadata
                )
                for response in item.responses.all()
            ),
            external_id=item.external_id,
            group=item.group,
            gold=item.gold,
            answers=tuple(answers),
            metadata=item.metadata,
            media=tuple(map(self._medium, item.media)),
            criteria=tuple(item.criteria),
        )

    def _medium(self, ref: str) -> str:
        return self.copied.get(ref, ref)

    def _copy_media(self, chunk: list[Item], folder: Path) -> None:
        """Copy those files of these items that are not there yet."""
        if not self.with_media:
            return
        refs = {ref for item in chunk for ref in item.media}
        refs |= {ref for item in chunk for response in item.responses.all() for ref in response.media}
        digests = [ref.removeprefix(PREFIX) for ref in refs - self.copied.keys()]
        for file in MediaFile.objects.filter(organisation=self.project.organisation, digest__in=digests):
            name = f"media/{file.digest}{mimetypes.guess_extension(file.content_type) or ''}"
            (folder / "media").mkdir(exist_ok=True)
            with default_storage.open(file.path) as source, (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target)
            self.copied[file.ref] = name
