"""Arithmetic in everyday situations; the wrong answers follow a common mistake."""

import random

from annotate.demo.generated import Problem


def make(rng: random.Random) -> Problem:
    """One problem of a template drawn at random."""
    return rng.choice(TEMPLATES)(rng)


def _change(rng: random.Random) -> Problem:
    thing, subject = rng.choice([("notebooks", "stationery"), ("cups of tea", "tea"), ("tram tickets", "trams")])
    count, price = rng.randint(3, 8), rng.randint(4, 11) * 25  # cents
    total, left = _euro(count * price), _euro(5000 - count * price)
    return Problem(
        prompt=f"{_name(rng)} buys {count} {thing} at {_euro(price)} each and pays with a 50 € note. "
        f"How much is the change?",
        right=f"The {thing} cost {count} × {_euro(price)} = {total}. From 50 €, that leaves 50 € − {total} = {left}.",
        wrong=f"The {thing} cost {_euro(price)}, and 50 € were paid. "
        f"The change is therefore 50 € − {_euro(price)} = {_euro(5000 - price)}.",
        bare=f"{left}.",
        answer=left,
        flaw=f"takes off the price of one instead of {count}",
        subject=subject,
        template="change",
    )


def _fence(rng: random.Random) -> Problem:
    long, wide = rng.randint(12, 40), rng.randint(5, 11)
    around = 2 * (long + wide)
    return Problem(
        prompt=f"A garden is {long} m long and {wide} m wide. How many metres of fence go around it?",
        right=f"A fence runs along all four sides: 2 × ({long} m + {wide} m) = 2 × {long + wide} m = {around} m.",
        wrong=f"Length times width gives what is needed: {long} m × {wide} m = {long * wide} m of fence.",
        bare=f"{around} m.",
        answer=f"{around} m",
        flaw="computes the area instead of the perimeter",
        subject="gardens",
        template="fence",
    )


def _journey(rng: random.Random) -> Problem:
    hours, speed = rng.randint(1, 5), rng.randint(3, 12) * 10
    distance, mistaken = speed * hours + speed // 2, speed * hours + speed * 3 // 10
    vehicle = rng.choice(["train", "coach", "van", "boat"])
    return Problem(
        prompt=f"A {vehicle} travels for {hours} h 30 min at {speed} km/h. How far does it get?",
        right=f"{hours} h 30 min are {hours}.5 hours, so it travels {hours}.5 × {speed} km = {distance} km.",
        wrong=f"{hours} h 30 min are {hours}.3 hours, so it travels {hours}.3 × {speed} km = {mistaken} km.",
        bare=f"{distance} km.",
        answer=f"{distance} km",
        flaw=f"reads {hours} h 30 min as {hours}.3 hours",
        subject="travelling",
        template="journey",
    )


def _sharing(rng: random.Random) -> Problem:
    children = rng.randint(4, 9)
    each, rest = rng.randint(5, 14), rng.randint(1, children - 1)
    sweets = children * each + rest
    result = f"each child gets {each}, and {rest} {'is' if rest == 1 else 'are'} left"
    return Problem(
        prompt=f"{sweets} sweets are shared equally among {children} children. "
        f"How many does each get, and how many are left?",
        right=f"{children} × {each} = {children * each}, and {sweets} − {children * each} = {rest}. So {result}.",
        wrong=f"{sweets} divided by {children} is a little more than {each}, so we round up: "
        f"each child gets {each + 1}, and none are left.",
        bare=f"{each} each, {rest} left.",
        answer=result,
        flaw="hands out more sweets than there are",
        subject="sweets",
        template="sharing",
    )


def _recipe(rng: random.Random) -> Problem:
    people, grams = rng.choice([6, 8, 10, 12]), rng.randint(4, 15) * 40
    one, more = grams // 4, people - 4
    what = rng.choice(["flour", "rice", "lentils", "potatoes"])
    return Problem(
        prompt=f"A recipe for 4 people needs {grams} g of {what}. How much is needed for {people} people?",
        right=f"One person needs {grams} g ÷ 4 = {one} g. "
        f"For {people} people that makes {people} × {one} g = {people * one} g.",
        wrong=f"There are {more} people more than in the recipe, so add {more} × 10 g: "
        f"{grams} g + {more * 10} g = {grams + more * 10} g.",
        bare=f"{people * one} g.",
        answer=f"{people * one} g",
        flaw="adds a flat amount a person instead of scaling the recipe",
        subject="cooking",
        template="recipe",
    )


