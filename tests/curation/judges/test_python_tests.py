"""Foreign programs: what they answer, and what they cannot do."""

import os
import subprocess
import time

import pytest

from curation.judges import JudgeError, python_tests
from curation.judges import _sandbox as sandbox
from curation.judges._sandbox import Limits, Locks

from .conftest import texts_of

LIMITS = Limits(1.0, 256)
TESTS = {"tests": ["assert add(1, 2) == 3", "assert add(-1, 1) == 0"]}
UNCONFINED = Locks(False, sandbox.ALWAYS, ("no network: only by Python's hooks",))


@pytest.fixture(params=["namespaces", "hooks"])
def either(request, monkeypatch):
    """Both ways of holding a program, the first only where the system allows it."""
    if request.param == "hooks":
        monkeypatch.setattr(sandbox, "locks", lambda: UNCONFINED)
    elif not sandbox.locks().confined:
        pytest.skip("this system lets no process make namespaces")


def test_the_share_of_tests_that_pass_decides(judged, monkeypatch):
    right = "Here you are:\n```python\ndef add(a, b):\n    return a + b\n```\nIt adds."
    half = "```py\ndef add(a, b):\n    return 3\n```"
    monkeypatch.setenv(python_tests.UNCONFINED, "1")
    found = judged("python_tests", texts_of("ranking", half, right, "I cannot.", metadata=TESTS))
    assert found.notes["scores"] == {"r1": 0.5, "r2": 1.0, "r3": 0.0}
    assert found.answer == {"r1": 2, "r2": 1, "r3": 3}
    assert found.notes["faults"]["r1"] == ["test 2: AssertionError"]
    assert found.notes["locked"]


def test_without_tests_there_is_no_answer(judged):
    assert judged("python_tests", texts_of("binary", "x = 1", metadata={"tests": [7, ""]})).answer is None


def test_where_the_system_cannot_confine_it_is_refused_unless_the_operator_allows_it(judged, monkeypatch):
    monkeypatch.setattr(sandbox, "locks", lambda: UNCONFINED)
    case = texts_of("binary", "def add(a, b): return a + b", metadata=TESTS)
    with pytest.raises(JudgeError, match="unshare"):
        judged("python_tests", case)
    monkeypatch.setenv(python_tests.UNCONFINED, "1")
    found = judged("python_tests", case)
    assert found.answer == {"r1": "good"}
    assert found.notes["not_locked"] == list(UNCONFINED.lacking)


def test_all_code_blocks_make_the_program():
    assert python_tests.program("a\n```python\nx = 1\n```\nb\n```sh\nls\n```\n```\ny = 2\n```") == "x = 1\n\ny = 2\n"


@pytest.mark.parametrize(
    ("program", "end"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)", "Error"),
        ("open('/etc/passwd').read()", "Error"),
        ("open('/usr/touchstone', 'w')", "Error"),
        ("import os\nos._exit(0)", "ended before"),
        ("raise SystemExit(0)", "SystemExit"),
        ('print(\'\\n["code", ""]\', flush=True)\nimport os\nos._exit(0)', "ended before"),
        ("x = 'a' * 10**9", "MemoryError"),
        ("import os\nwhile True: os.fork()", "PermissionError"),
        ("import ctypes", "PermissionError"),
        ("while True: print('x' * 1000)", ""),
        (
            "import os\nassert not set(os.environ) - {'PATH', 'LANG', 'LC_CTYPE', 'PWD', 'OLDPWD'}, os.environ\n1/0",
            "ZeroDivision",
        ),
        ("def f(:", "SyntaxError"),
    ],
)
def test_what_a_program_cannot_do(either, program, end):
    found = sandbox.run(program, "pass", LIMITS)
    assert found
    assert end in found


def test_what_it_may_do(either):
    program = "import collections, json, math, re\nopen('note', 'w').write('x')\nassert open('note').read() == 'x'"
    assert sandbox.run(program, "assert math.sqrt(4) == 2", Limits(5.0, 256)) == ""


def test_nothing_lives_on(either):
    """Neither an endless loop nor a child that outlives it."""
    began = time.monotonic()
    name = f"touchstone_{os.getpid()}"
    spawn = f"import subprocess\nsubprocess.Popen(['/bin/sh', '-c', 'sleep 300; : {name}'])\n"
    assert sandbox.run(
        f"try:\n    exec({spawn!r})\nexcept PermissionError:\n    pass\nwhile True: pass", "pass", LIMITS
    )
    assert time.monotonic() - began < 30
    assert name not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
