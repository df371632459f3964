"""Files that come in with a request and go out with a response."""

import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.conf import settings

from annotate.jobs.models import Job
from annotate.jobs.registry import Interrupted
from annotate.models import Project
from curation.reading import KINDS, UnsupportedSource


def keep_upload(file: Any) -> str:
    """Keep an uploaded file for its job, under a name of our own; returns its path."""
    folder = settings.UPLOADS_DIR / str(uuid4())
    folder.mkdir(parents=True)
    suffixes = "".join(Path(file.name).suffixes[-2:])
    path = folder / f"upload{suffixes if suffixes.replace('.', '').isalnum() else ''}"
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return str(path)


@dataclass(frozen=True)
class Upload:
    """A file that waits to be imported: its token, the name it came with, and where its rows lie."""

    token: UUID
    name: str
    path: Path


def keep_for_later(file: Any, *, project: Project) -> Upload:
    """Keep an upload of a project until it is imported; a zip is unpacked. Raises `UnsupportedSource`."""
    path = Path(keep_upload(file))
    folder = path.parent
    try:
        if path.suffix.lower() == ".zip":
            _unpack(path, folder / "files")
            path.unlink()
            path = _data_file(folder / "files")
    except UnsupportedSource:
        _remove_upload(folder)
        raise
    upload = Upload(UUID(folder.name), str(file.name), path)
    said = {"project": project.pk, "name": upload.name, "path": str(path.relative_to(folder))}
    (folder / _WAITING).write_text(json.dumps(said))
    return upload


def found_upload(token: UUID, *, project: Project) -> Upload | None:
    """An upload that waits in this project; None where it was imported, or is another project's."""
    folder = settings.UPLOADS_DIR / str(token)
    try:
        said = json.loads((folder / _WAITING).read_text())
    except OSError:
        return None
    path = folder / said["path"]
    return Upload(token, said["name"], path) if said["project"] == project.pk and path.is_file() else None


_WAITING = "waiting.json"


@contextmanager
def used_up(source: str) -> Iterator[None]:
    """Remove an upload once the job that reads it inside has ended, well or not; a job that goes on later keeps it.

    A source that is no upload, such as a file named on the command line, stays.
    """
    folder = Path(source).parent
    try:
        yield
    except Interrupted:
        raise
    except BaseException:
        _remove_upload(folder)
        raise
    _remove_upload(folder)


MAX_MEMBERS = 200_000
MAX_UNPACKED = 16 * 1024**3  # bytes


@contextmanager
def unpacked(source: str) -> Iterator[str]:
    """The file to import: the source itself, or where it is a zip the data file inside, with its media beside it.

    The data file is items.jsonl, or else the only file at the top that is none of the media. What is in a zip is
    untrusted: names that lead elsewhere, links, and more than `MAX_UNPACKED` bytes are refused.

    Raises
    ------
    curation.reading.UnsupportedSource
        If the zip is damaged, too large, or has no such file.
    """
    if not source.lower().endswith(".zip"):
        yield source
        return
    folder = Path(
        tempfile.mkdtemp(dir=Path(source).parent if Path(source).parent.parent == settings.UPLOADS_DIR else None)
    )
    try:
        _unpack(Path(source), folder)
        yield str(_data_file(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, folder: Path) -> None:
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise UnsupportedSource(f"The zip holds over {MAX_MEMBERS:,} files.")
            for member in archive.infolist():
                target = (folder / member.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise UnsupportedSource(f"The zip holds a file that would lie elsewhere: {member.filename!r:.80}.")
                if member.is_dir():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as packed, target.open("wb") as out:
                    while chunk := packed.read(1 << 20):
                        left -= len(chunk)
                        if left < 0:
                            raise UnsupportedSource(f"The zip holds over {MAX_UNPACKED // 1024**3} GB.")
                        out.write(chunk)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise UnsupportedSource(f"The zip cannot be read: {error}.") from error


def _data_file(folder: Path) -> Path:
    """The one file of rows in an unpacked zip, also where all of it lies in one folder."""
    inside = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    if len(inside) == 1 and inside[0].is_dir():
        return _data_file(inside[0])
    if (folder / "items.jsonl").is_file():
        return folder / "items.jsonl"
    endings = tuple(f".{kind}{zipped}" for kind in (*KINDS, "ndjson") for zipped in ("", ".gz"))
    found = [path for path in inside if path.name.lower().endswith(endings) and path.name != "form.json"]
    if len(found) != 1:
        names = ", ".join(sorted(path.name for path in found)[:8]) or "none"
        raise UnsupportedSource(f"The zip needs one file of rows at its top, with the media beside it; it has {names}.")
    return found[0]


def _remove_upload(folder: Path) -> None:
    for own in (folder, *folder.parents):
        if own.parent == settings.UPLOADS_DIR:
            shutil.rmtree(own, ignore_errors=True)


def rejected_file(job: Job) -> Path | None:
    """The list of rows that an import rejected, also of one that still runs; None where there is none."""
    path = settings.EXPORTS_DIR / str(job.pk) / "rejected.csv"
    return path if path.is_file() else None


def zipped(folder: Path) -> BinaryIO:
    """A folder as a zip file beside it, made once."""
    path = folder.with_suffix(".zip")
    if not path.exists():
        handle, partial = tempfile.mkstemp(dir=folder.parent, suffix=".partial")
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(folder.rglob("*")):
                if member.is_file():
                    archive.write(member, member.relative_to(folder))
        os.replace(partial, path)
    return path.open("rb")
