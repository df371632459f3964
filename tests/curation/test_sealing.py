"""Versions are described and signed when they are made, and checked by command."""

import io
import json
import shutil

import pytest
from django.core.management import CommandError, call_command

from annotate.jobs.registry import JobError
from curation import croissant, sealing, services, signing
from curation.models import Dataset
from tests.curated import PIPELINE, curated_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scratch(settings, tmp_path):
    settings.SIGNING_DIR = tmp_path / "signing"
    settings.DATASETS_DIR = tmp_path / "datasets"


def run(name, *arguments):
    out = io.StringIO()
    try:
        call_command(name, *map(str, arguments), "--json", stdout=out)
    except CommandError as error:
        return json.loads(out.getvalue() or "{}"), str(error)
    return json.loads(out.getvalue()), ""


def public_key(tmp_path):
    (key,) = (tmp_path / "signing").glob("*.pub")
    return key


def rotate(tmp_path):
    (tmp_path / "signing" / "private.pem").unlink()


def test_projects_that_share_a_version_share_its_signature(world):
    version = curated_version(world)
    before = (version.path / signing.FILE).read_bytes()
    other = Dataset.objects.create(project=world.project, name="the same again")
    again = services.curate(dataset=other, pipeline_yaml=PIPELINE)
    assert again.hash == version.hash
    assert (again.path / signing.FILE).read_bytes() == before
    assert signing.check(version.path, sealing.trusted()).is_valid
    told = json.loads((version.path / croissant.FILE).read_text())
    assert told["rai:dataAnnotationAnalysis"][0].startswith("Krippendorff's alpha")


def test_a_version_is_verified_here_and_on_another_machine(world, tmp_path, settings):
    version = curated_version(world)
    found, error = run("verify_version", version.hash[:12])
    assert (found["wrong"], error) == ({}, "")
    out = io.StringIO()
    call_command("verify_version", version.hash, stdout=out)
    assert "right:" in out.getvalue()
    assert "wrong" not in out.getvalue()
    key = public_key(tmp_path)
    copy = tmp_path / "copy" / version.hash
    shutil.copytree(version.path, copy)
    settings.SIGNING_DIR = tmp_path / "another machine"
    found, error = run("verify_version", copy)
    assert (list(found["wrong"]), "signature" in error) == (["signature"], True), "nobody is trusted there yet"
    found, error = run("verify_version", copy, "--public-key", key)
    assert (found["wrong"], error) == ({}, "")
    (copy / "README.md").write_text("Other words.")
    found, error = run("verify_version", copy, "--public-key", key)
    assert found["wrong"] == {"signature": "Not as it was signed: README.md."}
    assert "not what it should be: signature" in error


def test_a_name_that_is_no_version_says_so(world, tmp_path):
    assert "No dataset version" in run("verify_version", "abc")[1]
    assert "no dataset version" in run("verify_version", tmp_path)[1]
    assert "holds no public key" in run("verify_version", tmp_path, "--public-key", __file__)[1]


def test_after_a_new_key_the_old_signatures_hold_until_their_key_is_taken_away(world, tmp_path):
    version = curated_version(world)
    old = public_key(tmp_path)
    rotate(tmp_path)
    new = signing.fingerprint(sealing.signing_key().public_key())
    assert new != old.stem
    assert signing.check(version.path, sealing.trusted()).key == old.stem
    assert run("sign_versions")[0] == {"versions": 1, "signed": 1, "refused": {}}
    assert signing.check(version.path, sealing.trusted()).key == new
    old.unlink()
    assert signing.check(version.path, sealing.trusted()).is_valid
    assert run("sign_versions")[0]["signed"] == 0


def test_nothing_that_was_tampered_with_is_signed_again(world, tmp_path):
    version = curated_version(world)
    (version.path / "README.md").write_text("Other words.")
    rotate(tmp_path)
    assert list(run("sign_versions")[0]["refused"]) == [version.hash]
    assert signing.check(version.path, sealing.trusted()).state == "changed"


def test_a_version_from_before_signatures_loads_and_is_signed_on_request(world):
    version = curated_version(world)
    for name in (signing.FILE, croissant.FILE):
        (version.path / name).unlink()
    assert list(run("verify_version", version.hash)[0]["wrong"]) == ["signature"]
    assert run("sign_versions")[0]["signed"] == 1
    assert run("verify_version", version.hash)[0]["wrong"] == {}
    assert (version.path / croissant.FILE).is_file()


def test_a_named_key_is_used_and_never_made(world, tmp_path, settings):
    settings.SIGNING_KEY = str(tmp_path / "own.pem")
    with pytest.raises(JobError, match=r"cannot be signed: own\.pem holds no private key"):
        curated_version(world)
    key = signing.make_key(tmp_path / "own.pem")
    version = services.curate(dataset=Dataset.objects.get(), pipeline_yaml=PIPELINE)
    assert signing.check(version.path, sealing.trusted()).key == signing.fingerprint(key.public_key())
    assert not (tmp_path / "signing" / "private.pem").exists()
