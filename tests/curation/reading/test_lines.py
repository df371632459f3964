"""JSON lines and lists, whole and broken."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.reading import lines, open_source
from curation.reading.row import Damaged


def rows_of(tmp_path, name, content, **options):
    path = tmp_path / name
    path.write_bytes(content)
    with open_source(path, **options) as reader:
        return list(reader)


def chunked(content, size):
    return iter([content[start : start + size] for start in range(0, len(content), size)])


BAD_LINES = [
    (b'{"a": }', "not JSON: Expecting value at character 6"),
    (b'{"a": 1} x', "not JSON: Extra data"),
    (b"[1, 2]", "not a JSON object"),
    (b'"text"', "not a JSON object"),
    (b'{"a": NaN}', "NaN is not JSON"),
    (b'{"a": -Infinity}', "-Infinity is not JSON"),
    (b'{"a": "\xff"}', "not UTF-8: byte 0xff at 7"),
    (b'{"a": "\xe2\x82"}', "not UTF-8: byte 0xe2"),
    (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read"),
    (b'{"a": "' + b"x" * 300_000 + b'"}', "300,009 bytes; 250,000 are allowed"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_LINES)
def test_a_bad_line_is_named_and_the_others_are_read(tmp_path, bad, message):
    content = b'{"n": 1}\n' + bad + b'\n\n{"n": 4}'
    first, second, third = rows_of(tmp_path, "x.jsonl", content, limit=250_000)
    assert (first, third) == ((1, {"n": 1}, None), (4, {"n": 4}, None))  # blank lines count, as in an editor
    assert (second.number, second.data) == (2, None)
    assert message in second.error.replace("300,010", "300,009")


@pytest.mark.parametrize(("bad", "message"), [entry for entry in BAD_LINES if b" x" not in entry[0]])
def test_a_bad_element_is_named_and_the_others_are_read(tmp_path, bad, message):
    content = b'[{"n": 1},\n ' + bad + b', {"n": 3}]'
    first, second, third = rows_of(tmp_path, "x.json", content, limit=250_000)
    assert (first, third) == ((1, {"n": 1}, None), (3, {"n": 3}, None))
    assert (second.number, second.data) == (2, None)
    if "UTF-8" not in message:  # there the place counts from the comma
        assert message.split(" at ")[0].replace("300,009", "300,011") in second.error


def test_windows_lines_and_a_byte_order_mark(tmp_path):
    rows = rows_of(tmp_path, "x.jsonl", b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n')
    assert [row.data for row in rows] == [{"a": 1}, {"a": 2}]


def test_truncated_gzip_keeps_the_rows_before_it(tmp_path):
    whole = gzip.compress(b"".join(b'{"n": %d, "s": "%x"}\n' % (n, n**50) for n in range(2000)))
    rows = rows_of(tmp_path, "x.jsonl.gz", whole[: len(whole) // 2])
    *good, last = rows
    assert 500 < len(good) < 1500
    assert [row.data["n"] for row in good] == list(range(len(good)))
    assert "truncated" in last.error
    assert last.number == len(good) + 1


def test_damaged_gzip_keeps_the_rows_before_it(tmp_path):
    whole = bytearray(gzip.compress(b"".join(b'{"n": %d, "s": "%x"}\n' % (n, n**50) for n in range(2000))))
    whole[len(whole) // 2] ^= 0xFF
    *good, last = rows_of(tmp_path, "x.jsonl.gz", bytes(whole))
    assert len(good) > 100
    assert last.error is not None


def test_gzip_files_one_after_another_and_padding(tmp_path):
    content = gzip.compress(b'{"n": 1}\n') + gzip.compress(b'{"n": 2}\n') + b"\0" * 20
    assert [row.data["n"] for row in rows_of(tmp_path, "x.jsonl.gz", content)] == [1, 2]


@pytest.mark.parametrize(
    ("content", "good", "message"),
    [
        (b'[{"n": 1}, {"n": 2}', 1, "no end"),
        (b'[{"n": 1}, {"n": [2}, {"n": 3}]', 1, "no end"),
        (b'[{"n": 1}] [{"n": 2}]', 1, "more follows"),
        (b'[{"n": 1}, ]', 1, None),
        (b"[]", 0, None),
        (b"", 0, "no end"),
        (b'[{"n": 1},, {"n": 2}]', 2, "not JSON"),
        (b'[{"n": 1}}, {"n": 2}]', 1, "not JSON"),
        (b'[{"n": "]}\\""}, {"n": "[{"}]', 2, None),
    ],
)
def test_lists_that_end_oddly(tmp_path, content, good, message):
    rows = rows_of(tmp_path, "x.json", content)
    errors = [row.error for row in rows if row.error]
    assert len(rows) - len(errors) == good
    assert (message in errors[0]) if message else not errors


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=4), json_values, max_size=3), max_size=5),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from([None, 2]),
)
def test_lists_are_cut_at_their_elements_wherever_the_chunks_end(values, size, escaped, indent):
    content = json.dumps(values, ensure_ascii=escaped, indent=indent).encode("utf-8", "surrogatepass")
    found = list(lines.elements(chunked(content, size), 10**6))
    assert [json.loads(part.decode("utf-8", "surrogatepass")) for part in found] == values


@given(st.binary(max_size=200), st.integers(1, 20), st.integers(1, 50))
def test_bytes_of_any_kind_end_as_lines_or_elements_or_damage(content, size, limit):
    assert b"".join(part for part in lines.lines(chunked(content, size), 10**6) if isinstance(part, bytes)) == content
    for cut in (lines.lines, lines.elements, lambda chunks, limit: lines.gunzipped(chunks)):
        try:
            parts = list(cut(chunked(content, size), limit))
        except Damaged:
            continue
        if cut is not lines.gunzipped:
            assert all(len(part) <= limit for part in parts if isinstance(part, bytes)) or cut is not lines.lines


@given(st.binary(max_size=3000), st.integers(1, 100))
def test_gunzipping_gives_back_what_was_zipped(content, size):
    assert b"".join(lines.gunzipped(chunked(gzip.compress(content), size))) == content


def test_an_object_of_objects_gives_its_members_with_their_names():
    text = b'{"a": {"n": 1, "list": [{"x": "},]"}]}, "b": {"n": 2, "key": "own"}, "c": 3, "d": {"n": }, "e": {"n": 5}}'
    for size in (1, 7, len(text)):
        chunks = iter([text[at : at + size] for at in range(0, len(text), size)])
        rows = list(lines.members(lines.elements(chunks, 100), 100))
        assert [row.number for row in rows] == [1, 2, 3, 4, 5]
        assert rows[0].data == {"key": "a", "n": 1, "list": [{"x": "},]"}]}
        assert rows[1].data == {"key": "own", "n": 2}
        assert "'c' is not a JSON object" in rows[2].error
        assert "not JSON" in rows[3].error
        assert rows[4].data == {"key": "e", "n": 5}
