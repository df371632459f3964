"""Rewordings: rule-based changes of a text that leave what it says, or which of two is better, as it was. Pure.

    >>> reword("contractions", "I do not know.")
    "I don't know."

After reWordBench (Wu et al. 2025, https://aclanthology.org/2025.emnlp-main.167), which has 28 transformations:
controlled, naturalistic (typos and paraphrases among them) and of one domain. Its full list could not be read where
this was written. ``answer_heading`` is known to be one of theirs, by the example of \\boxed{76^\\circ} that becomes
"# Answer"; typos are a kind of theirs; the rest are ours in that spirit, and none is a paraphrase by a model.

Each function takes a text and a source of chance, and changes nothing where it finds nothing to change. Prose stands
outside code, formulas and addresses; a transformation of prose leaves those alone, so it may be applied to every text.
"""

import html
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Apply = Callable[[str, random.Random], str]
SHARE = 0.1  # of the words that could be changed, at least one


@dataclass(frozen=True)
class Transformation:
    """One way to reword.

    Attributes
    ----------
    part : what it is applied to.
    domain : "any" text as a whole, its "prose", or only what is "code" or "maths".
    preserves : "meaning", or only the "ranking" of two texts that are both changed.
    """

    apply: Apply
    part: Literal["prompt", "response"] = "response"
    domain: Literal["any", "prose", "code", "maths"] = "prose"
    preserves: Literal["meaning", "ranking"] = "meaning"


def reword(name: str, text: str, seed: int = 0) -> str:
    """The text after the transformation ``name``; the same seed, name and text give the same."""
    return TRANSFORMATIONS[name].apply(text, random.Random(f"{seed}\0{name}\0{text}"))


_FENCE = re.compile(r"```([^\n`]*)\n(.*?)(```|\Z)", re.DOTALL)
_FORMULA = re.compile(r"\$(?![\s$])([^$\n]+?)(?<!\s)\$(?!\d)")
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|\$\$.*?\$\$|\$(?![\s$])[^$\n]+?(?<!\s)\$(?!\d)|\\\(.*?\\\)|\\\[.*?\\\]"
    r"|\\boxed\{[^{}]*\}|https?://\S+",
    re.DOTALL,
)


def _prose(text: str, change: Callable[[str], str]) -> str:
    """The text with ``change`` made to what stands outside code, formulas and addresses."""
    made, end = [], 0
    for kept in _NOT_PROSE.finditer(text):
        made += [change(text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*made, change(text[end:])])


