"""Untrusted text becomes safe HTML, in bounded time, and loses nothing."""

import html
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate import rendering
from annotate.rendering import render

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    '![x" onerror="alert(1)](https://evil.example/a.png)',
    '[x](https://a.example "t" onmouseover="alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    "```js onclick=alert(1)\ncode\n```",
    "$</span><script>alert(1)</script>$",
    '$$\n" onmouseover=alert(1) x="\n$$',
    "\\(\\href{javascript:alert(1)}{x}\\)",
    "|a<script>alert(1)</script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "<style>body{display:none}</style>",
    "<form action=/delete><button>Go on</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<div hx-get=/logout hx-trigger=load>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "[x](/admin/delete)",
    "[x](//evil.example)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
]
ATTRIBUTES = {"href", "rel", "target", "title", "class", "data-tex", "start", "style"}


class Seen(HTMLParser):
    """Tags and attributes that a browser would see."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def assert_safe(markup: str) -> None:
    for tag, attributes in Seen(markup).tags:
        assert tag in rendering.TAGS, markup
        assert set(attributes) <= ATTRIBUTES, markup
        assert re.match(r"(https?:|mailto:)", attributes.get("href") or "https:", re.IGNORECASE), markup
        if tag == "a":
            assert {"noopener", "nofollow"} <= set(attributes["rel"].split()), markup
            assert attributes["target"] == "_blank", markup


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("around", ["{}", "> {}", "- {}", "# {}", "**{}**", "a {} b"])
def test_vectors_are_harmless(vector, around):
    assert_safe(render(around.format(vector)))


@given(st.text(alphabet=st.sampled_from("<>\"'`$\\[]()!*_~|#-:/ \na=&;j1"), max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_is_harmless(text):
    assert_safe(render(text))


def test_raw_html_is_shown_as_written():
    assert text_of(render("<b>bold</b>")).strip() == "<b>bold</b>"


def test_markdown():
    markup = render("# Title\n\nline one\nline *two*\n\n1. a\n2. b\n\n|x|y|\n|-|-:|\n|1|2|\n\n~~no~~")
    assert "<h3>Title</h3>" in markup
    assert "line one<br>\nline <em>two</em>" in markup
    assert "<ol>\n<li>a</li>" in markup
    assert '<td style="text-align:right">2</td>' in markup
    assert "<s>no</s>" in markup


def test_code_keeps_its_language_and_its_characters():
    assert render("```python\nif a < b: $x$\n```") == (
        '<pre><code class="language-python">if a &lt; b: $x$\n</code></pre>\n'
    )
    assert "class" not in render('```"onload\nx\n```')


@pytest.mark.parametrize(
    ("source", "tex", "display"),
    [
        ("a $x^2$ b", "x^2", False),
        (r"a \(x_1\) b", "x_1", False),
        ("a $$y$$ b", "y", True),
        (r"a \[z\] b", "z", True),
        ("$$\na\n- b\n$$", "a\n- b", True),
        ("text\n\\[\n= c\n\\]\nmore", "= c", True),
        ("1. item\n\n   $$\n   a\n   $$", "a", True),
        (r"$\text{\$5}$", r"\text{\$5}", False),
        ("$a<b$", "a<b", False),
    ],
)
def test_mathematics(source, tex, display):
    (formula,) = [attributes for _, attributes in Seen(render(source)).tags if "data-tex" in attributes]
    assert formula["data-tex"] == tex
    assert formula["class"] == ("math display" if display else "math")


@pytest.mark.parametrize(
    "source", ["from $5 to $10", "US$5 or A$6 or 7$", "`$x$`", r"\$x\$", "$5-$10", "$ x $", "$$", "a $x\n\ny$"]
)
def test_money_and_code_are_not_mathematics(source):
    assert "data-tex" not in render(source)


def test_images_are_links():
    assert render("![a cat](https://a.example/c.png)") == (
        '<p><a class="image" href="https://a.example/c.png" target="_blank" '
        'rel="noopener noreferrer nofollow">Image: a cat</a></p>\n'
    )


def test_links_have_a_name_and_do_not_nest():
    markup = render("[![a](https://a.example/i.png)](https://a.example) [](https://b.example)")
    assert markup.count("<a ") == 2
    assert ">Image: a</a>" in markup
    assert ">https://b.example</a>" in markup


def test_a_megabyte_is_shown_whole():
    text = "word <b> & *star*\n" * 60_000
    started = time.perf_counter()
    markup = render(text)
    assert time.perf_counter() - started < 1
    assert text_of(markup).strip() == text.strip()


@pytest.mark.parametrize("deep", [">" * 5000, "- " * 5000, "\n".join(">" * i + " a" for i in range(1, 400))])
def test_deep_nesting_is_shown_whole(deep):
    text = deep + " the end"
    assert "the end" in text_of(render(text))
    assert text_of(render(text)).strip() == text.strip()


@pytest.mark.parametrize(
    "part", ["[", "![", "*a ", "_a*", "`a ", "$a ", "$$ a\n", r"\(a", "\\[\n", "[a](", "<http://a", "|a", "<", "\\"]
)
def test_hostile_text_takes_bounded_time(part):
    text = part * (rendering.MARKDOWN_CHARS // len(part))
    started = time.perf_counter()
    assert_safe(render(text))
    assert time.perf_counter() - started < 15


def test_repeated_texts_are_rendered_once():
    rendering._remembered.cache_clear()
    assert render("a *repeated* text") == render("a *repeated* text")
    assert rendering._remembered.cache_info().hits == 1
    render("long " * rendering.CACHED_CHARS)
    assert rendering._remembered.cache_info().currsize == 1


OWN = {0: rendering.Picture("/media/1/" + "a" * 64, 8, 6), 2: rendering.Picture('/media/1/b?sig="&<x', 0, 0)}


def test_pictures_of_the_text_stand_in_their_place():
    markup = render("Before ![a *cat*](media:0) after", OWN)
    assert markup == (
        f'<p>Before <img class="inline" src="{OWN[0].url}" alt="a *cat*" width="8" height="6"> after</p>\n'
    )
    assert rendering.placed("x ![](media:0) ![b](media:2) ![c](media:1)", OWN) == {0, 2}
    ((_, attributes),) = [seen for seen in Seen(render("![b](media:2)", OWN)).tags if seen[0] == "img"]
    assert attributes["src"] == OWN[2].url


@pytest.mark.parametrize(
    "text", ["![x](media:1)", "![x](media:-1)", "[x](media:0)", "![x](media:0 'y')", "`![x](media:0)`"]
)
def test_what_is_no_picture_of_the_text_stays_text(text):
    assert "<img" not in render(text, OWN)
    assert "<a" not in render(text, OWN)
    assert rendering.placed(text, OWN) == frozenset()
    assert render(text, OWN) == render(text)


def test_pictures_of_one_text_do_not_show_in_another():
    text = "![x](media:0)"
    other = {0: rendering.Picture("/media/2/other", 1, 1)}
    assert [OWN[0].url in render(text, own) for own in (OWN, other, {}, None, OWN)] == [True, False, False, False, True]
    long = text + " word" * rendering.MARKDOWN_CHARS
    assert rendering.placed(long, OWN) == frozenset()
    assert "<img" not in render(long, OWN)


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("around", ["{} ![x](media:0)", "![{}](media:0)", "[![x](media:0)]({})"])
def test_vectors_beside_a_picture_are_harmless(vector, around):
    markup = render(around.format(vector), OWN)
    for tag, attributes in Seen(markup).tags:
        if tag == "img":
            assert attributes.pop("src") in {picture.url for picture in OWN.values()}, markup
            assert set(attributes) <= {"alt", "class", "width", "height"}, markup
    assert_safe(re.sub(r"<img [^>]*>", "", markup))


@given(st.text(alphabet=st.sampled_from("<>\"'`$\\[]()!*_: \na=media:01"), max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_with_pictures_is_harmless(text):
    for tag, attributes in Seen(render(text + " ![" + text + "](media:0)", OWN)).tags:
        assert tag in rendering.TAGS | {"img"}
        assert tag != "img" or attributes["src"] in {picture.url for picture in OWN.values()}
