"""What the browser tests of marks share."""

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SETTLED = """async () => {
    const moving = () => document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity);
    do {
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        await Promise.allSettled(moving().map(one => one.finished));
    } while (moving().some(one => one.playState === 'running'));
}"""


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
    page.evaluate(SETTLED)
    found = page.evaluate("axe.run(document)")["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found]


def faults_at_any_size(page: Any) -> list[Any]:
    """The same on a desk and on a phone, light and dark; and whether the page is wider than its window."""
    found: list[Any] = []
    for width in (1360, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [(width, scheme, *fault) for fault in faults(page)]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append((width, "the page is too wide"))
    return found
