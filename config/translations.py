"""Compile the translations: locale/<language>/LC_MESSAGES/*.po to .mo, where they are older or missing.

    python -m config.translations      # what `make setup` calls

With Babel, so that nobody needs GNU gettext to run Touchstone; only `make messages`, which collects new words, does.
Knows no Django: it runs before anything is set up.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


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
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            write_mo(file, catalog)
        part.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    try:
        compile_all()
    except PoFileError as error:
        sys.exit(f"A translation cannot be read: {error}")
