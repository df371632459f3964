"""Folders in the hub's layout, names on the hub, and cards that point elsewhere."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.reading import UnsupportedSource, hub, open_source


@pytest.fixture(autouse=True)
def _no_network(monkeypatch, tmp_path):
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "set"
    (path / "data").mkdir(parents=True)
    pq.write_table(pa.table({"prompt": ["q1", "q2"]}), path / "data/train-00000-of-00001.parquet")
    pq.write_table(pa.table({"prompt": ["q3"]}), path / "data/test-00000-of-00001.parquet")
    return path


def card(path, where):
    (path / "README.md").write_text(f"---\nconfigs:\n- config_name: default\n  data_files: {json.dumps(where)}\n---\n")


def test_folder_gives_every_split(folder):
    with open_source(folder) as reader:
        assert reader.kind == "hub"
        assert [(row.number, row.data) for row in reader] == [(n, {"prompt": f"q{n}"}) for n in (1, 2, 3)]


def test_card_chooses_files_inside(folder):
    card(folder, "data/test-*")
    with open_source(str(folder)) as reader:
        assert [row.data["prompt"] for row in reader] == ["q3"]


def test_folder_of_lines(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/train.jsonl").write_text('{"prompt": "q1"}\n{"prompt": "q2"}\n')
    with open_source(tmp_path / "set") as reader:
        assert [row.data["prompt"] for row in reader] == ["q1", "q2"]


def test_empty_folder_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    with pytest.raises(UnsupportedSource, match="set cannot be read"):
        open_source(tmp_path / "set")


@pytest.mark.parametrize("up", [True, False])
def test_card_that_points_outside_is_refused(folder, tmp_path, up):
    secret = tmp_path / "secret.parquet"
    pq.write_table(pa.table({"secret": ["s"]}), secret)
    card(folder, "../secret.parquet" if up else str(secret))
    with pytest.raises(UnsupportedSource, match="outside of the dataset"):
        open_source(folder)


@pytest.mark.parametrize(
    ("files", "outside"),
    [
        (["hf://datasets/o/n@abc/data/x.parquet"], ""),
        (["hf://datasets/o/other@abc/x.parquet"], "hf://datasets/o/other@abc/x.parquet"),
        (["http://169.254.169.254/x.json"], "http://169.254.169.254/x.json"),
        (["/etc/passwd"], "/etc/passwd"),
        (["hf://datasets/o/n@abc/../other/x"], "hf://datasets/o/n@abc/../other/x"),
        (["zip://x.csv::hf://datasets/o/n@abc/x.zip"], "zip://x.csv::hf://datasets/o/n@abc/x.zip"),
    ],
)
def test_what_counts_as_outside(files, outside):
    assert hub._outside({"train": files}, "hf://datasets/o/n@") == outside


@pytest.mark.parametrize("name", ["", "../../etc", "/etc", "a b", "o/n/c/d", "o/n:a:b", "https://x.org/y"])
def test_names_that_are_none(name):
    with pytest.raises(UnsupportedSource, match="no name on the hub"):
        open_source(f"hub:{name}")


def test_a_local_folder_is_no_name_on_the_hub(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    with pytest.raises(UnsupportedSource, match="no name on the hub"):
        open_source("hub:set")


class Builder:
    """What `datasets` gives for a name, with two splits."""

    def __init__(self, asked, path, config):
        self.asked = asked
        asked.append((path, config))
        self.config = type("Config", (), {"data_files": {"train": [f"hf://datasets/{path}@1/x"]}})

    def as_streaming_dataset(self, split):
        import datasets

        self.asked.append(split)
        whole = {
            name: datasets.Dataset.from_dict({"prompt": [name]}, split=name).to_iterable_dataset()
            for name in ("train", "test")
        }
        return whole[split] if split else datasets.IterableDatasetDict(whole)


@pytest.mark.parametrize(
    ("address", "asked", "rows"),
    [
        ("owner/name", ("owner/name", None), ["train", "test"]),
        ("owner/name:test", ("owner/name", None), ["test"]),
        ("owner/name/small:train", ("owner/name", "small"), ["train"]),
    ],
)
def test_names_configurations_and_splits(monkeypatch, address, asked, rows):
    import datasets

    calls = []
    monkeypatch.setattr(datasets, "load_dataset_builder", lambda path, config: Builder(calls, path, config))
    with open_source(f"hub:{address}") as reader:
        assert [row.data["prompt"] for row in reader] == rows
    assert calls[0] == asked


def test_a_stream_that_breaks_off_keeps_what_came(monkeypatch):
    def broken():
        yield {"a": 1}
        raise ConnectionError("gone")

    stream = type("Stream", (), {"features": None, "__iter__": lambda self: broken()})()
    reader = open_source.__globals__["Reader"]("hub", 0)
    first, second = hub._rows([stream], reader, 1000)
    assert first.data == {"a": 1}
    assert "gone" in second.error
