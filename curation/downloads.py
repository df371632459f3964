"""Files that come in with a request and go out with a response."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings

from annotate.jobs.models import Job
from annotate.jobs.registry import Interrupted


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


def _remove_upload(folder: Path) -> None:
    if folder.parent == settings.UPLOADS_DIR:
        shutil.rmtree(folder, ignore_errors=True)


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
