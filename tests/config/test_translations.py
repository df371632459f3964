"""Every word of the interface is translated into every language, with its places kept."""

import re
import shutil
from gettext import GNUTranslations

import pytest
from django.conf import settings
from django.utils.translation import to_locale

from config import translations

LANGUAGES = [to_locale(code) for code, _ in settings.LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


@pytest.fixture(scope="module", params=["django", "djangojs"])
def source(request):
    return translations.collected(request.param)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(source, language):
    catalog = translations.read(translations.LOCALE / language / "LC_MESSAGES" / f"{source.domain}.po")
    missing, wrong = [], []
    for message in source:
        if not message.id:
            continue
        found = catalog.get(message.id, message.context)
        texts = () if found is None else found.string if isinstance(found.string, tuple) else (found.string,)
        if not texts or not all(texts) or found.fuzzy:
            missing.append(message.id)
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        allowed = {place for text in originals for place in PLACES.findall(text)}
        for text in texts:
            places = set(PLACES.findall(text))
            # A form for one or two of something may say the number in words.
            if not places <= allowed or (len(texts) == 1 and places != allowed):
                wrong.append((message.id, text))
            if text.count("<") != originals[0].count("<"):
                wrong.append((message.id, text))
    assert not missing, f"{len(missing)} words are not translated; make messages, then translate: {missing[:5]}"
    assert not wrong


def test_there_are_many_words():
    assert len(translations.collected("django")) > 60


def test_compiled_words_are_found(tmp_path):
    shutil.copytree(translations.LOCALE / "de", tmp_path / "de", ignore=shutil.ignore_patterns("*.mo"))
    written = translations.compile_all(tmp_path)
    assert [path.name for path in written] == ["django.mo", "djangojs.mo"]
    assert translations.compile_all(tmp_path) == []
    with written[0].open("rb") as file:
        assert GNUTranslations(file).gettext("Sign out") == "Abmelden"
