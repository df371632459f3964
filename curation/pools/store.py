"""Where the files of pools lie, by name; a file is put at once and whole, so what exists is complete.

`Folder` is one folder of this machine; `curation.pools.storage` gives the same for any storage of Django's.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa


class Store(Protocol):
    """What passes need of a storage; it can be pickled, so that other processes reach the same files."""

    def exists(self, name: str) -> bool:
        """Whether a file is there."""

    def reading(self, name: str) -> AbstractContextManager[Path]:
        """A file of this machine with its content; it may go when the context ends. `FileNotFoundError` without."""

    def writing(self, name: str) -> AbstractContextManager[Path]:
        """A path to write to; what lies there in the end is put under the name, instead of what was there."""

    def remove(self, folder: str) -> None:
        """Remove all files whose names begin with ``folder/``, if there are any."""


class Folder:
    """Files in one folder of this machine."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def exists(self, name: str) -> bool:
        return (self.root / name).is_file()

    @contextmanager
    def reading(self, name: str) -> Iterator[Path]:
        yield self.root / name

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=".partial-", dir=target.parent)
        os.close(handle)
        try:
            yield Path(partial)
            os.chmod(partial, 0o644)
            os.replace(partial, target)
        finally:
            Path(partial).unlink(missing_ok=True)

    def remove(self, folder: str) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)


class Within:
    """The part of a store below a folder."""

    def __init__(self, store: Store, folder: str) -> None:
        self.store, self.folder = store, folder

    def exists(self, name: str) -> bool:
        return self.store.exists(f"{self.folder}/{name}")

    def reading(self, name: str) -> AbstractContextManager[Path]:
        return self.store.reading(f"{self.folder}/{name}")

    def writing(self, name: str) -> AbstractContextManager[Path]:
        return self.store.writing(f"{self.folder}/{name}")

    def remove(self, folder: str) -> None:
        self.store.remove(f"{self.folder}/{folder}")


def write_table(store: Store, name: str, table: pa.Table, *, packed: bool = False) -> None:
    """Put a table as an Arrow file; ``packed``: compressed, else laid out so that it is read where it lies."""
    options = pa.ipc.IpcWriteOptions(compression="lz4" if packed else None, unify_dictionaries=True)
    with store.writing(name) as path, pa.ipc.new_file(str(path), table.schema, options=options) as writer:
        writer.write_table(table)


def read_table(store: Store, name: str) -> pa.Table:
    """A table that `write_table` put; its columns are read from the disk when they are looked at."""
    with store.reading(name) as path, pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def write_json(store: Store, name: str, value: Any) -> None:
    """Put plain JSON."""
    with store.writing(name) as path:
        path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def read_json(store: Store, name: str) -> Any:
    """Plain JSON that `write_json` put."""
    with store.reading(name) as path:
        return json.loads(path.read_text("utf-8"))


def write_bytes(store: Store, name: str, content: bytes) -> None:
    """Put bytes."""
    with store.writing(name) as path:
        path.write_bytes(content)


def read_bytes(store: Store, name: str) -> bytes:
    """Bytes that `write_bytes` put."""
    with store.reading(name) as path:
        return path.read_bytes()
