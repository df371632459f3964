"""The long measurements: one file each, seeded, with intervals; `make verify` runs them all.

A measurement is a module of this folder (names that begin with an underscore are helpers):

    \"\"\"How well X predicts Y on Z.\"\"\"                 # its first sentence is the title in the table

    from bench import Figure, script

    def measure(*, seed: int, quick: bool) -> list[Figure]:
        ...                                           # quick: seconds instead of minutes, and no claim
        return [Figure("accuracy", .81, low=.79, high=.83, bar=.80)]

    if __name__ == "__main__":
        script(measure)

Then `python -m bench.<file> --quick` shows its figures and `--json FILE` writes them.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured number: its interval, the bar that it must reach (or stay under), its unit and sample size."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    bar: float | None = None
    smaller_is_better: bool = False
    unit: str = ""
    n: int | None = None

    @property
    def holds(self) -> bool:
        """Whether it is on the right side of its bar; without a bar it always is."""
        if self.bar is None:
            return True
        return self.value <= self.bar if self.smaller_is_better else self.value >= self.bar


class Unavailable(Exception):
    """Raised by a measurement whose data or service is not here; the message says what to provide."""


def script(measure: Callable[..., Sequence[Figure]]) -> None:
    """The command line of a measurement; exits with 1 if a bar is missed and 3 if it cannot be made here."""
    module = sys.modules[measure.__module__]
    parser = argparse.ArgumentParser(description=(module.__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a small version, to see that it runs")
    options = parser.parse_args()
    start = time.perf_counter()
    try:
        figures = list(measure(seed=options.seed, quick=options.quick))
    except Unavailable as reason:
        print(reason, file=sys.stderr)
        sys.exit(3)
    report = {
        "title": parser.description,
        "seed": options.seed,
        "quick": options.quick,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": {"python": platform.python_version(), "cpus": os.cpu_count(), "processor": platform.machine()},
        "figures": [asdict(figure) | {"holds": figure.holds} for figure in figures],
    }
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(table([(figure.name, figure) for figure in figures]))
    sys.exit(0 if options.quick or all(figure.holds for figure in figures) else 1)


def table(rows: Sequence[tuple[str, Figure]]) -> str:
    """Figures as aligned text."""
    head = ("figure", "value", "interval", "bar", "n", "")
    cells = [head, *((name, *_cells(figure)) for name, figure in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    interval = f"[{_number(figure.low)}, {_number(figure.high)}]" if figure.low is not None else ""
    bar = f"{'≤' if figure.smaller_is_better else '≥'} {_number(figure.bar)}" if figure.bar is not None else ""
    value = f"{_number(figure.value)} {figure.unit}".strip()
    return value, interval, bar, str(figure.n or ""), "" if figure.holds else "MISSED"


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
