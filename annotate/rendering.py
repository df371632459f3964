"""Markdown, code and mathematics that somebody else wrote, as safe HTML.

Two belts: markdown-it leaves raw HTML as text and writes only the elements below, and nh3
then removes whatever is not on the list. Nothing is loaded from elsewhere: an image becomes a
link, unless it is one of the pictures that came with the text, ``![words](media:0)``. Mathematics
is kept as source in ``<span class="math" data-tex>`` and code carries ``class="language-…"``;
static/js/prose.js sets both in the browser. Pure: knows no Django.

Example
-------
>>> render("*Euler*: $e^{i\\\\pi} = -1$")
'<p><em>Euler</em>: <span class="math" data-tex="e^{i\\\\pi} = -1">e^{i\\\\pi} = -1</span></p>\\n'
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

#: Longer texts are shown whole, as plain text: parsing them would hold a request up for seconds.
MARKDOWN_CHARS = 100_000
#: Longer texts are not remembered, so that the cache stays below some 50 MB.
CACHED_CHARS = 10_000
#: Deeper nesting (quotes in quotes in lists …) is shown as plain text; the parser would drop what lies below.
NESTING = 40
#: A formula longer than this is shown as its source.
TEX_CHARS = 2_000
#: A displayed formula may span this many lines.
TEX_LINES = 100

TAGS = {
    *("p", "br", "hr", "blockquote", "ul", "ol", "li", "pre", "code", "em", "strong", "s", "a", "span", "div"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "code": {"class"},
    "span": {"class", "data-tex"},
    "div": {"class", "data-tex"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}
_LINK = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,500})\]\(media:([0-9]{1,4})\)")
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,32}")


def _formula(opening: str, body: str, closing: str) -> re.Pattern[str]:
    return re.compile(f"{opening}((?:{body}){{1,{TEX_CHARS}}}?){closing}", re.DOTALL)


# A formula inside a paragraph, and whether it is displayed. A dollar opens before a non-space, closes after a
# non-space and not before a digit, so "$5 and $10" stays money (the rule of pandoc's tex_math_dollars).
_FORMULAS = (
    (_formula(r"\$\$", r"[^$\\]|\\.", r"\$\$"), True),
    (_formula(r"(?<!\w)\$(?![\s$])", r"[^$`\\\n]|\\[^\n]", r"(?<!\s)\$(?!\d)"), False),
    (_formula(r"\\\(", ".", r"\\\)"), False),
    (_formula(r"\\\[", ".", r"\\\]"), True),
)
_FENCES = {"$$": "$$", r"\[": r"\]"}


class Picture(NamedTuple):
    """A picture of our own that a text may show: where it is served, pixels wide and high (0: not known)."""

    url: str
    width: int
    height: int


class _Rendered(NamedTuple):
    html: str
    placed: frozenset[int]


_Pictures = tuple[tuple[int, Picture], ...]


def render(text: str, pictures: Mapping[int, Picture] | None = None) -> str:
    """Safe HTML for markdown of any origin and any length.

    Parameters
    ----------
    text : CommonMark with tables, strikethrough and mathematics in ``$…$``, ``$$…$$``, ``\\(…\\)``, ``\\[…\\]``;
        a line break in the source stays one.
    pictures : what ``![words](media:<number>)`` shows, by number; a number that is not among them stays text.

    Returns
    -------
    str
        Headings start at ``h3``, for a page has its own; links open elsewhere and carry ``rel``. Longer than
        `MARKDOWN_CHARS`, or nested deeper than `NESTING`: the whole text, plain.
    """
    return _rendered(text, pictures).html


def placed(text: str, pictures: Mapping[int, Picture]) -> frozenset[int]:
    """Those of the pictures, by number, that `render` shows within the text."""
    return _rendered(text, pictures).placed if "](media:" in text else frozenset()


def pictures_of(files: Sequence[Mapping[str, Any]]) -> dict[int, Picture]:
    """The images among files as pages have them (index, url, type, width, height), by index."""
    return {
        file["index"]: Picture(file["url"], file.get("width") or 0, file.get("height") or 0)
        for file in files
        if file["type"] == "image"
    }


def _rendered(text: str, pictures: Mapping[int, Picture] | None) -> _Rendered:
    # The same text with other pictures is another text; without any use for them it is the same.
    given = tuple(sorted((pictures or {}).items())) if "](media:" in text else ()
    return _remembered(text, given) if len(text) <= CACHED_CHARS else _render(text, given)


def plain(text: str) -> str:
    """Safe HTML that shows a text exactly as written, line breaks included."""
    return f'<div class="plain">{escape(text, quote=False)}</div>\n'


def _render(text: str, pictures: _Pictures = ()) -> _Rendered:
    if len(text) > MARKDOWN_CHARS:
        return _Rendered(plain(text), frozenset())
    env: dict[str, Any] = {"pictures": dict(pictures)}
    tokens = _MARKDOWN.parse(text, env)
    if any(token.level >= NESTING - 1 for token in tokens):
        return _Rendered(plain(text), frozenset())
    html = nh3.clean(
        _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env),
        tags=TAGS | {"img"} if pictures else TAGS,
        attributes=ATTRIBUTES | {"img": {"src", "alt", "class", "width", "height"}} if pictures else ATTRIBUTES,
        attribute_filter=_allowed_with({picture.url for _, picture in pictures}) if pictures else _allowed,
        clean_content_tags=set(),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https", "mailto"},
    )
    inline = (child for token in tokens for child in token.children or ())
    return _Rendered(html, frozenset(child.meta["number"] for child in inline if child.type == "picture"))


_remembered = lru_cache(maxsize=1024)(_render)


def _allowed_with(urls: set[str]) -> Callable[[str, str, str], str | None]:
    """`_allowed` for a text with pictures: theirs are the only addresses that an image may have."""

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        if tag != "img":
            return _allowed(tag, attribute, value)
        known = {"src": value in urls, "class": value == "inline", "alt": True}
        return value if known.get(attribute, value.isdecimal()) else None

    return allowed


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """An attribute's value where it is one that the renderer writes, else None."""
    if attribute == "class":
        known = (
            _LANGUAGE.fullmatch(value) if tag == "code" else value in {"math", "math display", "image", "table-wrap"}
        )
        return value if known else None
    if attribute == "style":
        return value if value in {"text-align:left", "text-align:center", "text-align:right"} else None
    return value


