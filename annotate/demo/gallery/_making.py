"""Media for exhibits, made from nothing: tones, short clips, coloured solids as glTF, pages as PDF.

Every function writes one small file, the same bytes each time, and gives its name, as rows name it.
"""

import io
import json
import math
import wave
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

RATE = 22_050  # samples a second
FRAMES = 15  # a second

# ---- sound ----

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
NOTES = {name: 440 * 2 ** ((index - 9) / 12) for index, name in enumerate(_NAMES)}  # Hz, from middle C on


def tone(
    frequency: float, seconds: float, loudness: float = 0.5, overtones: Sequence[float] = (1, 0.4, 0.2)
) -> np.ndarray:
    """Samples in [-1, 1] of one note that is struck and fades; ``overtones``: weight of each multiple."""
    time = np.arange(round(seconds * RATE)) / RATE
    waves = [weight * np.sin(2 * math.pi * frequency * number * time) for number, weight in enumerate(overtones, 1)]
    shape = np.minimum(1, time / 0.01) * np.exp(-3 * time / seconds) * np.minimum(1, (seconds - time) / 0.01)
    return loudness * shape * np.sum(waves, axis=0) / sum(overtones)


def melody(notes: str, beat: float = 0.3, octave: float = 0, **how: float) -> np.ndarray:
    """Samples of a tune in letters: ``"C D E/2 - G2"`` is C, D, E of half a beat, a rest, and G of two beats."""
    parts = []
    for note in notes.split():
        name, _, share = note.partition("/")
        beats = 1 / float(share) if share else 1.0
        while name[-1:].isdigit():
            name, beats = name[:-1], float(name[-1])
        length = round(beats * beat * RATE) / RATE
        silent = name == "-"
        parts.append(np.zeros(round(length * RATE)) if silent else tone(NOTES[name] * 2**octave, length, **how))
    return np.concatenate(parts)


def wav(folder: Path, name: str, samples: np.ndarray) -> str:
    """Write ``samples`` in [-1, 1] as 16-bit mono."""
    with wave.open(str(folder / name), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return name


# ---- moving pictures ----


def clip(folder: Path, name: str, frames: Iterable[Image.Image], rate: int = FRAMES) -> str:
    """Write pictures of one, even size as a clip: ``.webm`` in VP9 or ``.mp4`` in H.264."""
    import av

    codec, options = {
        ".webm": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "34", "b": "0"}),
        ".mp4": ("libx264", {"preset": "veryfast", "crf": "26"}),
    }[Path(name).suffix]
    with av.open(str(folder / name), "w", options={"fflags": "+bitexact"}) as container:
        stream = None
        for image in frames:
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options=options)
                stream.width, stream.height, stream.pix_fmt = *image.size, "yuv420p"
                stream.codec_context.thread_count = 1
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        if stream is not None:
            container.mux(stream.encode())
    return name


# ---- solids ----

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Solid:
    """Triangles of one colour; ``colour`` in [0, 1], ``points`` in metres, y up."""

    points: list[Point]
    triangles: list[tuple[int, int, int]]
    colour: tuple[float, float, float]

    def at(self, x: float, y: float, z: float) -> "Solid":
        return Solid([(a + x, b + y, c + z) for a, b, c in self.points], self.triangles, self.colour)


def box(width: float, height: float, depth: float, colour: tuple[float, float, float]) -> Solid:
    """A box that stands on the ground."""
    x, z = width / 2, depth / 2
    points: list[Point] = [(a, b, c) for b in (0.0, height) for a, c in ((-x, -z), (x, -z), (x, z), (-x, z))]
    sides = [(i, (i + 1) % 4 + 4, (i + 1) % 4) for i in range(4)] + [(i, i + 4, (i + 1) % 4 + 4) for i in range(4)]
    return Solid(points, [*sides, (0, 1, 2), (0, 2, 3), (4, 6, 5), (4, 7, 6)], colour)


def cone(radius: float, height: float, colour: tuple[float, float, float], top: float = 0.0, sides: int = 24) -> Solid:
    """A cone that stands on the ground; a cylinder where its ``top`` is as wide as its foot."""
    turns = [2 * math.pi * (side + 0.5) / sides for side in range(sides)]
    around = [(math.cos(turn), math.sin(turn)) for turn in turns]
    points: list[Point] = [(radius * x, 0.0, radius * z) for x, z in around]
    points += [(top * x, height, top * z) for x, z in around]
    points += [(0.0, 0.0, 0.0), (0.0, height, 0.0)]
    triangles = []
    for this in range(sides):
        after = (this + 1) % sides
        triangles += [(this, this + sides, after + sides), (this, after + sides, after)]
        triangles += [(2 * sides, this, after), (2 * sides + 1, after + sides, this + sides)]
    return Solid(points, triangles, colour)


