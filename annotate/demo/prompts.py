"""Hand-written prompts with responses of known quality, from ``content/<category>.yaml``.

    - id: sky-blue
      prompt: Explain to a ten-year-old why the sky is blue.
      responses:
        - grades: {overall: 3, correctness: 3, clarity: 3}
          text: …
        - grades: {overall: 0, correctness: 0, clarity: 3}
          kind: factual
          flaw: says that the sky mirrors the sea
          text: …

In two of five prompts the longest response is a flawed one, so that length alone tells little.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from annotate.demo import Candidate, Sample

CONTENT = Path(__file__).with_name("content")
DIMENSIONS = ("correctness", "clarity")
CHECKS = "checks"


@cache
def samples() -> tuple[Sample, ...]:
    """All prompts that are judged in earnest, by category."""
    return tuple(sample for path in sorted(CONTENT.glob("*.yaml")) if path.stem != CHECKS for sample in _read(path))


@cache
def checks() -> tuple[Sample, ...]:
    """Prompts whose better response nobody can miss."""
    return tuple(_read(CONTENT / f"{CHECKS}.yaml"))


def _read(path: Path) -> list[Sample]:
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Sample(
            id=f"text-{row['id']}",
            prompt=row["prompt"],
            category=path.stem,
            candidates=tuple(_candidate(response) for response in row["responses"]),
        )
        for row in rows
    ]


def _candidate(response: dict[str, Any]) -> Candidate:
    return Candidate(response["text"], dict(response["grades"]), response.get("kind", ""), response.get("flaw", ""))
