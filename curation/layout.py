"""Tables in the Hugging Face hub's layout: Parquet files by split, and a card that `datasets.load_dataset` reads.

    README.md
    data/train-00000-of-00002.parquet
    data/train-00001-of-00002.parquet

A file has `FILE_ROWS` rows, the last one fewer, so which files there are follows from the rows alone.

Source: https://huggingface.co/docs/hub/datasets-cards and the settings with which `datasets` 5 writes Parquet
(content-defined chunks and page index, so that the hub stores only what changed between two versions).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

CHUNKS = {"min_chunk_size": 262144, "max_chunk_size": 1048576, "norm_level": 0}
ROW_GROUP = 16_384  # rows
FILE_ROWS = 8 * ROW_GROUP
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


def split_file(split: str, number: int = 0, total: int = 1) -> str:
    """Where one of the files of a split stands in a dataset's folder."""
    return f"data/{split}-{number:05}-of-{total:05}.parquet"


def split_names(split: str) -> Callable[[int, int], str]:
    """`split_file` of one split, for `write_files`."""
    return lambda number, total: split_file(split, number, total)


def split_files(folder: Path, split: str) -> list[Path]:
    """The files of a split in their order."""
    return sorted((folder / "data").glob(f"{split}-*-of-*.parquet"))


def files_of(rows: int) -> int:
    """How many files hold so many rows."""
    return max(1, -(-rows // FILE_ROWS))


def write_files(
    folder: Path, names: Callable[[int, int], str], tables: Iterable[pa.Table], schema: pa.Schema, rows: int
) -> int:
    """Write tables as `files_of(rows)` files called ``names(number, total)``; returns bytes as `write_parquet` does."""
    groups = row_groups(tables, schema)
    total = files_of(rows)
    size = 0
    for number in range(total):
        own = islice(groups, FILE_ROWS // ROW_GROUP)
        size += write_parquet(folder / names(number, total), own, schema)
    return size


def row_groups(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The same rows in tables of `ROW_GROUP` rows, the last one fewer, whatever tables they came in."""
    waiting = schema.empty_table()
    for table in tables:
        waiting = pa.concat_tables([waiting, table.select(schema.names).cast(schema)])
        whole = waiting.num_rows // ROW_GROUP * ROW_GROUP
        for start in range(0, whole, ROW_GROUP):
            yield waiting.slice(start, ROW_GROUP).combine_chunks()
        waiting = waiting.slice(whole)
    if waiting.num_rows:
        yield waiting.combine_chunks()


def write_parquet(path: Path, groups: Iterable[pa.Table], schema: pa.Schema) -> int:
    """Write tables as one file, a row group each; returns bytes of the data, not compressed.

    The same tables give the same bytes (with the same version of pyarrow).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"compression": "zstd", "compression_level": 3, "write_page_index": True}
    with pq.ParquetWriter(path, schema, use_content_defined_chunking=CHUNKS, **settings) as writer:
        for table in groups:
            writer.write_table(table, row_group_size=ROW_GROUP)
        writer.add_key_value_metadata({"content_defined_chunking": json.dumps(CHUNKS)})
    written = pq.read_metadata(path)
    return sum(written.row_group(place).total_byte_size for place in range(written.num_row_groups))


def card(
    *, title: str, text: str, schema: pa.Schema, splits: Mapping[str, tuple[int, int]], more: Mapping[str, Any]
) -> str:
    """The dataset's README.md.

    Parameters
    ----------
    splits : rows and bytes by split.
    more : further keys of the front matter, e.g. ``license``; empty ones are left out.
    """
    rows = sum(count for count, _ in splits.values())
    front = {
        "pretty_name": " ".join(title.split()),
        **{key: value for key, value in more.items() if value},
        "size_categories": [next((name for limit, name in _SIZES if rows < limit), "n>10M")],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"data/{split}-*"} for split in splits],
            }
        ],
        "dataset_info": {
            "features": features(schema),
            "splits": [
                {"name": split, "num_bytes": size, "num_examples": count} for split, (count, size) in splits.items()
            ],
            "dataset_size": sum(size for _, size in splits.values()),
        },
    }
    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n# {line(title)}\n\n{text}"


def features(schema: pa.Schema) -> list[dict[str, Any]]:
    """The columns as a card lists them."""
    return [{"name": field.name, **_feature(field.type)} for field in schema]


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind) and pa.types.is_struct(kind.value_type):
        return {"list": [{"name": field.name, **_feature(field.type)} for field in kind.value_type.fields]}
    if pa.types.is_list(kind):
        return {"list": _feature(kind.value_type)["dtype"]}
    return {"dtype": {"double": "float64", "float": "float32"}.get(str(kind), str(kind))}


def table_of(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table in Markdown; cells are one line each, without markup of their own."""
    lines = [list(head)]
    lines.append(["---"] * len(lines[0]))
    lines += [[line(cell) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def line(value: Any) -> str:
    """A value as one line that Markdown and HTML leave alone."""
    text = " ".join(str(value).split())
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
