"""The ledger of capabilities is complete and honest, and its page is current."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAST = {"A": 16, "B": 15, "C": 21, "D": 12, "E": 4}


def _render_module():
    spec = importlib.util.spec_from_file_location("render_capabilities", ROOT / "docs" / "render_capabilities.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = _render_module()
ROWS = PAGE.ledger()
NAMED = sorted({test for row in ROWS.values() for test in row.get("tests", [])})


def test_every_capability_has_its_row_in_order():
    assert list(ROWS) == [f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)]


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_shown_by_tests_or_says_what_is_missing(name):
    row = ROWS[name]
    assert set(row) <= {"title", "summary", "tests", "missing"}
    assert row["title"]
    assert row["summary"]
    assert row.get("tests") or row.get("missing"), "neither tests nor a reason"
    assert "missing" not in row or row["missing"].strip().endswith("."), "a reason is a sentence"
    assert len(set(row.get("tests", []))) == len(row.get("tests", [])), "a test is named twice"


def test_named_tests_are_single_functions():
    for test in NAMED:
        path, _, function = test.partition("::")
        assert (ROOT / path).is_file(), f"{path} does not exist"
        assert function, f"{test} names a file; name the test that shows it"


def test_named_tests_are_collected():
    """pytest itself finds them all (it refuses an id that does not exist)."""
    assert NAMED, "the ledger names no test"
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-o", "addopts=--import-mode=importlib"]
    done = subprocess.run([*collect, *NAMED], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert set(NAMED) <= collected | {test for test in NAMED if "[" in test}


def test_the_page_is_current():
    page = ROOT / "docs" / "capabilities.md"
    assert page.read_text() == PAGE.render(ROWS), "run `python docs/render_capabilities.py`"


def test_states():
    assert PAGE.state({"missing": "Later."}) == "missing"
    assert PAGE.state({"missing": "Half of it.", "tests": ["tests/x.py::test_y"]}) == "in part"
    assert PAGE.state({"tests": ["tests/x.py::test_y"]}) == "shown"


def test_rendering_names_the_tests_and_keeps_the_table_whole():
    row = {"title": "Pairs | more", "summary": "s", "tests": ["tests/a/test_b.py::test_it_works"], "missing": "No."}
    page = PAGE.render({"A1": row})
    assert "Of 1 capabilities: 0 shown, 1 in part, 0 missing." in page
    assert "| A1 | **Pairs &#124; more**<br>s | in part: No. | [test it works](../tests/a/test_b.py) |" in page
