"""A decoder that hangs, crashes or eats memory harms nobody but itself, and finds no secrets."""

import subprocess
import sys

import pytest

from annotate.media import apart
from annotate.media.types import Refused
from tests.annotate.media.making import taken
from tests.world import tone


def test_a_decoder_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.01)
    with pytest.raises(Refused, match="seconds to read"):
        taken(tone())


def test_a_decoder_that_crashes_takes_nobody_along(monkeypatch):
    run = subprocess.run
    program = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(subprocess, "run", lambda command, **more: run([sys.executable, "-c", program], **more))
    with pytest.raises(Refused, match="crashed"):
        taken(tone())


def test_what_a_child_says_is_checked(monkeypatch):
    run = subprocess.run
    for claim in (
        '"type": "audio", "found": {"content_type": "text/html"}',
        '"type": "image", "found": {"content_type": "image/png"}',
    ):
        program = f"""print('{{{claim}, "sizes": [null, null]}}')"""
        with monkeypatch.context() as patch:
            patch.setattr(
                subprocess, "run", lambda command, program=program, **more: run([sys.executable, "-c", program], **more)
            )
            with pytest.raises(Refused, match="went wrong"):
                taken(tone())


def test_a_child_has_no_secrets_and_little_memory():
    program = """
import os, resource
from annotate.media import apart
apart._limit(1000)
assert not {"SECRET_KEY", "DATABASE_URL", "DATA_DIR", "HOME"} & set(os.environ), os.environ
try:
    bytearray(4 * 1024**3)
except MemoryError:
    print("bounded")
"""
    seen = {}
    run = subprocess.run

    def watched(command, **more):
        seen.update(more["env"])
        return run(command, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", watched)
        taken(tone())
    done = run([sys.executable, "-c", program], env=seen, cwd=apart.ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "bounded", done.stderr
