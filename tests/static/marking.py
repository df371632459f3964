"""What the browser tests of marks share."""

from typing import Any

import pytest

from tests.axe import faults


def wait_until(page: Any, condition: Any, what: str) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {what}")


def becomes_true(page: Any, expression: str) -> None:
    """Playwright's own waiting evaluates in the page, which its Content-Security-Policy forbids."""
    wait_until(page, lambda: page.evaluate(expression), expression)


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
