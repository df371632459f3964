"""Counters and histograms of a server, as Prometheus reads them (text format 0.0.4).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import threading
from bisect import bisect_left
from collections.abc import Mapping

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
TEXTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
TOKENS = (64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0)

_KINDS = {
    "requests_total": ("counter", "Requests answered, by path and status."),
    "request_seconds": ("histogram", "Time to answer, by path."),
    "batch_texts": ("histogram", "Texts scored in one go, by model."),
    "batch_tokens": ("histogram", "Tokens scored in one go, by model."),
    "scored_texts_total": ("counter", "Texts scored, by model."),
    "scored_tokens_total": ("counter", "Tokens scored, by model."),
    "dropped_texts_total": ("counter", "Texts not scored, because nobody waited for them any more, by model."),
    "queue_texts": ("gauge", "Texts that wait, by model."),
    "model_loads_total": ("counter", "Models read from disk, by model."),
    "errors_total": ("counter", "Failures, by kind."),
}
_BOUNDS = {"request_seconds": SECONDS, "batch_texts": TEXTS, "batch_tokens": TOKENS}


class Metrics:
    """What was counted; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[str, str], float] = {}
        self._histograms: dict[tuple[str, str], tuple[list[int], list[float]]] = {}

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Count ``amount`` more."""
        key = name, _text(labels)
        with self._lock:
            self._values[key] = self._values.get(key, 0) + amount

    def set(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        with self._lock:
            self._values[name, _text(labels)] = value

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put ``value`` into a histogram."""
        bounds = _BOUNDS[name]
        with self._lock:
            counts, total = self._histograms.setdefault((name, _text(labels)), ([0] * (len(bounds) + 1), [0.0]))
            counts[bisect_left(bounds, value)] += 1
            total[0] += value

    def text(self) -> str:
        """The page."""
        lines = []
        with self._lock:
            for name, (kind, summary) in _KINDS.items():
                full = f"touchstone_scorer_{name}"
                lines += [f"# HELP {full} {summary}", f"# TYPE {full} {kind}"]
                for (own, labels), value in sorted(self._values.items()):
                    if own == name:
                        lines.append(f"{full}{{{labels}}} {value:g}")
                for (own, labels), (counts, total) in sorted(self._histograms.items()):
                    if own == name:
                        lines += _histogram(full, labels, _BOUNDS[name], counts, total[0])
        return "\n".join(lines) + "\n"


def _histogram(full: str, labels: str, bounds: tuple[float, ...], counts: list[int], total: float) -> list[str]:
    lines, so_far, before = [], 0, f"{labels}," if labels else ""
    for bound, count in zip((*(f"{bound:g}" for bound in bounds), "+Inf"), counts, strict=True):
        so_far += count
        lines.append(f'{full}_bucket{{{before}le="{bound}"}} {so_far}')
    return [*lines, f"{full}_sum{{{labels}}} {total:g}", f"{full}_count{{{labels}}} {so_far}"]


def _text(labels: Mapping[str, str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")

    return ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())