def ball(radius: float, colour: tuple[float, float, float], rings: int = 12) -> Solid:
    """A ball around the origin."""
    sides = 2 * rings
    points: list[Point] = []
    for ring in range(rings + 1):
        down = math.pi * ring / rings
        for side in range(sides):
            turn = 2 * math.pi * side / sides
            points.append(
                (
                    radius * math.sin(down) * math.cos(turn),
                    radius * math.cos(down),
                    radius * math.sin(down) * math.sin(turn),
                )
            )
    triangles = []
    for ring in range(rings):
        for side in range(sides):
            after = (side + 1) % sides
            a, b = ring * sides, (ring + 1) * sides
            triangles += [(a + side, a + after, b + after), (a + side, b + after, b + side)]
    return Solid(points, triangles, colour)


def glb(folder: Path, name: str, solids: Sequence[Solid]) -> str:
    """Write solids as one .glb, flat-shaded: every triangle has corners of its own."""
    views, accessors, meshes, materials, body = [], [], [], [], b""
    for number, solid in enumerate(solids):
        corners = np.array(solid.points, np.float32)[np.array(solid.triangles)]  # [triangle, corner, axis]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(normals, axis=1, keepdims=True)
        corners, normals = corners[length[:, 0] > 1e-12], (normals / np.maximum(length, 1e-12))[length[:, 0] > 1e-12]
        flat = corners.reshape(-1, 3)
        for part in (flat, np.repeat(normals, 3, axis=0).astype(np.float32)):
            raw = part.astype("<f4").tobytes()
            views.append({"buffer": 0, "byteOffset": len(body), "byteLength": len(raw), "target": 34962})
            body += raw
            accessors.append({"bufferView": len(views) - 1, "componentType": 5126, "count": len(flat), "type": "VEC3"})
        accessors[-2] |= {"min": flat.min(axis=0).tolist(), "max": flat.max(axis=0).tolist()}
        attributes = {"POSITION": len(accessors) - 2, "NORMAL": len(accessors) - 1}
        meshes.append({"primitives": [{"attributes": attributes, "material": number}]})
        surface = {"baseColorFactor": [*solid.colour, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.8}
        materials.append({"pbrMetallicRoughness": surface})
    described = {
        "asset": {"version": "2.0", "generator": "Touchstone"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(meshes)))}],
        "nodes": [{"mesh": number} for number in range(len(meshes))],
        "meshes": meshes,
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(body)}],
    }
    (folder / name).write_bytes(packed(described, body))
    return name


def packed(described: dict, body: bytes) -> bytes:
    """A .glb of a description and its binary part."""
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 4)
    body += b"\0" * (-len(body) % 4)
    parts = len(text).to_bytes(4, "little") + b"JSON" + text + len(body).to_bytes(4, "little") + b"BIN\0" + body
    return b"glTF" + (2).to_bytes(4, "little") + (len(parts) + 12).to_bytes(4, "little") + parts


# ---- pages ----

A4 = (595, 842)  # points


@dataclass
class Page:
    """One page in the making; points from the top left, colours in [0, 1]."""

    size: tuple[int, int] = A4
    drawn: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, size: float = 11, bold: bool = False) -> None:
        safe = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if bold else "F1"
        self.drawn.append(f"BT /{font} {size} Tf {x} {self.size[1] - y} Td ({safe}) Tj ET")

    def paragraph(self, x: float, y: float, words: str, columns: int, size: float = 11, leading: float = 1.4) -> float:
        """Words, broken after ``columns`` characters; gives the place below them."""
        import textwrap

        for line in textwrap.wrap(words, columns):
            self.text(x, y, line, size)
            y += size * leading
        return y

    def box(self, x: float, y: float, width: float, height: float, colour: tuple[float, float, float]) -> None:
        shade = " ".join(f"{part:g}" for part in colour)
        self.drawn.append(f"q {shade} rg {x} {self.size[1] - y - height} {width} {height} re f Q")


def pdf(folder: Path, name: str, pages: Sequence[Page]) -> str:
    """Write pages with the two fonts that every reader has, Helvetica and its bold."""
    fonts = " ".join(
        f"/F{number} << /Type /Font /Subtype /Type1 /BaseFont /{face} /Encoding /WinAnsiEncoding >>"
        for number, face in enumerate(("Helvetica", "Helvetica-Bold"), 1)
    )
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    for number, page in enumerate(pages):
        width, height = page.size
        content = "\n".join(page.drawn).encode("cp1252", "replace")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {4 + 2 * number} 0 R "
            f"/Resources << /Font << {fonts} >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, entry in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + entry + b"\nendobj\n")
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    (folder / name).write_bytes(out.getvalue())
    return name