def _words(text: str, chance: random.Random, pattern: str, change: Callable[[str], str]) -> str:
    """The text with ``change`` made to some of the words of its prose that match, at least one where there is one."""
    count = 0

    def counted(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return found[0]

    _prose(text, lambda part: re.sub(pattern, counted, part))
    chosen = set(chance.sample(range(count), max(1, round(SHARE * count)))) if count else set()
    place = -1

    def changed(found: re.Match[str]) -> str:
        nonlocal place
        place += 1
        return change(found[0]) if place in chosen else found[0]

    return _prose(text, lambda part: re.sub(pattern, changed, part))


def _replaced(text: str, table: dict[str, str]) -> str:
    """The prose with whole words of ``table`` replaced, in the case that they had."""

    def like(found: re.Match[str]) -> str:
        new = table[found[0].lower()]
        if found[0].isupper() and len(found[0]) > 1:
            return new.upper()
        return new[0].upper() + new[1:] if found[0][0].isupper() else new

    pattern = re.compile(rf"\b(?:{'|'.join(sorted(table, key=len, reverse=True))})\b", re.IGNORECASE)
    return _prose(text, lambda part: pattern.sub(like, part))


_LONG_WORD = r"\b[A-Za-z]{4,}\b"


# Of the text as a whole


def surrounding_space(text: str, chance: random.Random) -> str:
    """Blank lines before and after."""
    return f"\n\n{text}\n\n\n" if text else text


def quotation(text: str, chance: random.Random) -> str:
    """The whole in quotation marks."""
    return f'"{text}"' if text else text


def block_quote(text: str, chance: random.Random) -> str:
    """Every line behind Markdown's mark of a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else text


def code_fence(text: str, chance: random.Random) -> str:
    """The whole in a block of plain text, of more ticks than any inside."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}text\n{text}\n{ticks}" if text else text


def irrelevant_prefix(text: str, chance: random.Random) -> str:
    """A line that says nothing, before."""
    return f"(Message {chance.randint(2, 9)} of {chance.randint(10, 40)})\n\n{text}" if text else text


def irrelevant_suffix(text: str, chance: random.Random) -> str:
    """A line that says nothing, after."""
    return f"{text}\n\nSent from my {chance.choice(('phone', 'tablet', 'laptop'))}." if text else text


def emoji(text: str, chance: random.Random) -> str:
    """A picture sign at the end."""
    return f"{text} {chance.choice(('🙂', '📝', '🌱', '🔹'))}" if text else text


def repeated(text: str, chance: random.Random) -> str:
    """The prompt twice."""
    return f"{text}\n\n{text}" if text else text


# Letters


def lower_case(text: str, chance: random.Random) -> str:
    """Small letters."""
    return _prose(text, str.lower)


def neighbouring_keys(text: str, chance: random.Random) -> str:
    """In some words, a letter's neighbour on the keyboard."""

    def typo(word: str) -> str:
        place = chance.randrange(1, len(word))
        new = chance.choice(_NEIGHBOURS[word[place].lower()])
        return word[:place] + (new.upper() if word[place].isupper() else new) + word[place + 1 :]

    return _words(text, chance, _LONG_WORD, typo)


def swapped_letters(text: str, chance: random.Random) -> str:
    """In some words, two letters inside in each other's place."""

    def swap(word: str) -> str:
        places = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
        place = chance.choice(places) if places else len(word) - 2
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]

    return _words(text, chance, _LONG_WORD, swap)


def dropped_letters(text: str, chance: random.Random) -> str:
    """In some words, a letter inside is missing."""

    def drop(word: str) -> str:
        place = chance.randrange(1, len(word) - 1)
        return word[:place] + word[place + 1 :]

    return _words(text, chance, _LONG_WORD, drop)


def homoglyphs(text: str, chance: random.Random) -> str:
    """In some words, Cyrillic letters that look like the Latin ones."""
    return _words(text, chance, r"\b[A-Za-z]*[aceopxyACEOPX][A-Za-z]*\b", lambda word: word.translate(_HOMOGLYPHS))


# Spaces and marks


def double_spaces(text: str, chance: random.Random) -> str:
    """Two blanks between words for one."""
    return _prose(text, lambda part: re.sub(r"(?<=\S) (?=\S)", "  ", part))


def punctuation_spaces(text: str, chance: random.Random) -> str:
    """A blank before marks at the end of a word."""
    return _prose(text, lambda part: re.sub(r"(?<=[A-Za-z])([.,;:!?])(?=\s|\Z)", r" \1", part))


def curly_quotes(text: str, chance: random.Random) -> str:
    """Typographic quotation marks and apostrophes."""

    def curl(part: str) -> str:
        part = re.sub(r'"([^"\n]*)"', "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", part)
        return re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", part)

    return _prose(text, curl)


def bold_words(text: str, chance: random.Random) -> str:
    """Some words in bold."""
    return _words(text, chance, r"(?<![\w*])[A-Za-z]{4,}(?![\w*])", lambda word: f"**{word}**")


def back_ticks(text: str, chance: random.Random) -> str:
    """Some words in back-ticks."""
    return _words(text, chance, r"(?<![\w*])[A-Za-z]{4,}(?![\w*])", lambda word: f"`{word}`")


