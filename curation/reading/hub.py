"""Datasets of the Hugging Face hub, and local folders in its layout, streamed through `datasets`.

A dataset's card may name any file or address as its data. Here data must lie in the dataset itself, else a card
could make this machine read out files of its own or ask its neighbours for theirs.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from curation.reading.row import Reader, Row, UnsupportedSource, row_of

_ADDRESS = re.compile(r"(?P<name>[\w.-]+(?:/[\w.-]+)?)(?:/(?P<config>[\w.-]+))?(?::(?P<split>[\w.-]+))?")


def open_hub(address: str, limit: int) -> Reader:
    """Rows of ``owner/name[/config][:split]``; of every split where none is named."""
    found = _ADDRESS.fullmatch(address)
    # The library would take a name that is also a path here for that folder.
    if not found or ".." in address or Path(found["name"]).exists():
        raise UnsupportedSource(f"{address} is no name on the hub; expected is owner/name[/config][:split].")
    return _load(found["name"], found["config"], found["split"], f"hf://datasets/{found['name']}@", address, limit)


def open_folder(folder: Path, limit: int) -> Reader:
    """Rows of all splits of a local folder in the hub's layout."""
    within = f"{folder.resolve()}/"
    return _load(within, None, None, within, folder.name, limit)


def _load(path: str, config: str | None, split: str | None, within: str, name: str, limit: int) -> Reader:
    import datasets

    try:
        builder = datasets.load_dataset_builder(path, config)
        outside = _outside(dict(builder.config.data_files or {}), within)
        loaded: Any = None if outside else builder.as_streaming_dataset(split=split)
    except Exception as error:  # the library raises whatever its many readers do
        raise UnsupportedSource(f"{name} cannot be read: {error!s:.500}") from error
    if outside:
        raise UnsupportedSource(f"The card of {name} names data outside of the dataset: {outside!r:.200}")
    splits = [loaded] if split else list(loaded.values())
    sizes = [getattr((part.info.splits or {}).get(str(part.split)), "num_examples", None) for part in splits]
    reader = Reader("hub", 0 if None in sizes else sum(filter(None, sizes)))
    reader.rows = _rows(splits, reader, limit)
    return reader


def _outside(data_files: Any, within: str) -> str:
    """The first data file that lies outside of the dataset, or ""."""
    for file in chain.from_iterable(data_files.values()):
        place = str(file) if "://" in str(file) else str(Path(file).resolve())
        if "::" in place or ".." in place.split("/") or not place.startswith(within):
            return str(file)
    return ""


def _rows(splits: list[Any], reader: Reader, limit: int) -> Iterator[Row]:
    try:
        for values in chain.from_iterable(part.decode(False) if part.features else part for part in splits):
            reader.position += 1
            yield row_of(reader.position, values, limit)
    except Exception as error:  # the library raises whatever its many readers do
        yield Row(reader.position + 1, None, f"Here reading stopped: {error!s:.500}")
