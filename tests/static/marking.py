"""What the browser tests of marks share."""

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def wait_until(page: Any, condition: Any, what: str) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def becomes_true(page: Any, expression: str) -> None:
    """Playwright's own waiting evaluates in the page, which its Content-Security-Policy forbids."""
    wait_until(page, lambda: page.evaluate(expression), expression)


def faults(page: Any) -> list[tuple[str, str]]:
    """What axe, which is on the page already, finds wrong."""
    found = page.evaluate("axe.run(document)")["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found]