def html_escapes(text: str, chance: random.Random) -> str:
    """The signs of HTML as it writes them."""
    return _prose(text, html.escape)


def list_marks(text: str, chance: random.Random) -> str:
    """Lists with the other marks: 1) for 1., * for -, and the other way round."""
    turned = {"-": "*", "*": "-", ".": ")", ")": "."}

    def turn(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{turned[found[3]]}{found[4]}"

    made, inside = [], False
    for line in text.split("\n"):
        inside ^= line.lstrip().startswith("```")
        made.append(line if inside else re.sub(r"^(\s*)(\d+(?=[.)])|)([-*.)])(\s)", turn, line))
    return "\n".join(made)


# Words


def number_words(text: str, chance: random.Random) -> str:
    """Whole numbers up to twelve in words."""
    pattern = r"(?<![\w.,:/$€£%+*=^\-])(?:1[0-2]|\d)(?![\w:/%+*=^\-)]|[.,]\d|\.\s|\.\Z)"
    return _prose(text, lambda part: re.sub(pattern, lambda found: _NUMBERS[int(found[0])], part))


def contractions(text: str, chance: random.Random) -> str:
    """Don't for do not, and the other way round."""
    return _replaced(text, _CONTRACTIONS | {short: long for long, short in _CONTRACTIONS.items() if short != "it's"})


def spelling(text: str, chance: random.Random) -> str:
    """British spelling for American, and the other way round."""
    return _replaced(text, _SPELLINGS | {british: american for american, british in _SPELLINGS.items()})


def sentence_order(text: str, chance: random.Random) -> str:
    """The sentences of each paragraph of three or more in another order; paragraphs with lists or code stay."""

    def turn(paragraph: str) -> str:
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph)
        if len(sentences) < 3 or "\n" in paragraph or _NOT_PROSE.search(paragraph):
            return paragraph
        order = sentences[:]
        while order == sentences and len(set(sentences)) > 1:
            chance.shuffle(order)
        return " ".join(order)

    return text if "```" in text else "\n\n".join(turn(paragraph) for paragraph in text.split("\n\n"))


# Code and mathematics


def code_comments(text: str, chance: random.Random) -> str:
    """A comment that says nothing, on the first line of each block of code whose language is known."""

    def comment(found: re.Match[str]) -> str:
        mark = _COMMENTS.get(found[1].strip().lower())
        return found[0] if mark is None else f"```{found[1]}\n{mark} The code follows.\n{found[2]}{found[3]}"

    return _FENCE.sub(comment, text)


def code_indentation(text: str, chance: random.Random) -> str:
    """Twice the indentation in each block of code whose language is known."""

    def indent(found: re.Match[str]) -> str:
        if found[1].strip().lower() not in _COMMENTS:
            return found[0]
        body = re.sub(r"(?m)^( +)(?=[^ \n])", r"\1\1", found[2])
        return f"```{found[1]}\n{body}{found[3]}"

    return _FENCE.sub(indent, text)


def answer_heading(text: str, chance: random.Random) -> str:
    """The boxed answer under a heading of its own."""
    return re.sub(r"\$?\\boxed\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\$?", "\n\n# Answer\n\n\\1\n\n", text)


def formula_marks(text: str, chance: random.Random) -> str:
    r"""Formulas in \( and \) for dollar signs."""
    return _FORMULA.sub(r"\\(\1\\)", text)


