"""Render docs/capabilities.md from the ledger docs/capabilities.toml: `python docs/render_capabilities.py`."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECTIONS = {"A": "Collect", "B": "Curate", "C": "Train", "D": "Evaluate", "E": "Use"}
HEAD = (
    "# Capabilities\n\n"
    "What the systems behind Touchstone do, and how far Touchstone does it. A row counts as *shown* when the tests "
    "named in it show it end to end; *in part* says what is still missing; *missing* says why. A test holds this page "
    "to its source, `docs/capabilities.toml`, and the named tests to existence.\n\n"
)


def ledger() -> dict[str, dict[str, Any]]:
    """The rows by id, in the order of the file."""
    return tomllib.loads((HERE / "capabilities.toml").read_text())


def state(row: dict[str, Any]) -> str:
    """ "shown", "in part" or "missing"."""
    if not row.get("tests"):
        return "missing"
    return "in part" if row.get("missing") else "shown"


def render(rows: dict[str, dict[str, Any]]) -> str:
    """The page."""
    counts = [f"{sum(state(row) == name for row in rows.values())} {name}" for name in ("shown", "in part", "missing")]
    parts = [HEAD, f"Of {len(rows)} capabilities: {', '.join(counts)}.\n"]
    for letter, title in SECTIONS.items():
        parts.append(f"\n## {letter}. {title}\n\n| | capability | state | shown by |\n|---|---|---|---|\n")
        parts += [_line(name, row) for name, row in rows.items() if name.startswith(letter)]
    return "".join(parts)


def _line(name: str, row: dict[str, Any]) -> str:
    capability = f"**{row['title']}**<br>{row['summary']}"
    verdict = state(row) + (f": {row['missing']}" if row.get("missing") else "")
    cells = (name, capability, verdict, "<br>".join(_link(test) for test in row.get("tests", [])))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def _link(test: str) -> str:
    path, _, function = test.partition("::")
    return f"[{(function or path).replace('_', ' ')}](../{path})"


if __name__ == "__main__":
    (HERE / "capabilities.md").write_text(render(ledger()))
