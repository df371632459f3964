"""A street with a car, a bus and a traffic light."""

from PIL import Image

from annotate.demo.drawing import SIZE, Canvas, Colour, mix, ripple
from annotate.demo.scenes import Edit, Flawed

LIGHTS = {"red": "#f0413a", "amber": "#f7b733", "green": "#3fc46b"}


def draw(
    lit: tuple[str, ...] = ("red",),
    car: Colour = "#3b78b5",
    bus: Colour = "#c8473d",
    umbrella: bool = True,
) -> Image.Image:
    canvas = Canvas("#bfe0f2", "#f4efe2")
    for x, y, size in ((110, 62, 1.0), (400, 46, 0.8), (300, 96, 0.5)):
        for dx, dy, r in ((-34, 6, 16), (-10, -4, 24), (18, 1, 20), (40, 8, 12)):
            canvas.ellipse(x + dx * size, y + dy * size, r * size * 1.3, r * size * 0.75, fill=(255, 255, 255, 215))
    fronts = ("#e8c9a0", "#c9d6c3", "#e2b6a4", "#cfd3e0", "#ead9a8")
    for place, colour in enumerate(fronts):
        _front(canvas, place * 104 - 6, 130 + (place * 47) % 60, colour, umbrella and place == 1)
    canvas.rect(0, 344, SIZE, 372, "#cfc9be")
    canvas.line([(0, 372), (SIZE, 372)], "#a9a296", 3)
    canvas.gradient((0, 373, SIZE, SIZE), "#6a6e75", "#54585f")
    for x in range(-20, SIZE, 92):
        canvas.polygon([(x, 438), (x + 52, 438), (x + 48, 446), (x - 4, 446)], "#f2efe6")
    _bus(canvas, 356, 402, bus)
    _light(canvas, 250, lit)
    _car(canvas, 132, 478, car)
    return canvas.finish()


def _front(canvas: Canvas, x: float, top: float, colour: Colour, umbrella: bool) -> None:
    canvas.rect(x, top, x + 104, 346, colour)
    canvas.rect(x - 3, top - 8, x + 107, top + 4, mix(colour, "#5b4636", 0.35), 2)
    y = top + 20
    while y < 270:
        for dx in (14, 44, 74):
            canvas.rect(x + dx, y, x + dx + 18, y + 28, "#7f95a8", 1)
            canvas.rect(x + dx + 2, y + 2, x + dx + 16, y + 13, "#a9c0d0")
        y += 44
    canvas.rect(x + 8, 294, x + 66, 346, "#4d5a66", 2)
    canvas.rect(x + 12, 298, x + 62, 340, "#9fb8c6")
    canvas.rect(x + 74, 290, x + 98, 346, mix(colour, "#3d2a1c", 0.55), 2)
    for stripe in range(6):
        canvas.rect(x + 4 + stripe * 11, 284, x + 15 + stripe * 11, 300, "#d9574a" if stripe % 2 else "#f6efe2")
    if umbrella:
        canvas.line([(x + 36, 300), (x + 36, 352)], "#5b4636", 3)
        canvas.slice(x + 36, 312, 36, 180, 360, "#3d8f7a")
        canvas.slice(x + 36, 312, 36, 230, 270, "#f0ead8")
        canvas.slice(x + 36, 312, 36, 310, 340, "#f0ead8")


def _wheel(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.ellipse(x, y, r, fill="#26282c")
    canvas.ellipse(x, y, r * 0.52, fill="#b9bec4")
    canvas.ellipse(x, y, r * 0.2, fill="#6b7077")


def _car(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.shadow(x, y + 16, 116, 11, 110)
    canvas.polygon([(x - 62, y - 38), (x - 36, y - 74), (x + 36, y - 74), (x + 70, y - 38)], colour)
    canvas.rect(x - 106, y - 42, x + 106, y + 8, colour, 15)
    canvas.rect(x - 106, y - 6, x + 106, y + 8, mix(colour, "#000000", 0.25), 7)
    canvas.polygon([(x - 50, y - 40), (x - 30, y - 67), (x - 3, y - 67), (x - 3, y - 40)], "#cfe6f2")
    canvas.polygon([(x + 4, y - 40), (x + 4, y - 67), (x + 31, y - 67), (x + 56, y - 40)], "#cfe6f2")
    canvas.ellipse(x + 101, y - 22, 6, 8, fill="#fff0b8")
    canvas.rect(x - 106, y - 30, x - 100, y - 14, "#d9382e", 2)
    canvas.rect(x - 18, y - 30, x - 4, y - 26, mix(colour, "#000000", 0.4), 2)
    for dx in (-62, 62):
        _wheel(canvas, x + dx, y + 8, 20)


def _bus(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.shadow(x, y + 14, 136, 9, 100)
    canvas.rect(x - 128, y - 116, x + 128, y + 2, colour, 12)
    canvas.rect(x - 128, y - 34, x + 128, y - 24, mix(colour, "#ffffff", 0.75))
    for column in range(5):
        canvas.rect(x - 116 + column * 41, y - 100, x - 82 + column * 41, y - 56, "#d5e8f2", 4)
    canvas.rect(x + 92, y - 100, x + 118, y - 6, "#d5e8f2", 4)
    canvas.line([(x + 105, y - 98), (x + 105, y - 8)], mix(colour, "#000000", 0.2), 2)
    for dx in (-80, 62):
        _wheel(canvas, x + dx, y + 2, 18)


def _light(canvas: Canvas, x: float, lit: tuple[str, ...]) -> None:
    canvas.rect(x - 4, 220, x + 4, 384, "#3b4046", 2)
    canvas.rect(x - 20, 112, x + 20, 226, "#2b2f35", 9)
    for place, (name, colour) in enumerate(LIGHTS.items()):
        y = 134 + place * 35
        if name in lit:
            canvas.glow(x, y, 44, colour, 0.7)
        canvas.ellipse(x, y, 14, fill=colour if name in lit else mix(colour, "#15181c", 0.78))
        if name in lit:
            canvas.ellipse(x - 4, y - 5, 4, 3, fill=(255, 255, 255, 150))


EDITS = (
    Edit(
        "green-light",
        "Switch the traffic light from red to green.",
        {"lit": ("green",)},
        (
            Flawed("wrong_value", "switches it to amber", {"lit": ("amber",)}),
            Flawed("partial", "lights the green and leaves the red on", {"lit": ("red", "green")}),
        ),
    ),
    Edit(
        "yellow-car",
        "Make the car yellow, and only the car.",
        {"car": "#f0c02e"},
        (
            Flawed("wrong_object", "makes the bus yellow and leaves the car blue", {"bus": "#f0c02e"}),
            Flawed(
                "artefact",
                "bends the body of the car into waves",
                {"car": "#f0c02e"},
                lambda image, _: ripple(image, (12, 398, 262, 496)),
            ),
        ),
    ),
)
