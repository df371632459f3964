"""3D models: glTF 2.0, as .glb or as .gltf with everything embedded.

Nothing is decoded here: the description is checked so that a viewer neither fetches what the file does not hold nor
reads beyond it. Textures pass the same check as images. Source: the glTF 2.0 specification (Khronos).
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from annotate.media.types import Inspected, Limits, Refused, image

TITLE = "3D model"
ACCEPTED = "glTF 2.0 (.glb, or .gltf with its data embedded)"
APART = False
PREVIEWS: dict[str, str] = {}
EXTENSIONS = {"model/gltf-binary": "glb", "model/gltf+json": "gltf"}
INLINE = True
ICON = True

MOST_JSON = 16 * 1024**2  # bytes of description
MOST_ELEMENTS = 20_000_000  # vertices, indices and key frames in all
MOST_NODES = 100_000
_COMPONENTS = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}  # bytes
_PARTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
# A viewer would have to fetch a decoder from another server, which our pages forbid.
_NEEDS_DECODER = {
    "KHR_draco_mesh_compression",
    "EXT_meshopt_compression",
    "KHR_meshopt_compression",
    "KHR_texture_basisu",
}
_DATA = re.compile(
    r"data:(application/octet-stream|application/gltf-buffer|image/png|image/jpeg|image/webp|);base64,([A-Za-z0-9+/=\s]*)"
)


def recognises(head: bytes) -> bool:
    return head.startswith(b"glTF") or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def inspect(content: bytes, limits: Limits) -> Inspected:
    binary = content.startswith(b"glTF")
    described, body = _chunks(content) if binary else (content, None)
    if len(described) > MOST_JSON:
        raise Refused(f"3D model: its description has over {MOST_JSON // 1024**2} MB.")
    try:
        gltf = json.loads(described.decode("utf-8-sig"))
    except ValueError as error:
        raise Refused("3D model: its description is no valid JSON.") from error
    asset = gltf.get("asset") if isinstance(gltf, dict) else None
    if not isinstance(asset, dict) or not str(asset.get("version", "")).startswith("2."):
        raise Refused("3D model: this is no glTF 2.0; convert it to .glb.")
    if compressed := _NEEDS_DECODER & {str(name) for name in gltf.get("extensionsRequired", [])}:
        raise Refused(f"3D model: it needs {', '.join(sorted(compressed))}; export it without compression.")
    for uri in _uris(gltf):
        if not isinstance(uri, str) or not uri.startswith("data:"):
            raise Refused("3D model: it refers to another file; export it as one .glb.")
        if not _DATA.fullmatch(uri):
            raise Refused("3D model: its embedded data are of a kind that is not accepted.")
    buffers = _buffers(gltf, body)
    views = _views(gltf, buffers)
    _check_accessors(gltf, views)
    _check_nodes(gltf)
    for picture in _pictures(gltf, buffers):
        if not image.recognises(picture):
            raise Refused("3D model: a texture is not PNG, JPEG or WebP.")
        image.inspect(picture, limits)
    return Inspected("model/gltf-binary" if binary else "model/gltf+json", content)


def preview(content: bytes, name: str) -> bytes:
    raise Refused("A 3D model is drawn in the browser.")


def _chunks(content: bytes) -> tuple[bytes, bytes | None]:
    """The description and the binary part of a .glb."""
    version, length = (int.from_bytes(content[at : at + 4], "little") for at in (4, 8))
    if version != 2:
        raise Refused(f"3D model: version {version} of glTF, not 2.")
    if length != len(content):
        raise Refused(f"3D model: its header says {length} bytes, it has {len(content)}.")
    parts: list[tuple[bytes, bytes]] = []
    at = 12
    while at < length:
        size, kind = int.from_bytes(content[at : at + 4], "little"), content[at + 4 : at + 8]
        if len(kind) < 4 or at + 8 + size > length:
            raise Refused("3D model: a part is longer than the file.")
        parts.append((kind, content[at + 8 : at + 8 + size]))
        at += 8 + size
    kinds = [kind for kind, _ in parts]
    if kinds not in ([b"JSON"], [b"JSON", b"BIN\0"]):
        raise Refused("3D model: a .glb has one JSON part and at most one binary part after it.")
    return parts[0][1], parts[1][1] if len(parts) > 1 else None


def _uris(value: Any) -> Iterator[Any]:
    """Every ``uri`` anywhere, extensions' own too."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "uri" in value:
                yield value["uri"]
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _decoded(uri: str) -> bytes:
    try:
        return base64.b64decode(uri.partition(",")[2], validate=False)
    except binascii.Error as error:
        raise Refused("3D model: its embedded data are damaged.") from error


