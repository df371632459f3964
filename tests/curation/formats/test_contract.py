"""Every format fulfils the contract of `curation.formats`."""

import contextlib
import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.discovery import UnknownPlugin
from curation import formats, pairing
from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError

IMPORTERS = sorted(formats.importers())
EXPORTERS = sorted(formats.exporters())
LINES = [name for name in EXPORTERS if hasattr(formats.exporter(name), "export")]


def test_formats_of_this_product_are_there():
    assert set(IMPORTERS) >= {"hh_rlhf", "pandalm", "rewardbench", "trl", "votes"}
    assert set(EXPORTERS) >= {"jsonl", "parquet", "rewardbench", "trl", "votes"}


@pytest.mark.parametrize("name", formats.names())
def test_says_what_it_is(name):
    module = {**formats.importers(), **formats.exporters(), **formats.item_exporters()}[name]
    assert module.TITLE
    assert module.SUMMARY.endswith(".")


def test_docs_name_every_format():
    told = (Path(__file__).parents[3] / "docs/formats.md").read_text("utf-8")
    assert [name for name in formats.names() if f"`{name}`" not in told] == []


@pytest.mark.parametrize("name", IMPORTERS)
def test_example_parses(name):
    module = formats.importer(name)
    parsed = module.parse(module.EXAMPLE)
    assert isinstance(parsed, Parsed)
    assert parsed.votes or parsed.answers or parsed.criteria
    assert json.loads(json.dumps(module.EXAMPLE)) == module.EXAMPLE
    assert bool(parsed.votes) <= bool(pairing.table([parsed]).num_rows)


@pytest.mark.parametrize("name", IMPORTERS)
@pytest.mark.parametrize("row", [{}, {"prompt": None}, {"unrelated": 1, "fields": [1, {}]}])
def test_row_of_something_else_is_refused_with_a_sentence(name, row):
    with pytest.raises(RowError) as refused:
        formats.importer(name).parse(row)
    assert str(refused.value).endswith(".")


def replaced(value, old, new):
    """``value`` with every text ``old`` in it replaced."""
    if isinstance(value, dict):
        return {key: replaced(part, old, new) for key, part in value.items()}
    if isinstance(value, list):
        return [replaced(part, old, new) for part in value]
    return value.replace(old, new) if isinstance(value, str) else value


def texts_of(parsed):
    return [message["content"] for message in parsed.prompt] + [response.text for response in parsed.responses]


@pytest.mark.parametrize("name", IMPORTERS)
def test_markup_passes_through_untouched(name):
    module = formats.importer(name)
    script = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    row = replaced(module.EXAMPLE, ".", script) if name != "rewardbench" else {**module.EXAMPLE, "chosen": script}
    assert any(script in text for text in texts_of(module.parse(row)))


@pytest.mark.parametrize("name", IMPORTERS)
@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_text_that_no_database_stores_is_refused(name, bad):
    module = formats.importer(name)
    row = replaced(replaced(module.EXAMPLE, "e", f"e{bad}"), "4", f"4{bad}")
    with pytest.raises(RowError) as refused:
        module.parse(row)
    assert "\0" not in str(refused.value)
    str(refused.value).encode()  # the message itself can be stored


