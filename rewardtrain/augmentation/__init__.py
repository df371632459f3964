"""Augmentations: one file each, found by discovery; a pair table in, the same with rows that teach more out.

The contract that every module here fulfils (tests/rewardtrain/augmentation/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                                        JSON Schema, every property with a default; format: path
                                                           for what names a file, which the web refuses
    augmented(table, settings, *, seed) -> pa.Table        `curation.pairs.SCHEMA`; the given rows come first

The same table, settings and seed give the same rows. Only the train split is augmented.
"""

from collections.abc import Mapping
from typing import Any, Protocol, cast

import pyarrow as pa

from annotate import discovery


class Augmentation(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]

    def augmented(self, table: pa.Table, settings: Mapping[str, Any], *, seed: int) -> pa.Table: ...


def names() -> tuple[str, ...]:
    """Identifiers of all augmentations."""
    return discovery.names(__name__)


def get(name: str) -> Augmentation:
    """The augmentation called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Augmentation, discovery.load(__name__, name))
