"""Rewordings: each by an example, and what none of them may touch."""

import json
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewardtrain.rewording import TRANSFORMATIONS, reword

NAMES = tuple(TRANSFORMATIONS)
PROSE = tuple(name for name, how in TRANSFORMATIONS.items() if how.domain == "prose")
EXACT = {
    "surrounding_space": ("a b", "\n\na b\n\n\n"),
    "quotation": ("a", '"a"'),
    "block_quote": ("a\n\nb", "> a\n>\n> b"),
    "code_fence": ("```\nx\n```", "````text\n```\nx\n```\n````"),
    "prompt_repeated": ("a", "a\n\na"),
    "prompt_surrounding_space": ("a", "\n\na\n\n\n"),
    "lower_case": ("Use `Foo` in Rome.", "use `Foo` in rome."),
    "double_spaces": ("a b\n  c", "a  b\n  c"),
    "punctuation_spaces": ("Yes, 3.5 it is. End!", "Yes , 3.5 it is . End !"),
    "curly_quotes": ("\"It's so\"", "\u201cIt\u2019s so\u201d"),
    "html_escapes": ("a < b & `c < d`", "a &lt; b &amp; `c < d`"),
    "list_marks": ("1. a\n2) b\n- c\n* d\n-e 1. f", "1) a\n2. b\n* c\n- d\n-e 1. f"),
    "number_words": ("2 of 12 in 13 at 3:30, 2.5 x 4, -1", "two of twelve in 13 at 3:30, 2.5 x four, -1"),
    "contractions": ("Do not say it is so; they aren't. CANNOT", "Don't say it's so; they are not. CAN'T"),
    "spelling": ("The color of organised Centers", "The colour of organized Centres"),
    "code_comments": ("```python\nx\n```\n```text\ny\n```", "```python\n# The code follows.\nx\n```\n```text\ny\n```"),
    "code_indentation": ("  a\n```python\nif x:\n  y\n```", "  a\n```python\nif x:\n    y\n```"),
    "answer_heading": (r"so $\boxed{76^\circ}$.", "so \n\n# Answer\n\n76^\\circ\n\n."),
    "formula_marks": ("$x + 1$ for $5 and $6", r"\(x + 1\) for $5 and $6"),
}  # fmt: skip
KEPT = (
    "`code_here`",
    "$x - 2$",
    r"\(y < z\)",
    "https://example.org/a-b",
    '```python\nif a < b:\n  print("do not")\n```',
)


@pytest.mark.parametrize("name", EXACT)
def test_by_example(name: str) -> None:
    before, after = EXACT[name]
    assert reword(name, before) == after


def test_frames_keep_the_text() -> None:
    for name in ("irrelevant_prefix", "irrelevant_suffix", "emoji"):
        assert "the text" in reword(name, "the text")
        assert reword(name, "the text") != "the text"


def test_typos_change_a_tenth_of_the_words_at_least_one() -> None:
    text = " ".join(["brown", "table", "under", "seven", "green"] * 8)
    for name in ("neighbouring_keys", "dropped_letters", "homoglyphs", "bold_words", "back_ticks"):
        changed = sum(a != b for a, b in zip(text.split(), reword(name, text).split(), strict=True))
        assert changed == 4, name
        assert reword(name, "table") != "table"
    assert sorted(reword("swapped_letters", "table")) == sorted("table")
    assert len(reword("dropped_letters", "table")) == 4


def test_homoglyphs_are_not_latin_and_look_it() -> None:
    changed = reword("homoglyphs", "peace")
    assert changed != "peace"
    assert all("CYRILLIC" in unicodedata.name(letter) for letter in changed)


def test_sentences_change_places_and_none_is_lost() -> None:
    text = "One is here. Two is there. Three is gone.\n\nA list. It stays. Yes."
    changed = reword("sentence_order", text)
    assert changed != text
    assert sorted(re.findall(r"\w+", changed)) == sorted(re.findall(r"\w+", text))
    assert reword("sentence_order", "One. Two.\n- x") == "One. Two.\n- x"


@pytest.mark.parametrize("name", PROSE)
def test_prose_leaves_code_formulas_and_addresses(name: str) -> None:
    text = "\n\n".join(f"Do not change these 3 colors {kept} please, said Anna." for kept in KEPT)
    changed = reword(name, text)
    assert all(kept in changed for kept in KEPT)


@pytest.mark.parametrize("name", [name for name, how in TRANSFORMATIONS.items() if how.domain in ("code", "maths")])
def test_code_and_maths_leave_prose(name: str) -> None:
    text = "Pay $5, not 6. Use # or //.\n  Indented."
    assert reword(name, text) == text


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(text=st.text(max_size=80))
def test_any_text_will_do_and_the_seed_decides(name: str, text: str) -> None:
    assert reword(name, text, 3) == reword(name, text, 3)
    assert reword(name, "") == ""


def test_another_seed_gives_another_text() -> None:
    text = "Several ordinary words stand here together in one rather long sentence."
    assert len({reword("neighbouring_keys", text, seed) for seed in range(8)}) > 4


def test_python_still_means_the_same() -> None:
    code = "def f(x):\n  if x:\n    return 1\n  return 2\n"
    for name in ("code_comments", "code_indentation"):
        changed = reword(name, f"```python\n{code}```")
        found: dict = {}
        exec(changed.removeprefix("```python\n").removesuffix("```"), found)
        assert (found["f"](True), found["f"](False)) == (1, 2)


@pytest.mark.real_data
def test_each_changes_some_real_text(real_data: Path) -> None:
    """Of LLMBar's responses every transformation of text or prose changes some, and most change most."""
    found = json.loads((real_data / "llmbar" / "LLMBar" / "Natural" / "dataset.json").read_text())
    texts = [row[name] for row in found for name in ("output_1", "output_2")]
    texts = random.Random(0).sample(texts, 120)
    for name, how in TRANSFORMATIONS.items():
        share = sum(reword(name, text) != text for text in texts) / len(texts)
        assert share > (0.9 if how.domain == "any" else 0 if how.domain == "prose" else -1), name
