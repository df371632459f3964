"""Fish in an aquarium."""

from PIL import Image

from annotate.demo.drawing import SIZE, Canvas, Colour, bezier, ghost, mix
from annotate.demo.scenes import Edit, Flawed

BUBBLES = ((96, 300, 7), (108, 262, 10), (92, 218, 6), (104, 172, 12), (96, 120, 8), (402, 250, 8), (412, 206, 12),
           (400, 160, 6), (408, 110, 9))  # fmt: skip
FISH = {"large": (262, 230, 1.0, "#f08a3c"), "blue": (128, 386, 0.52, "#3f7fd0"), "pink": (400, 356, 0.46, "#e07aa0")}


def draw(
    turned: tuple[str, ...] = (),
    bubbles: int = len(BUBBLES),
    fish: tuple[str, ...] = tuple(FISH),
    water: tuple[Colour, Colour] = ("#7fd0e0", "#1f6f9c"),
) -> Image.Image:
    """``turned``: fish that face left; ``bubbles``: how many of them, ``fish``: which of them there are."""
    canvas = Canvas(water[0], water[1])
    for x in (60, 190, 330, 450):
        canvas.polygon([(x, 0), (x + 46, 0), (x + 4, 430), (x - 66, 430)], (255, 255, 255, 17))
    _plants(canvas)
    canvas.polygon([(0, SIZE), (0, 452), *bezier((0, 452), (140, 424), (280, 452)),
                    *bezier((280, 452), (400, 474), (SIZE, 440)), (SIZE, SIZE)], "#e3cf9f")  # fmt: skip
    for x in range(8, SIZE, 17):
        y = 470 + (x * 29) % 34
        canvas.ellipse(x, y, 3 + x % 3, 2.2, fill=mix("#e3cf9f", "#8a7350", 0.2 + (x % 5) * 0.12))
    canvas.ellipse(330, 462, 44, 24, fill="#8b8f94")
    canvas.ellipse(318, 456, 26, 12, fill="#a5a9ae")
    for name in fish:
        _fish(canvas, *FISH[name], -1 if name in turned else 1)
    for x, y, r in BUBBLES[:bubbles]:
        canvas.ellipse(x, y, r, fill=(255, 255, 255, 70))
        canvas.ellipse(x, y, r * 0.82, fill=(190, 235, 245, 70))
        canvas.ellipse(x - r * 0.35, y - r * 0.35, r * 0.24, fill=(255, 255, 255, 220))
    canvas.rect(0, 0, SIZE, 12, (255, 255, 255, 90))
    return canvas.finish()


def _plants(canvas: Canvas) -> None:
    for x, height, lean, colour in (
        (40, 220, 22, "#3f8f5f"), (62, 160, -18, "#4fa36d"), (452, 240, -26, "#35805a"), (476, 180, 20, "#4fa36d"),
        (430, 130, 14, "#5bb07a"), (220, 90, 12, "#4fa36d"), (240, 70, -10, "#3f8f5f"),
    ):  # fmt: skip
        right = bezier((x + 9, 470), (x + lean, 470 - height * 0.5), (x + lean * 0.4, 470 - height))
        left = bezier((x + lean * 0.4, 470 - height), (x + lean - 14, 470 - height * 0.5), (x - 9, 470))
        canvas.polygon([*right, *left], colour)


def _fish(canvas: Canvas, x: float, y: float, size: float, colour: Colour, way: int) -> None:
    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * size * way, y + dy * size

    dark = mix(colour, "#5b2a10", 0.28)
    canvas.polygon([at(-82, 0), *bezier(at(-136, -62), at(-112, 0), at(-136, 62))], dark)
    canvas.polygon([at(-40, -46), *bezier(at(-30, -92), at(20, -92), at(46, -46))], dark)
    canvas.polygon(
        [*bezier(at(100, 4), at(20, -124), at(-92, 0)), *bezier(at(-92, 0), at(20, 124), at(100, 4))], colour
    )
    for dx, width in ((34, 9), (-14, 10), (-52, 7)):
        reach = 52 - abs(dx - 6) * 0.42
        front = bezier(at(dx + width, -reach), at(dx + width + 9, 0), at(dx + width, reach))
        back = bezier(at(dx, reach), at(dx + 9, 0), at(dx, -reach))
        canvas.polygon([*front, *back], (255, 255, 255, 205))
    canvas.polygon([at(8, 8), *bezier(at(-2, 40), at(-26, 44), at(-34, 30)), at(-12, 10)], dark)
    canvas.ellipse(*at(70, -9), 10 * size, fill="#ffffff")
    canvas.ellipse(*at(73, -9), 5.5 * size, fill="#22262c")
    canvas.curve(at(97, 10), at(90, 16), at(82, 15), mix(colour, "#000000", 0.5), 2.6 * size)


EDITS = (
    Edit(
        "turn-fish",
        "Turn the large orange fish around, so that it swims to the left.",
        {"turned": ("large",)},
        (
            Flawed("wrong_object", "turns the two small fish instead", {"turned": ("blue", "pink")}),
            Flawed(
                "artefact",
                "turns it, but the old fish shines through like a ghost",
                {"turned": ("large",)},
                lambda image, before: ghost(image, before, (110, 120, 420, 340)),
            ),
        ),
    ),
    Edit(
        "no-bubbles",
        "Remove all the air bubbles.",
        {"bubbles": 0},
        (
            Flawed("partial", "leaves the bubbles on the left", {"bubbles": 5}),
            Flawed(
                "collateral", "removes the two small fish along with the bubbles", {"bubbles": 0, "fish": ("large",)}
            ),
        ),
    ),
)
