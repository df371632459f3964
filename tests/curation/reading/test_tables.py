"""CSV and TSV, whole and broken."""

import pytest

from curation.reading import UnsupportedSource, open_source


def rows_of(tmp_path, content, name="x.csv", **options):
    path = tmp_path / name
    path.write_bytes(content)
    with open_source(path, **options) as reader:
        return list(reader)


def test_cells_are_text_with_quotes_and_newlines(tmp_path):
    rows = rows_of(tmp_path, b'a,b\r\n"x, ""y""\nz",2\r\n\r\n,\r\n')
    assert [row.data for row in rows] == [{"a": 'x, "y"\nz', "b": "2"}, {"a": "", "b": ""}]
    assert [row.number for row in rows] == [1, 2]


@pytest.mark.parametrize(("name", "sign"), [("x.csv", ";"), ("x.csv", "\t"), ("x.tsv", "\t"), ("x.csv", ",")])
def test_delimiters(tmp_path, name, sign):
    content = f"prompt{sign}answer\nwhy, then{sign}so\n" if sign != "," else 'prompt,answer\n"why, then",so\n'
    (row,) = rows_of(tmp_path, content.encode(), name)
    assert row.data == {"prompt": "why, then", "answer": "so"}


def test_byte_order_mark_of_spreadsheets(tmp_path):
    (row,) = rows_of(tmp_path, "\ufeffa,b\n1,2\n".encode())
    assert row.data == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"1", "1 cells, but the header names 2"),
        (b"1,2,3", "3 cells, but the header names 2"),
        (b"1,\xff", "column 'b' is not UTF-8"),
        (b"1," + b"x" * 5000, "bytes; 1,000 are allowed"),
        (b'1,"' + b"x\n" * 600 + b'"', "bytes; 1,000 are allowed"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_read(tmp_path, bad, message):
    first, second, third = rows_of(tmp_path, b"a,b\nx,y\n" + bad + b"\nz,w\n", limit=1000)
    assert (first, third) == ((1, {"a": "x", "b": "y"}, None), (3, {"a": "z", "b": "w"}, None))
    assert (second.number, second.data) == (2, None)
    assert message in second.error


@pytest.mark.parametrize("header", [b"a,a", b"a,,b", b"\xff,b"])
def test_bad_headers_are_refused(tmp_path, header):
    with pytest.raises(UnsupportedSource, match=r"header of x.csv"):
        rows_of(tmp_path, header + b"\n1,2\n")


def test_truncated_table(tmp_path):
    import gzip

    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%x\n" % (n, n**50) for n in range(2000)))
    *good, last = rows_of(tmp_path, whole[: len(whole) // 2], "x.csv.gz")
    assert len(good) > 500
    assert "truncated" in last.error


def test_a_cell_of_a_megabyte_is_read(tmp_path):
    (row,) = rows_of(tmp_path, b"a,b\n1," + b"x" * 1_000_000 + b"\n")
    assert len(row.data["b"]) == 1_000_000


def test_an_unclosed_quote_is_an_error_and_no_silence(tmp_path):
    rows = rows_of(tmp_path, b'a,b\n1,"open\n2,3\n4,5\n')
    assert rows[-1].data is None or rows[-1].data["b"].startswith("open")
    assert len(rows) == 1
