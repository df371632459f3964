"""Translations of the interface: collect the words, and compile what translators made of them.

    python -m config.translations              # compile locale/*/LC_MESSAGES/*.po, as `make setup` does
    python -m config.translations collect      # bring the .po files up to date with the source: `make messages`

Words of templates and Python are in the domain ``django``, those of scripts in ``djangojs`` (static/js/i18n.js).
With Babel, so that nobody needs GNU gettext. Compiling knows no Django, for it runs before anything is set up.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
SOURCES = ("annotate", "config", "curation", "rewardtrain")
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "plural": (1, 2),
}  # fmt: skip
# What Django makes of a template's tags: a call with literals, among filler that is no Python.
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|gettext|pgettext|ngettext|npgettext)\(({_LITERAL}(?:, ?{_LITERAL})*)(?:, ?\w+)?\)")

Found = tuple[str | tuple[str, str], str | None, str]


def compile_all(locale: Path = LOCALE) -> list[Path]:
    """Compile what is out of date; returns the files written.

    Raises
    ------
    babel.messages.pofile.PoFileError
        For a file that is no PO file.
    """
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            write_mo(file, read(source))
        part.replace(target)
        written.append(target)
    return written


def read(path: Path) -> Catalog:
    """The catalogue in a PO file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def collected(domain: str) -> Catalog:
    """All words of a domain, as the source has them now: where each stands, nothing translated."""
    catalog = Catalog(domain=domain, charset="utf-8")
    for message, context, place in _of_scripts() if domain == "djangojs" else (*_of_templates(), *_of_python()):
        catalog.add(message, locations=[(place, None)], context=context)  # type: ignore[list-item]
    return catalog


def collect() -> None:
    """Bring every PO file up to date: new words come in untranslated, words that are gone go."""
    for domain in ("django", "djangojs"):
        template = collected(domain)
        for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
            path = folder / f"{domain}.po"
            catalog = read(path) if path.exists() else Catalog(locale=folder.parent.name, domain=domain)
            catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            catalog.fuzzy, catalog.project, catalog.header_comment = (
                False,
                "Touchstone",
                "# Translations of Touchstone.",
            )
            with path.open("wb") as file:
                write_po(file, catalog, width=0, omit_header=False, sort_output=True, include_lineno=False)


def _of_templates() -> Iterator[Found]:
    from django.utils.translation.template import templatize

    for path in sorted((ROOT / "templates").rglob("*.html")):
        place = path.relative_to(ROOT).as_posix()
        for name, literals in _CALL.findall(templatize(path.read_text(encoding="utf-8"))):
            texts = [ast.literal_eval(text.removeprefix("u")) for text in re.findall(_LITERAL, literals)]
            context = texts.pop(0) if name in ("pgettext", "npgettext") else None
            yield (texts[0], texts[1]) if len(texts) > 1 else texts[0], context, place


def _of_python() -> Iterator[Found]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            yield from _extracted("python", path)


def _of_scripts() -> Iterator[Found]:
    for path in sorted((ROOT / "static").rglob("*.js")):
        yield from _extracted("javascript", path)


def _extracted(method: str, path: Path) -> Iterator[Found]:
    place = path.relative_to(ROOT).as_posix()
    with path.open("rb") as file:
        for _line, message, _comments, context in extract(method, file, keywords=KEYWORDS):
            if message and all(isinstance(text, str) for text in ((message,) if isinstance(message, str) else message)):
                yield message, context, place  # type: ignore[misc]


if __name__ == "__main__":
    try:
        collect() if sys.argv[1:] == ["collect"] else compile_all()
    except PoFileError as error:
        sys.exit(f"A translation cannot be read: {error}")
