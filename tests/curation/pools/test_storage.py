"""Files of pools in a storage of Django's: a folder, memory, and a server that speaks S3."""

import pytest
from django.core.files.storage import storages

from curation import pipeline, versions
from curation.pools import passing, storage
from curation.pools.plan import Plan
from curation.pools.store import Folder, Within, read_json, write_json
from curation.pools.writing import write_shards

IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request, settings, tmp_path):
    if request.param == "s3":
        options = {"bucket_name": request.getfixturevalue("bucket"), "location": "pools"}  # as config.settings has it
        pools = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    else:
        folder = {"location": tmp_path / "files"}
        pools = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
    settings.STORAGES = settings.STORAGES | {"pools": IN_MEMORY if request.param == "memory" else pools}
    found = storage.store()
    assert isinstance(found, Folder if request.param == "folder" else storage.Stored)
    return found


def test_files_are_put_whole_replaced_and_removed(store):
    assert not store.exists("a/b.json")
    write_json(store, "a/b.json", [1])
    write_json(store, "a/b.json", {"k": "é"})
    assert read_json(store, "a/b.json") == {"k": "é"}
    with pytest.raises(IsADirectoryError), store.writing("a/c") as path:
        path.parent.write_text("this fails before anything is put")
    assert not store.exists("a/c")
    with pytest.raises(FileNotFoundError), store.reading("a/c") as path:
        path.read_text()
    store.remove("a")
    assert not store.exists("a/b.json")
    store.remove("a")


def test_a_pass_over_shards_in_it_makes_the_version_of_one_table(store, tmp_path, pair_table):
    table = pair_table(*[{"prompt": f"p{number % 20}", "votes": "ab"} for number in range(50)])
    plan = pipeline.parse("{consensus: {method: majority}, stages: [{filter: exact_duplicates}]}")
    shards = list(write_shards([table], store, "pool/{}.parquet".format, rows=20))
    own = Within(store, "pass")
    made = passing.begin(own, Plan.of(plan, shards, part_rows=15))
    passing.run(own, made, passing.here(store, own, made))
    version = passing.publish(own, made, tmp_path / "versions")
    assert version.hash == versions.write(pipeline.run(table, plan), plan, tmp_path / "alone").hash
    assert storages["pools"].exists("pool/0.parquet")