@pytest.mark.parametrize("name", IMPORTERS)
def test_every_field_may_be_of_a_wrong_type(name):
    module = formats.importer(name)
    for field in module.EXAMPLE:
        for wrong in (None, True, 3.5, [], {}, [[]], [{}], "", "x"):
            try:
                parsed = module.parse({**module.EXAMPLE, field: wrong})
            except RowError:
                continue
            assert isinstance(parsed, Parsed)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "0", "tie"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "id", "text"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def spoilt(value, draw):
    """``value`` with one of its parts, however deep, replaced by something else."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 3)) == 0:
        return draw(json_values)
    chosen = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[chosen] = spoilt(value[chosen], draw)
    return copy


@pytest.mark.parametrize("name", IMPORTERS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_whatever_comes_is_read_or_refused_but_never_breaks(name, data):
    module = formats.importer(name)
    row = module.EXAMPLE
    for _ in range(data.draw(st.integers(1, 2))):
        row = spoilt(row, data.draw)
    with contextlib.suppress(RowError):
        assert isinstance(module.parse(row if isinstance(row, dict) else {"row": row}), Parsed)


@pytest.mark.parametrize("name", sorted({*EXPORTERS, *formats.item_exporters()}))
def test_options_have_a_closed_schema_with_defaults(name):
    schema = {**formats.exporters(), **formats.item_exporters()}[name].OPTIONS
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    for option in schema["properties"].values():
        assert "default" in option
        assert option["title"]
    assert formats.filled_options(schema, {}) == {key: o["default"] for key, o in schema["properties"].items()}
    with pytest.raises(formats.OptionError, match="no_such_option"):
        formats.filled_options(schema, {"no_such_option": 1})


@pytest.mark.parametrize("name", LINES)
def test_export_is_plain_json_and_accounts_for_every_row(name, pair_table):
    table = pair_table(
        {"outcome": "a", "votes": "aab"}, {"outcome": "b"}, {"outcome": "tie"}, {"outcome": "both_bad"},
        {"response_a": "same", "response_b": "same"}, {"media_a": ["sha256:1"]},
    )  # fmt: skip
    module = formats.exporter(name)
    options = formats.filled_options(module.OPTIONS, {})
    left_out = Counter()
    rows = list(module.export(table, options, left_out))
    assert len(rows) / getattr(module, "LINES_A_PAIR", 1) + left_out.total() == table.num_rows
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert rows == list(module.export(table, options, Counter()))
    assert list(module.export(table.slice(0, 0), options, Counter())) == []


@pytest.mark.parametrize("name", sorted(set(IMPORTERS) & set(LINES)))
def test_what_is_written_can_be_read_again(name, pair_table):
    table = pair_table({"outcome": "a", "votes": "aab"}, {"outcome": "b", "votes": "b"})
    module = formats.exporter(name)
    exported = module.export(table, formats.filled_options(module.OPTIONS, {}), Counter())
    for parsed, row in zip(map(module.parse, exported), table.to_pylist(), strict=True):
        said = {response.text for response in parsed.responses}
        assert said == {row["response_a"], row["response_b"]}
        shares = Counter(parsed.responses[0 if v.outcome == "a" else 1].text for v in parsed.votes)
        assert shares.most_common(1)[0][0] == (row["response_a"] if row["p_a"] else row["response_b"])


def test_unknown_format_lists_those_that_exist():
    with pytest.raises(UnknownPlugin, match="pandalm"):
        formats.importer("excel")
    with pytest.raises(UnknownPlugin, match="trl"):
        formats.exporter("excel")
    with pytest.raises(UnknownPlugin, match="import format"):
        formats.importer("jsonl")


PROMPT = [{"role": "user", "content": "q"}]
TWO = (ParsedResponse("x"), ParsedResponse("y"))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: ParsedResponse("x" * (formats.MAX_TEXT + 1)), "4,194,305 characters"),
        (lambda: ParsedResponse("x", metadata={"score": float("nan")}), "nan"),
        (lambda: ParsedResponse("x", metadata={"when": object()}), "not plain JSON"),
        (lambda: Parsed(PROMPT, ()), "0 responses"),
        (lambda: Parsed(PROMPT, (ParsedResponse("x"),) * 101), "101 responses"),
        (lambda: Parsed(PROMPT, (ParsedResponse(""), ParsedResponse("  \n"))), "Every response is empty"),
        (lambda: Parsed([{"role": "robot", "content": "q"}], TWO), "'robot'"),
        (lambda: Parsed(PROMPT, TWO, gold="left"), "'left'"),
        (lambda: Parsed(PROMPT, TWO, external_id="i" * 201), "201 characters"),
        (lambda: Parsed(PROMPT, TWO, votes=(ParsedVote("r", "a", 0, 2),)), "does not have"),
        (lambda: Parsed(PROMPT, TWO, votes=(ParsedVote("r", "a", 1, 1),)), "does not have"),
        (lambda: Parsed(PROMPT, TWO, votes=(ParsedVote("r", "a"), ParsedVote("r", "b", 1, 0))), "votes 2 times"),
        (lambda: ParsedVote("  ", "a"), "no rater"),
        (lambda: ParsedVote("r", "A"), "both_bad"),
        (lambda: ParsedVote("r", "a", strength=4, scale=3), "between 1 and its scale"),
        (lambda: ParsedVote("r", "a", seconds=-1), "negative"),
        (lambda: ParsedVote("r", "a", submitted_at="yesterday"), "yesterday"),
    ],
)
def test_no_import_gets_past_the_general_checks(made, message):
    with pytest.raises(RowError, match=message):
        made()


def test_metadata_may_be_nested_but_not_without_end():
    nested = {}
    for _ in range(formats.MAX_DEPTH + 1):
        nested = {"inner": nested}
    with pytest.raises(RowError, match="levels"):
        Parsed(PROMPT, TWO, metadata=nested)


def test_one_silent_model_is_no_fault_and_a_megabyte_neither():
    parsed = Parsed(PROMPT, (ParsedResponse(""), ParsedResponse("x" * 1_000_000)))
    assert len(parsed.responses[1].text) == 1_000_000


def test_ties_have_no_strength():
    assert ParsedVote("r", "tie", strength=2, scale=3).strength == 0


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("＝1", "'＝1"), ("|calc", "'|calc"),
        (-3, "-3"), ("-3.5", "-3.5"), (None, ""), ("plain = text", "plain = text"), ("", ""),
    ],
)  # fmt: skip
def test_cells_of_a_table_are_no_formulas(value, cell):
    assert formats.safe_cell(value) == cell