def _buffers(gltf: dict[str, Any], body: bytes | None) -> list[bytes]:
    buffers = []
    for index, buffer in enumerate(gltf.get("buffers", [])):
        if "uri" in buffer:
            held = _decoded(buffer["uri"])
        elif index == 0 and body is not None:
            held = body
        else:
            raise Refused(f"3D model: buffer {index} has no data.")
        length = _whole(buffer.get("byteLength"))
        if length > len(held):
            raise Refused(f"3D model: buffer {index} says {length} bytes, it has {len(held)}.")
        buffers.append(held[:length])
    return buffers


def _views(gltf: dict[str, Any], buffers: list[bytes]) -> list[tuple[int, int, int]]:
    """(buffer, start, length) of each view."""
    views = []
    for index, view in enumerate(gltf.get("bufferViews", [])):
        buffer, start, length = (_whole(view.get(name, 0)) for name in ("buffer", "byteOffset", "byteLength"))
        if buffer >= len(buffers) or start + length > len(buffers[buffer]):
            raise Refused(f"3D model: view {index} reaches beyond its buffer.")
        views.append((buffer, start, length))
    return views


def _check_accessors(gltf: dict[str, Any], views: list[tuple[int, int, int]]) -> None:
    elements = 0
    for index, accessor in enumerate(gltf.get("accessors", [])):
        count = _whole(accessor.get("count"))
        elements += count
        if elements > MOST_ELEMENTS:
            raise Refused(f"3D model: over {MOST_ELEMENTS // 10**6} million elements.")
        size = _COMPONENTS[accessor["componentType"]] * _PARTS[accessor["type"]]
        if "bufferView" not in accessor:
            continue
        view = _whole(accessor["bufferView"])
        stride = _whole(gltf["bufferViews"][view].get("byteStride", size)) if view < len(views) else 0
        needed = _whole(accessor.get("byteOffset", 0)) + (stride * (count - 1) + size if count else 0)
        if view >= len(views) or needed > views[view][2]:
            raise Refused(f"3D model: accessor {index} reaches beyond its data.")


def _check_nodes(gltf: dict[str, Any]) -> None:
    """Nodes form trees: a circle would hang a viewer."""
    nodes = gltf.get("nodes", [])
    if len(nodes) > MOST_NODES:
        raise Refused(f"3D model: over {MOST_NODES} nodes.")
    parents: dict[int, int] = {}
    for parent, node in enumerate(nodes):
        for child in node.get("children", []):
            if _whole(child) >= len(nodes) or child in parents:
                raise Refused("3D model: its nodes do not form a tree.")
            parents[child] = parent
    free: set[int] = set()
    for node in parents:
        path = set()
        while node in parents and node not in free:
            if node in path:
                raise Refused("3D model: its nodes go in a circle.")
            path.add(node)
            node = parents[node]
        free |= path


def _pictures(gltf: dict[str, Any], buffers: list[bytes]) -> Iterator[bytes]:
    for picture in gltf.get("images", []):
        if "uri" in picture:
            yield _decoded(picture["uri"])
        else:
            view = gltf["bufferViews"][_whole(picture.get("bufferView"))]
            start = _whole(view.get("byteOffset", 0))
            yield buffers[view["buffer"]][start : start + view["byteLength"]]


def _whole(value: Any) -> int:
    """A count or place; raises ValueError, which means a damaged file, for what is none."""
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value
