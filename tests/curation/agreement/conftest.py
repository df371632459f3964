"""Readings to compare: built by hand, and real ones."""

import json

import pytest

from annotate.feedback import Reading
from annotate.records import Preference


@pytest.fixture(scope="session")
def table():
    """Readings from a table: one row a rater, one column a unit, None where the rater did not judge it."""

    def build(rows, field="category"):
        return [
            Reading(f"q{unit}", "r", "", f"w{rater}", **{field: value})
            for rater, row in enumerate(rows)
            for unit, value in enumerate(row)
            if value is not None
        ]

    return build


@pytest.fixture(scope="session")
def pandalm(real_data):
    """Preferences of three people on 999 pairs, with published kappas (Wang et al. 2023)."""
    rows = json.loads((real_data / "pandalm_testset" / "testset-v1.json").read_text(encoding="utf-8"))
    return [
        Preference(
            item=str(row["idx"]),
            rater=rater,
            question="preference",
            a="r1",
            b="r2",
            outcome=("tie", "a", "b")[row[rater]],
            strength=int(row[rater] > 0),
        )
        for row in rows
        for rater in ("annotator1", "annotator2", "annotator3")
    ]