def _reduction(rng: random.Random) -> Problem:
    price, percent = rng.choice([60, 80, 120, 140, 160, 200, 240, 300]), rng.choice([5, 10, 15, 20, 30, 35])
    off = price * percent // 100
    thing = rng.choice(["lamp", "coat", "bicycle", "chair", "camera"])
    return Problem(
        prompt=f"A {thing} costs {price} € and is reduced by {percent} %. What is the new price?",
        right=f"{percent} % of {price} € are {percent} ÷ 100 × {price} € = {off} €. "
        f"The new price is {price} € − {off} € = {price - off} €.",
        wrong=f"The price goes down by {percent}, so the new price is {price} € − {percent} € = {price - percent} €.",
        bare=f"{price - off} €.",
        answer=f"{price - off} €",
        flaw="takes off euros instead of per cent",
        subject="shopping",
        template="reduction",
    )


def _average(rng: random.Random) -> Problem:
    mean, low, high = rng.randint(11, 30), rng.randint(1, 9), rng.randint(1, 9)
    days = [mean - low, mean + high, mean + low - high]
    total = f"({days[0]} + {days[1]} + {days[2]})"
    return Problem(
        prompt=f"On three days, {days[0]}, {days[1]} and {days[2]} visitors came. What is the average for a day?",
        right=f"Add up and divide by the number of days: {total} ÷ 3 = {3 * mean} ÷ 3 = {mean} visitors a day.",
        wrong=f"Add up and divide by two, as for every average: "
        f"{total} ÷ 2 = {3 * mean} ÷ 2 = {3 * mean / 2:g} visitors a day.",
        bare=f"{mean} visitors.",
        answer=f"{mean} visitors",
        flaw="divides three days by two",
        subject="museums",
        template="average",
    )


def _saving(rng: random.Random) -> Problem:
    start, weekly, weeks = rng.randint(2, 12) * 10, rng.randint(4, 18), rng.randint(6, 20)
    name, added = _name(rng), weeks * weekly
    return Problem(
        prompt=f"{name} has {start} € and saves {weekly} € every week. How much is it after {weeks} weeks?",
        right=f"In {weeks} weeks, {weeks} × {weekly} € = {added} € are added. "
        f"With the {start} € from before, {name} has {start + added} €.",
        wrong=f"{name} saves {weekly} € a week. Over {weeks} weeks that is {weeks} × {weekly} € = {added} €, "
        f"so {name} has {added} €.",
        bare=f"{start + added} €.",
        answer=f"{start + added} €",
        flaw=f"forgets the {start} € that were there before",
        subject="saving",
        template="saving",
    )


def _film(rng: random.Random) -> Problem:
    begin, minutes = rng.randint(17, 20) * 60 + rng.choice([10, 15, 20, 30, 40, 45]), rng.randint(85, 135)
    start, end = _clock(begin), _clock(begin + minutes)
    return Problem(
        prompt=f"A film starts at {start} and takes {minutes} minutes. When does it end?",
        right=f"{minutes} minutes are {minutes // 60} h {minutes % 60} min. "
        f"Counted from {start}, the film ends at {end}.",
        wrong=f"Counting {minutes} minutes on from {start} and carrying the hours over, "
        f"the film ends at {_clock(begin + minutes - 60)}.",
        bare=f"At {end}.",
        answer=f"at {end}",
        flaw="loses an hour when it carries the minutes over",
        subject="the cinema",
        template="film",
    )


def _reading(rng: random.Random) -> Problem:
    a_day, days, over = rng.randint(14, 30), rng.randint(8, 20), rng.randint(2, 12)
    pages = a_day * days + over
    return Problem(
        prompt=f"A book has {pages} pages, and you read {a_day} a day. On which day do you finish it?",
        right=f"After {days} days you have read {days} × {a_day} = {a_day * days} pages, "
        f"so {over} are left for the day after. You finish on day {days + 1}.",
        wrong=f"{pages} ÷ {a_day} is about {days}, and the little that is left over does not count. "
        f"You finish on day {days}.",
        bare=f"On day {days + 1}.",
        answer=f"on day {days + 1}",
        flaw="drops the pages that are left over",
        subject="books",
        template="reading",
    )


TEMPLATES = (
    _change, _fence, _journey, _sharing, _recipe, _reduction, _average, _saving, _film, _reading,
)  # fmt: skip


def _name(rng: random.Random) -> str:
    return rng.choice(["Ada", "Bela", "Carlos", "Dilan", "Edith", "Farid", "Greta", "Hugo"])


def _euro(cents: int) -> str:
    return f"{cents // 100} €" if cents % 100 == 0 else f"{cents / 100:.2f} €"


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24}:{minutes % 60:02}"
