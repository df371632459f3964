"""Every augmentation keeps the contract of `rewardtrain.augmentation`."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from curation import pairs
from rewardtrain import augmentation, settings

NEEDS_A_MODEL = {"pseudo_labels"}  # looked at in its own test
TEXT = "It is so. I do not know why, and it's been 3 days."


@pytest.mark.parametrize("name", augmentation.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        found = augmentation.get(name)
        assert found.TITLE
        assert found.SUMMARY
        for rule in found.SETTINGS["properties"].values():
            assert {"type", "default", "title", "description"} <= rule.keys()

    def test_the_given_rows_come_first_and_the_seed_decides(
        self, name: str, make_table: Callable[..., pa.Table]
    ) -> None:
        if name in NEEDS_A_MODEL:
            return
        found = augmentation.get(name)
        rows = [{**row, "response_a": f"{TEXT} {row['response_a']}"} for row in make_table(6, 4).to_pylist()]
        table = pa.Table.from_pylist(rows, schema=pairs.SCHEMA)
        own = settings.complete(found.SETTINGS, {}, name)
        one, again, other = (found.augmented(table, own, seed=seed) for seed in (1, 1, 2))
        assert one.schema == pairs.SCHEMA
        assert one.slice(0, len(table)).equals(table)
        assert len(one) > len(table)
        assert one.equals(again)
        assert not one.equals(other)

    def test_nothing_of_nothing(self, name: str) -> None:
        found = augmentation.get(name)
        own = settings.complete(found.SETTINGS, {}, name)
        assert len(found.augmented(pairs.SCHEMA.empty_table(), own, seed=0)) == 0