def _own_picture(state: StateInline, silent: bool) -> bool:
    """``![words](media:0)``: a picture that came with the text, in its place."""
    found = _PICTURE.match(state.src, state.pos, state.posMax)
    picture = state.env.get("pictures", {}).get(int(found[2])) if found else None
    if not found or picture is None:
        return False
    if not silent:
        token = state.push("picture", "img", 0)
        token.content, token.meta = found[1].strip(), {"number": int(found[2]), "picture": picture}
    state.pos = found.end()
    return True


def _inline_math(state: StateInline, silent: bool) -> bool:
    """A formula inside a paragraph."""
    if state.src[state.pos] not in "$\\":
        return False
    for pattern, display in _FORMULAS:
        found = pattern.match(state.src, state.pos, state.posMax)
        if found and found[1].strip():
            if not silent:
                token = state.push("math", "math", 0)
                token.content, token.meta = found[1].strip(), {"display": display}
            state.pos = found.end()
            return True
    return False


def _block_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula on lines of its own, whose lines must not be read as lists or headings."""
    if state.is_code_block(start):
        return False
    opening = _line(state, start).strip()
    closing = _FENCES.get(opening[:2])
    if closing is None:
        return False
    first = opening[2:]
    lines: list[str] = []
    for number in range(start, min(end, start + TEX_LINES)):
        line = first if number == start else _line(state, number)
        if number > start and state.sCount[number] < state.blkIndent:
            return False
        if line.rstrip().endswith(closing):
            content = "\n".join([*lines, line.rstrip()[:-2]]).strip()
            if not content or len(content) > TEX_CHARS or closing in content:
                return False
            if not silent:
                token = state.push("math", "math", 0)
                token.block, token.content, token.meta = True, content, {"display": True}
                token.map = [start, number + 1]
            state.line = number + 1
            return True
        lines.append(line)
    return False


def _name_links(state: StateCore) -> None:
    """Give a link without words its address as its name, and tell images inside a link that they must not be one."""
    for block in state.tokens:
        linked = False
        named: list[Token] = []
        for token in block.children or ():
            if token.type == "link_close" and named[-1].type == "link_open":
                named.append(Token("text", "", 0, content=str(named[-1].attrs["href"])))
            linked = token.type == "link_open" or (linked and token.type != "link_close")
            if token.type == "image":
                token.meta["linked"] = linked
            named.append(token)
        if block.children:
            block.children = named


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _math(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    tag = "div" if token.block else "span"
    name = "math display" if token.meta["display"] else "math"
    tex = escape(token.content)
    return f'<{tag} class="{name}" data-tex="{tex}">{tex}</{tag}>' + ("\n" if token.block else "")


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    words = "Image: " + escape(renderer.renderInlineAsText(token.children, options, env) or "no description")
    return (
        words if token.meta.get("linked") else f'<a class="image" href="{escape(str(token.attrs["src"]))}">{words}</a>'
    )


def _picture(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    url, width, height = token.meta["picture"]
    size = f' width="{width}" height="{height}"' if width and height else ""
    return f'<img class="inline" src="{escape(url)}" alt="{escape(token.content)}"{size}>'


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return '<div class="table-wrap"><table>\n'


def _table_close(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "</table></div>\n"


def _heading(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    return f"<{tag}>" if token.nesting == 1 else f"</{tag}>\n"


def _markdown() -> MarkdownIt:
    options = {"maxNesting": NESTING, "html": False, "breaks": True}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    markdown.disable(["html_block", "html_inline"])
    markdown.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign]
    markdown.inline.ruler.before("escape", "math", _inline_math)
    markdown.inline.ruler.before("image", "own_picture", _own_picture)
    markdown.block.ruler.before("fence", "math", _block_math, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    markdown.core.ruler.push("name_links", _name_links)
    for name, rule in {
        "math": _math,
        "image": _image,
        "picture": _picture,
        "table_open": _table_open,
        "table_close": _table_close,
        "heading_open": _heading,
        "heading_close": _heading,
    }.items():
        markdown.add_render_rule(name, rule)
    return markdown


_MARKDOWN = _markdown()
