"""What small Python programs print; the wrong answers rest on a common misunderstanding."""

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from annotate.demo.generated import Problem


class Program(NamedTuple):
    """A program with what it prints and why, and what somebody mistaken would say."""

    template: str
    code: str
    output: str
    why: str
    wrong_output: str
    wrong_why: str
    flaw: str


def make(rng: random.Random) -> Problem:
    """One program of a template drawn at random."""
    program = rng.choice(TEMPLATES)(rng)
    return Problem(
        prompt=f"What does this Python program print?\n\n```python\n{program.code}\n```",
        right=f"{program.why} It prints `{program.output}`.",
        wrong=f"{program.wrong_why} It prints `{program.wrong_output}`.",
        bare=f"`{program.output}`",
        answer=f"`{program.output}`",
        flaw=program.flaw,
        subject="programming",
        template=program.template,
    )


def _range(rng: random.Random) -> Program:
    low, high = rng.randint(1, 9), rng.randint(11, 18)
    right, wrong = sum(range(low, high)), sum(range(low, high + 1))
    return Program(
        "range",
        f"print(sum(range({low}, {high})))",
        str(right),
        f"`range({low}, {high})` runs from {low} to {high - 1}, and these numbers add up to {right}.",
        str(wrong),
        f"`range({low}, {high})` runs from {low} to {high}, and these numbers add up to {wrong}.",
        "includes the end of the range",
    )


def _slice(rng: random.Random) -> Program:
    word = rng.choice(["touchstone", "lighthouse", "blackboard", "waterfalls", "background"])
    low, high = rng.randint(0, 3), rng.randint(5, 8)
    return Program(
        "slice",
        f'word = "{word}"\nprint(word[{low}:{high}])',
        word[low:high],
        f"A slice starts at index {low}, counted from 0, and stops before index {high}.",
        word[low : high + 1],
        f"A slice starts at index {low}, counted from 0, and includes index {high}.",
        "includes the end of the slice",
    )


def _division(rng: random.Random) -> Program:
    b, quotient = rng.randint(3, 9), rng.randint(10, 19)
    a = b * quotient + rng.randint(1, b - 1)
    return Program(
        "division",
        f"print({a} // {b}, {a} % {b})",
        f"{quotient} {a % b}",
        f"`//` divides and rounds down, which gives {quotient}; "
        f"`%` gives the remainder, {a} − {b * quotient} = {a % b}.",
        f"{a % b} {quotient}",
        f"`//` gives the remainder of the division, {a % b}; `%` gives the quotient, {quotient}.",
        "swaps quotient and remainder",
    )


def _alias(rng: random.Random) -> Program:
    values, more = [rng.randint(1, 9) for _ in range(rng.randint(2, 4))], rng.randint(1, 9)
    return Program(
        "alias",
        f"a = {values}\nb = a\nb.append({more})\nprint(a)",
        str([*values, more]),
        "`b = a` makes a second name for the same list, so what is appended through `b` shows in `a`.",
        str(values),
        "`b = a` makes a copy of the list, so what is appended to `b` does not show in `a`.",
        "takes a second name for a copy",
    )


def _loop(rng: random.Random) -> Program:
    top, step = rng.randint(10, 30), rng.choice([3, 4, 5])
    right, wrong = sum(range(0, top, step)), len(range(0, top, step))
    return Program(
        "loop",
        f"total = 0\nfor i in range({top}):\n    if i % {step} == 0:\n        total += i\nprint(total)",
        str(right),
        f"The loop adds up the multiples of {step} below {top}, which makes {right}.",
        str(wrong),
        f"The loop counts how many multiples of {step} there are below {top}, which makes {wrong}.",
        "counts the numbers instead of adding them up",
    )


def _halving(rng: random.Random) -> Program:
    start = rng.randint(20, 300)
    steps = int(math.log2(start))
    return Program(
        "while",
        f"n, steps = {start}, 0\nwhile n > 1:\n    n //= 2\n    steps += 1\nprint(steps)",
        str(steps),
        f"Halving {start} and rounding down reaches 1 after {steps} rounds, and then the loop stops.",
        str(steps + 1),
        f"Halving {start} and rounding down goes on until 0 is reached, after {steps + 1} rounds.",
        "runs the loop once too often",
    )


def _lookup(rng: random.Random) -> Program:
    count, step = rng.randint(2, 40), rng.randint(1, 9)
    fruit = rng.choice(["pear", "plum", "fig"])
    return Program(
        "dictionary",
        f'stock = {{"apple": {count}}}\nprint(stock.get("{fruit}", 0) + {step})',
        str(step),
        f"There is no `{fruit}` in the dictionary, so `get` returns 0, and 0 + {step} = {step}.",
        str(count + step),
        f"`get` returns the only value in the dictionary, and {count} + {step} = {count + step}.",
        "overlooks that the key is missing",
    )


def _repeat(rng: random.Random) -> Program:
    text, times = rng.choice(["ha", "la", "ab", "no"]), rng.randint(2, 5)
    return Program(
        "repetition",
        f'print("{text}" * {times} + "!")',
        text * times + "!",
        f"`*` repeats the string {times} times, and `+` joins the exclamation mark to the end.",
        (text + "!") * times,
        f"`+` joins the exclamation mark first, and `*` then repeats the whole {times} times.",
        "gets the order of the two operators wrong",
    )


TEMPLATES: tuple[Callable[[random.Random], Program], ...] = (
    _range, _slice, _division, _alias, _loop, _halving, _lookup, _repeat,
)  # fmt: skip
