"""What axe finds wrong on a page, once it has come to rest: one way for all browser tests."""

from pathlib import Path
from typing import Any

_AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
# Colours change over some frames, and over a transition where there is one.
_SETTLED = """async () => {
    const moving = () => document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity);
    do {
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
        await Promise.allSettled(moving().map(one => one.finished));
    } while (moving().some(one => one.playState === 'running'));
}"""


def faults(page: Any, impacts: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(rule, where it is broken first) of every fault; only those of ``impacts`` where some are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    page.evaluate(_SETTLED)
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [
        (fault["id"], fault["nodes"][0]["html"][:200]) for fault in found if not impacts or fault["impact"] in impacts
    ]
