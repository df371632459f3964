"""Files that come in with a request and go out with a response."""

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings

from annotate.jobs.models import Job


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
