"""Conversions of units; the wrong answers use a wrong factor."""

import random

from annotate.demo.generated import Problem

# From, one of it, to, its factor, a wrong factor, what is wrong with that
CONVERSIONS = (
    ("km", "km", "m", 1000, 100, "takes a kilometre for 100 metres"),
    ("kg", "kg", "g", 1000, 100, "takes a kilogram for 100 grams"),
    ("hours", "hour", "minutes", 60, 100, "takes an hour for 100 minutes"),
    ("m²", "m²", "cm²", 10_000, 100, "forgets to square the factor of 100"),
    ("litres", "litre", "ml", 1000, 100, "takes a litre for 100 millilitres"),
    ("inches", "inch", "cm", 2.54, 2.45, "swaps two digits of the factor 2.54"),
    ("miles", "mile", "km", 1.609, 0.621, "converts the wrong way round"),
    ("days", "day", "hours", 24, 12, "takes a day for 12 hours"),
    ("tonnes", "tonne", "kg", 1000, 100, "takes a tonne for 100 kilograms"),
    ("cm", "cm", "mm", 10, 100, "takes a centimetre for 100 millimetres"),
    ("weeks", "week", "days", 7, 5, "counts working days only"),
    ("feet", "foot", "cm", 30.48, 3.048, "is out by a factor of ten"),
)


def make(rng: random.Random) -> Problem:
    """A number of one unit to be given in another."""
    source, one, target, factor, slip, flaw = rng.choice(CONVERSIONS)
    value = rng.randint(2, 48) / (2 if factor in (24, 1000) else 1)
    result = f"{_figure(value * factor)} {target}"
    return Problem(
        prompt=f"Convert {_figure(value)} {source} to {target}.",
        right=f"One {one} is {_figure(factor)} {target}, so {_figure(value)} × {_figure(factor)} = {result}.",
        wrong=f"One {one} is {_figure(slip)} {target}, "
        f"so {_figure(value)} × {_figure(slip)} = {_figure(value * slip)} {target}.",
        bare=f"{result}.",
        answer=result,
        flaw=flaw,
        subject="units",
        template=f"{source} to {target}",
    )


def _figure(value: float) -> str:
    rounded = round(value, 2) if abs(value) >= 10 else round(value, 3)
    return f"{rounded:,.3f}".rstrip("0").rstrip(".")
