"""Marked passages of real data stand in the page where their offsets say.

Source offset -> rendered page -> text, for every span of Fine-Grained RLHF's development set: each response goes
through `annotate.rendering`, all on one page; `_offsets.js` finds each span's range, and what the range holds is
compared with ``source[start:end]``. Rendering may change this and nothing else: runs of white space (a line break
becomes an element or a space), and the characters that are markdown's marks, of which this data has none that
the renderer takes away. So both texts without white space must be the same, character for character.
"""

import html
import json
import re
from pathlib import Path

import pytest

from annotate.rendering import render

pytestmark = [pytest.mark.browser, pytest.mark.real_data]

SCRIPT = Path(__file__).parents[2] / "static" / "annotate" / "feedback" / "_offsets.js"
ORIGIN = "http://offsets.test/"
FIND = """async (cases) => {
    const { offsets } = await import('/_offsets.js');
    return cases.map(({ id, text, spans }) => {
        const map = offsets(document.getElementById(id), text);
        return spans.map((span) => {
            const range = map.toRange(span);
            return range && { shown: range.toString(), back: map.toSource(range) };
        });
    });
}"""


@pytest.fixture(scope="module")
def page(chromium):
    """An empty page that can import the script; no server, no database."""
    page = chromium.new_page()
    page.route(
        f"{ORIGIN}**",
        lambda route: route.fulfill(
            content_type="text/javascript" if route.request.url.endswith(".js") else "text/html; charset=utf-8",
            body=SCRIPT.read_text() if route.request.url.endswith(".js") else "<!doctype html>",
        ),
    )
    page.goto(ORIGIN)
    yield page
    page.close()


def found(page, cases):
    """For each (source, spans): what the page shows of each span, and where it says that this stands."""
    body = "".join(f'<div id="r{n}" class="prose">{render(text)}</div>' for n, (text, _) in enumerate(cases))
    page.set_content(f"<!doctype html><title>{html.escape('offsets')}</title>{body}")
    given = [
        {"id": f"r{n}", "text": text, "spans": [{"start": start, "end": end} for start, end in spans]}
        for n, (text, spans) in enumerate(cases)
    ]
    return page.evaluate(FIND, given)


def solid(text):
    return re.sub(r"\s+", "", text)


def test_every_span_of_real_data_shows_its_own_words(page, real_data):
    rows = json.loads((real_data / "finegrained_rlhf" / "dev_feedback.json").read_text())
    cases = [
        (row["prediction 1"], [(error["start"], error["end"]) for error in row["feedback"]["errors"]]) for row in rows
    ]
    cases = [(text, spans) for text, spans in cases if spans]
    wrong, moved, count = [], [], 0
    for (text, spans), shown in zip(cases, found(page, cases), strict=True):
        for (start, end), seen in zip(spans, shown, strict=True):
            count += 1
            source = text[start:end]
            if seen is None or solid(seen["shown"]) != solid(source):
                wrong.append((source, seen))
            elif solid(text[seen["back"]["start"] : seen["back"]["end"]]) != solid(source):
                moved.append((source, seen))
    assert count == 1373
    assert wrong == []
    assert moved == []


@pytest.mark.parametrize(
    ("source", "passage", "shown"),
    [
        ("It was lit in **1871** and is tall.", "1871** and", "1871 and"),
        ("🌍 is *round*, 日本 an island 🏝️.", "日本 an island", "日本 an island"),
        ("See [the map](https://example.org/a_b) first.", "the map](https://example.org/a_b) first", "the map first"),
        ("1. One\n2. Two `x = 1`\n", "Two `x = 1`", "Two x = 1"),
        (
            "cafe\u0301 \U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd <b>&amp;</b>",
            "\u05e9\u05dc\u05d5\u05dd <b>",
            "\u05e9\u05dc\u05d5\u05dd <b>",
        ),
        ("worth $201 in 2017, and $34 in 2018", "in 2017, and $34", "in 2017, and $34"),
    ],
)
def test_what_markdown_removes_is_all_that_is_missing(page, source, passage, shown):
    start = source.index(passage)
    ((seen,),) = found(page, [(source, [(start, start + len(passage))])])
    assert seen["shown"] == shown


def test_a_shifted_offset_would_be_noticed(page):
    ((seen,),) = found(page, [("One two three.", [(5, 8)])])
    assert solid(seen["shown"]) != solid("two")
