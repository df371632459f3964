"""The hub's layout."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from curation import layout, pairs


def front_matter(card):
    _, text, _ = card.split("---\n", 2)
    return yaml.safe_load(text)


def test_features_are_those_that_datasets_writes():
    from datasets import Features

    assert layout.features(pairs.SCHEMA) == Features.from_arrow_schema(pairs.SCHEMA)._to_yaml_list()


@pytest.mark.parametrize(("rows", "size"), [(5, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**8, "n>10M")])
def test_card_says_how_large_and_what_is_where(rows, size):
    text = layout.card(
        title="A & B",
        text="Body",
        schema=pairs.SCHEMA,
        splits={"train": (rows, 77)},
        more={"license": "mit", "language": ""},
    )
    front = front_matter(text)
    assert front["size_categories"] == [size]
    assert front["license"] == "mit"
    assert "language" not in front
    assert front["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*"}]
    assert front["dataset_info"]["splits"] == [{"name": "train", "num_bytes": 77, "num_examples": rows}]
    assert text.endswith("# A & B\n\nBody")


def test_markup_in_a_title_or_cell_stays_text():
    text = layout.card(title="x\n---\nlicense: <b>`", text="", schema=pairs.SCHEMA, splits={"train": (1, 1)}, more={})
    front = front_matter(text)
    assert front["pretty_name"] == "x --- license: <b>`"
    assert "license" not in front
    assert "\n# x --- license: &lt;b&gt;\\`\n" in text
    assert layout.table_of(["h"], [["a|b\n<script>"]]) == "| h |\n| --- |\n| a\\|b &lt;script&gt; |\n"


def test_parquet_is_zstd_with_a_page_index_and_the_same_bytes_each_time(tmp_path, pair_table):
    table = pair_table(*[{"votes": "ab"}] * 50)
    for name in ("x", "y"):
        layout.write_parquet(tmp_path / name, [table], pairs.SCHEMA)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    column = pq.ParquetFile(tmp_path / "x").metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"
    assert column.has_offset_index
    assert b"content_defined_chunking" in pq.read_metadata(tmp_path / "x").metadata
    assert pq.read_table(tmp_path / "x").equals(table)


def test_tables_follow_one_another_in_a_file(tmp_path):
    schema = pa.schema([("n", pa.int64())])
    tables = (pa.table({"n": [n]}, schema=schema) for n in range(3))
    assert layout.write_parquet(tmp_path / "deep/x", tables, schema) > 24
    assert pq.read_table(tmp_path / "deep/x")["n"].to_pylist() == [0, 1, 2]
