"""Each way of tampering with a version is told apart from the others."""

import json
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from curation import layout, pairs, pipeline, signing, verifying, versions
from curation.signing import fingerprint

PLAN = pipeline.parse("{name: trusted, consensus: {method: majority}}")


@pytest.fixture
def key(tmp_path):
    return signing.make_key(tmp_path / "keys" / "private.pem")


@pytest.fixture
def keys(key):
    return {fingerprint(key.public_key()): key.public_key()}


@pytest.fixture
def folder(tmp_path, pair_table, key) -> Path:
    rows = [{"votes": "aab" if n % 2 else "bt", "group": f"g{n % 5}"} for n in range(20)]
    version = versions.write(pipeline.run(pair_table(*rows), PLAN), PLAN, tmp_path / "versions")
    signing.sign(version.path, version.hash, key)
    return version.path


def wrong(folder, keys, expected=""):
    return {found.subject for found in verifying.verify(folder, keys, expected) if not found.is_right}


def change_rows(folder):
    path = folder / layout.split_file("train")
    table = pq.read_table(path)
    pq.write_table(pairs.with_columns(table, {"weight": [2.0] * table.num_rows}), path)


def change_manifest(folder, **values):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def digests(folder):
    return versions._digests(folder)


def test_an_untouched_version_is_right_wherever_its_folder_lies(folder, keys, tmp_path):
    assert wrong(folder, keys) == set()
    assert {found.subject for found in verifying.verify(folder, keys)} >= {"name", "content", "signature"}
    folder.rename(tmp_path / "a copy")
    assert wrong(tmp_path / "a copy", keys, folder.name) == set()
    assert wrong(tmp_path / "a copy", keys, "0" * 64) == {"name"}


def test_a_changed_row_is_other_content_even_where_the_manifest_was_made_to_fit(folder, keys):
    change_rows(folder)
    name = layout.split_file("train")
    assert wrong(folder, keys) == {"content", name}
    change_manifest(folder, files=digests(folder))
    assert wrong(folder, keys) == {"content", "signature"}
    table, trace = versions.read(folder), versions.read_trace(folder)
    change_manifest(folder, hash=versions.version_hash(table, trace, PLAN.to_dict()))
    assert wrong(folder, keys) == {"name", "signature"}, "a forgery that is consistent in itself has another name"


def test_the_same_rows_in_other_bytes_are_only_another_file(folder, keys):
    path = folder / layout.split_file("train")
    pq.write_table(pq.read_table(path), path, compression="gzip")
    assert wrong(folder, keys) == {layout.split_file("train")}


def test_files_that_are_missing_added_or_broken(folder, keys):
    trace = folder / versions.trace_file()
    raw = trace.read_bytes()
    trace.write_bytes(raw[: len(raw) // 2])
    assert wrong(folder, keys) == {"content", versions.trace_file()}
    trace.unlink()
    assert wrong(folder, keys) == {"content", versions.trace_file()}
    trace.write_bytes(raw)
    (folder / "data" / "more.parquet").write_bytes(b"")
    assert wrong(folder, keys) == {"data/more.parquet"}


def test_a_changed_manifest_or_card_is_not_what_was_signed(folder, keys):
    change_manifest(folder, gold=10**6)
    assert wrong(folder, keys) == {"signature"}
    found = signing.check(folder, keys)
    assert (found.state, found.changed) == ("changed", ["manifest.json"])


@pytest.mark.parametrize("name", ["README.md", "croissant.json"])
def test_a_card_that_was_changed_or_put_there_later_is_named(folder, keys, name):
    (folder / name).write_text("Free of errors.")
    assert signing.check(folder, keys).changed == [name]


def test_a_changed_signature_a_foreign_key_and_none_are_told_apart(folder, keys, key):
    path = folder / signing.FILE
    real = json.loads(path.read_text())
    for forged in (
        {**real, "signature": "A" * 86 + "=="},
        {**real, "signed": {**real["signed"], "files": {}}},
        {**real, "signature": 7},
        {**real, "algorithm": "none"},
        [],
    ):
        path.write_text(json.dumps(forged))
        assert signing.check(folder, keys).state == "forged"
        assert wrong(folder, keys) == {"signature"}
    other = Ed25519PrivateKey.generate()
    signing.sign(folder, folder.name, other)
    assert signing.check(folder, keys).state == "unknown"
    path.write_text(path.read_text().replace(fingerprint(other.public_key()), fingerprint(key.public_key())))
    assert signing.check(folder, keys).state == "forged", "who signs with another key cannot pass for us"
    path.unlink()
    assert signing.check(folder, keys).state == "unsigned"
    assert wrong(folder, keys) == {"signature"}


def test_a_signature_of_another_version_does_not_serve(folder, keys, key):
    signing.sign(folder, "0" * 64, key)
    assert signing.check(folder, keys).state == "changed"


def test_a_key_is_made_once_for_its_owner_only(tmp_path, key):
    path = tmp_path / "keys" / "private.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = signing.make_key(path)
    assert fingerprint(again.public_key()) == fingerprint(key.public_key())
    assert [file.name for file in path.parent.iterdir()] == ["private.pem"]
    public = tmp_path / "public.pem"
    public.write_bytes(signing.public_pem(key.public_key()))
    assert fingerprint(signing.read_public_key(public)) == fingerprint(key.public_key())


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_says_so(tmp_path, content):
    (tmp_path / "bad.pem").write_bytes(content)
    with pytest.raises(signing.SigningError, match=r"bad\.pem"):
        signing.read_key(tmp_path / "bad.pem")
    with pytest.raises(signing.SigningError, match=r"bad\.pem"):
        signing.read_public_key(tmp_path / "bad.pem")
