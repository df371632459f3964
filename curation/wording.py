"""Words that go with numbers."""


def counted(n: int, noun: str) -> str:
    """A number with its noun: "1 row", "1,200 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
