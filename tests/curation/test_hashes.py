"""Hashes of tables."""

import math
from hashlib import sha256

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import applying, hashes, pairs


def test_the_root_is_defined_as_the_module_says():
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))

    def joined(left, right):
        return sha256(b"\1" + left + right).digest()

    assert hashes.root([]) == sha256(b"").hexdigest()
    assert hashes.root([two]) == two.hex()
    assert hashes.root([two, one]) == joined(one, two).hex()
    assert hashes.root([three, one, two]) == joined(joined(one, two), three).hex()


def test_a_rows_hash_is_that_of_its_canonical_json(pair_table):
    table = pair_table({"votes": "ab"})
    (row,) = table.to_pylist()
    assert hashes.row_hashes(table) == [sha256(b"\0" + pairs.canonical_json(row).encode()).digest()]


def test_every_column_counts_and_the_order_of_rows_does_not(pair_table):
    rows = [{"votes": "ab"}, {"votes": "a"}, {}]
    whole = hashes.root(hashes.row_hashes(pair_table(*rows)))
    table = pair_table(*rows).take(np.array([2, 0, 1]))
    assert hashes.root(hashes.row_hashes(table)) == whole
    for change in ({"weight": 0.5}, {"gold": "a"}, {"metadata": '{"k":1}'}, {"p_a": 0.9, "p_b": 0.1}, {"group": "g"}):
        assert hashes.root(hashes.row_hashes(pair_table(*rows[:2], change))) != whole


def test_order_is_by_name_then_content(pair_table):
    table = pair_table({"prompt": "q"}, {"prompt": "q"}, {"prompt": "q", "item": "item 0", "weight": 2.0})
    found = hashes.order(table, hashes.row_hashes(table))
    turned = table.take(np.array([2, 1, 0]))
    again = hashes.order(turned, hashes.row_hashes(turned))
    assert table.take(found).equals(turned.take(again))


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBER = st.floats(width=32) | st.just(-0.0)
OUTCOME = st.fixed_dictionaries({"rater": TEXT, "kind": TEXT | st.none(), "level": NUMBER | st.none()})
ROW = st.fixed_dictionaries(
    {"prompt": TEXT, "gold": TEXT | st.none(), "margin": NUMBER, "n_votes": st.integers(0, 9) | st.none(),
     "media_a": st.lists(TEXT, max_size=3) | st.none(), "votes": st.lists(OUTCOME, max_size=3) | st.none()}
)  # fmt: skip


@given(st.lists(ROW, max_size=6))
@settings(max_examples=100, deadline=None)
def test_the_json_of_columns_is_the_json_of_rows(rows):
    table = pa.Table.from_pylist(rows, schema=pairs.SCHEMA)
    plain = [sha256(b"\0" + pairs.canonical_json(row).encode()).digest() for row in table.to_pylist()]
    assert hashes.row_hashes(table) == plain
    assert hashes.row_hashes(table.slice(1)) == plain[1:]


def test_lines_of_a_trace_hash_as_rows_do():
    label = [0.1, math.nan, 0.0, 1e-300]
    table = pa.Table.from_pylist([{"label_before": label, "label_after": None, "stage": 1}] * 2, applying.TRACE)
    (row, _) = table.to_pylist()
    assert hashes.row_hashes(table) == [sha256(b"\0" + pairs.canonical_json(row).encode()).digest()] * 2


def plain_root(leaves):
    level = sorted(leaves)
    while len(level) > 1:
        joined = [sha256(b"\1" + one + other).digest() for one, other in zip(level[::2], level[1::2], strict=False)]
        level = joined + level[len(joined) * 2 :]
    return level[0].hex() if level else sha256().hexdigest()


@given(st.lists(st.lists(st.binary(min_size=32, max_size=32), max_size=9), max_size=9))
@settings(max_examples=150, deadline=None)
def test_a_root_that_is_streamed_is_the_root_of_them_all(parts):
    streamed = hashes.Root()
    for part in parts:
        streamed.add(b"".join(part))
    assert streamed.hex() == plain_root([leaf for part in parts for leaf in part])
