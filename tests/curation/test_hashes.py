"""Hashes of tables."""

from hashlib import sha256

import numpy as np

from curation import hashes, pairs


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
