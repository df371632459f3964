"""Files of pools in one of Django's storages: a folder of this machine, or S3-compatible object storage."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from curation.pools.store import Folder, Store


def store() -> Store:
    """Where the files of all pools lie, as the settings say."""
    storage = storages["pools"]
    return Folder(storage.location) if isinstance(storage, FileSystemStorage) else Stored()


class Stored:
    """Files in a storage that is not a folder of this machine; what is read is fetched, what is written is sent."""

    alias = "pools"

    @property
    def storage(self) -> Storage:
        return storages[self.alias]

    def exists(self, name: str) -> bool:
        return bool(self.storage.exists(name))

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        with _scratch() as path:
            with self.storage.open(name, "rb") as source, path.open("wb") as target:
                for chunk in source.chunks():
                    target.write(chunk)
            yield path

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        with _scratch() as path:
            yield path
            with path.open("rb") as file:
                if self.storage.exists(name):  # some storages would take another name instead
                    self.storage.delete(name)
                self.storage.save(name, File(file))

    def remove(self, folder: str) -> None:
        try:
            folders, files = self.storage.listdir(folder)
        except FileNotFoundError:
            return
        for name in folders:
            self.remove(f"{folder}/{name}")
        for name in files:
            self.storage.delete(f"{folder}/{name}")


@contextmanager
def _scratch() -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix="touchstone-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink()