TRANSFORMATIONS: dict[str, Transformation] = {
    "surrounding_space": Transformation(surrounding_space, domain="any"),
    "quotation": Transformation(quotation, domain="any"),
    "block_quote": Transformation(block_quote, domain="any"),
    "code_fence": Transformation(code_fence, domain="any"),
    "irrelevant_prefix": Transformation(irrelevant_prefix, domain="any"),
    "irrelevant_suffix": Transformation(irrelevant_suffix, domain="any"),
    "emoji": Transformation(emoji, domain="any"),
    "prompt_repeated": Transformation(repeated, part="prompt", domain="any"),
    "prompt_surrounding_space": Transformation(surrounding_space, part="prompt", domain="any"),
    "prompt_neighbouring_keys": Transformation(neighbouring_keys, part="prompt"),
    "lower_case": Transformation(lower_case),
    "neighbouring_keys": Transformation(neighbouring_keys),
    "swapped_letters": Transformation(swapped_letters),
    "dropped_letters": Transformation(dropped_letters),
    "homoglyphs": Transformation(homoglyphs),
    "double_spaces": Transformation(double_spaces),
    "punctuation_spaces": Transformation(punctuation_spaces),
    "curly_quotes": Transformation(curly_quotes),
    "bold_words": Transformation(bold_words),
    "back_ticks": Transformation(back_ticks),
    "html_escapes": Transformation(html_escapes),
    "list_marks": Transformation(list_marks),
    "number_words": Transformation(number_words),
    "contractions": Transformation(contractions),
    "spelling": Transformation(spelling),
    "sentence_order": Transformation(sentence_order, preserves="ranking"),
    "code_comments": Transformation(code_comments, domain="code"),
    "code_indentation": Transformation(code_indentation, domain="code"),
    "answer_heading": Transformation(answer_heading, domain="maths"),
    "formula_marks": Transformation(formula_marks, domain="maths"),
}

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: [row[place] for place in (i - 1, i + 1) if 0 <= place < len(row)]
    for row in _ROWS
    for i, letter in enumerate(row)
}
_HOMOGLYPHS = str.maketrans("aceopxyACEOPX", "асеорхуАСЕОРХ")  # Cyrillic
_NUMBERS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
]  # fmt: skip
_CONTRACTIONS = {
    "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't", "are not": "aren't",
    "was not": "wasn't", "were not": "weren't", "cannot": "can't", "could not": "couldn't", "should not": "shouldn't",
    "would not": "wouldn't", "will not": "won't", "have not": "haven't", "has not": "hasn't", "had not": "hadn't",
    "we are": "we're", "they are": "they're", "you are": "you're", "it is": "it's", "we have": "we've",
}  # fmt: skip
_SPELLINGS = {
    "color": "colour", "colors": "colours", "favor": "favour", "favorite": "favourite", "flavor": "flavour",
    "honor": "honour", "humor": "humour", "labor": "labour", "neighbor": "neighbour", "neighbors": "neighbours",
    "behavior": "behaviour", "behaviors": "behaviours", "harbor": "harbour", "rumor": "rumour", "center": "centre",
    "centers": "centres", "theater": "theatre", "liter": "litre", "fiber": "fibre", "analyze": "analyse",
    "analyzing": "analysing", "organize": "organise", "organized": "organised", "organizing": "organising",
    "organization": "organisation", "realize": "realise", "realized": "realised", "recognize": "recognise",
    "recognized": "recognised", "apologize": "apologise", "summarize": "summarise", "optimize": "optimise",
    "minimize": "minimise", "maximize": "maximise", "emphasize": "emphasise", "prioritize": "prioritise",
    "defense": "defence", "offense": "offence", "traveling": "travelling", "traveler": "traveller",
    "canceled": "cancelled", "modeling": "modelling", "labeled": "labelled", "fulfill": "fulfil", "skillful": "skilful",
    "gray": "grey", "jewelry": "jewellery", "aging": "ageing", "mom": "mum",
}  # fmt: skip
_COMMENTS = {
    **dict.fromkeys(("python", "py", "ruby", "rb", "bash", "sh", "r", "perl", "julia"), "#"),
    **dict.fromkeys(("javascript", "js", "typescript", "ts", "java", "c", "cpp", "c++", "rust", "go", "swift"), "//"),
    **dict.fromkeys(("sql", "haskell", "lua"), "--"),
}  # fmt: skip
