"""Decode a stranger's file in a process of its own, so that a decoder that hangs, crashes or eats memory harms nobody.

The child gets the file on its standard input and no environment: no keys, no database. It may use so much memory and
time, and write nothing but its answer. The answer is one line of JSON, and after it the bytes that the line announces.

Pure: knows no Django, so a child is there in a quarter of a second. Where there is no `resource` (Windows), only the
time is limited.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from annotate.media.types import Inspected, Limits, Refused, get, judge

SECONDS = 60
MEMORY = 2 * 1024**3
ROOT = Path(__file__).resolve().parents[2]


def inspect(content: bytes, names: list[str], limits: Limits) -> tuple[str, Inspected]:
    """`annotate.media.types.judge`, apart."""
    said, (kept, thumbnail) = _ask({"judge": names, "limits": asdict(limits)}, content)
    found = Inspected(content=content if kept is None else kept, thumbnail=thumbnail, **said["found"])
    # What the child says is no more to be trusted than the file.
    if said["type"] not in names or found.content_type not in get(said["type"]).EXTENSIONS:
        raise Refused("Reading it went wrong.")
    return said["type"], found


def preview(content: bytes, type: str, name: str) -> bytes:
    """The ``preview`` of a type, apart."""
    _, (made,) = _ask({"preview": name, "type": type}, content)
    return made or b""


def _ask(task: dict[str, Any], content: bytes) -> tuple[dict[str, Any], list[bytes | None]]:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        command = [sys.executable, "-m", __name__, json.dumps({**task, "most": 2 * len(content) + 64 * 1024**2})]
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                command, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, cwd=ROOT, env=threads, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise Refused(f"It took over {SECONDS} seconds to read.") from error
        answer.seek(0)
        line = answer.readline()
        if done.returncode != 0 or not line:
            raise Refused("Reading it crashed: it is damaged, or made to do that.")
        said = json.loads(line)
        if "refused" in said:
            raise Refused(said["refused"])
        return said, [None if size is None else answer.read(size) for size in said["sizes"]]


def _main() -> None:
    task = json.loads(sys.argv[1])
    _limit(task["most"])
    content = sys.stdin.buffer.read()
    said: dict[str, Any]
    parts: list[bytes | None]
    try:
        if "judge" in task:
            type, found = judge(content, task["judge"], Limits(**task["limits"]))
            parts = [None if found.content == content else found.content, found.thumbnail]
            fields = asdict(replace(found, content=b"", thumbnail=None))
            said = {"type": type, "found": {k: v for k, v in fields.items() if k not in ("content", "thumbnail")}}
        else:
            said, parts = {}, [get(task["type"]).preview(content, task["preview"])]
    except Refused as error:
        said, parts = {"refused": str(error)}, []
    said["sizes"] = [None if part is None else len(part) for part in parts]
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + b"".join(part or b"" for part in parts))


def _limit(most: int) -> None:
    try:
        import resource
    except ImportError:
        return
    limits = {"RLIMIT_AS": MEMORY + most, "RLIMIT_CPU": SECONDS, "RLIMIT_FSIZE": most, "RLIMIT_CORE": 0}
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS does not know them all
            resource.setrlimit(getattr(resource, name), (value, value))


if __name__ == "__main__":
    _main()
