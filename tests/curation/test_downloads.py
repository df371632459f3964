"""Uploads live as long as the job that reads them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotate.jobs.registry import Cancelled, Interrupted, JobError
from curation.downloads import keep_upload, used_up


@pytest.fixture
def upload(tmp_path, settings):
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return keep_upload(SimpleUploadedFile("votes.jsonl.gz", b"{}"))


def left(tmp_path) -> int:
    return len(list((tmp_path / "uploads").iterdir()))


def test_an_upload_goes_once_it_was_read(tmp_path, upload):
    assert upload.endswith(".jsonl.gz")
    with used_up(upload):
        assert left(tmp_path) == 1
    assert left(tmp_path) == 0


@pytest.mark.parametrize("end", [JobError, Cancelled, OSError])
def test_an_upload_goes_with_a_job_that_ends_badly(tmp_path, upload, end):
    with pytest.raises(end), used_up(upload):
        raise end
    assert left(tmp_path) == 0


def test_a_job_that_goes_on_later_keeps_its_upload(tmp_path, upload):
    with pytest.raises(Interrupted), used_up(upload):
        raise Interrupted
    assert left(tmp_path) == 1


def test_what_is_no_upload_stays(tmp_path, upload):
    own = tmp_path / "own.jsonl"
    own.write_text("{}")
    with used_up(str(own)), used_up("hub:owner/name"), used_up(""):
        pass
    assert own.exists()
    assert left(tmp_path) == 1
