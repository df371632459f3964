"""Take descriptions out of video and audio files (place, device, artist, cover), without touching picture and sound.

MP4's are overwritten where they stand, so no place in the file moves; those of WAV, MP3 and FLAC are cut out. Ogg and
WebM are left as they are: theirs name little but the encoder. Sources: ISO/IEC 14496-12, id3.org, RFC 9639, RIFF.
"""

from collections.abc import Callable

from annotate.media.types import Refused

# Boxes that hold others, as far as descriptions stand in them.
_MP4_FOLDERS = {b"moov", b"trak", b"moof", b"traf"}
_MP4_DESCRIPTIONS = {b"udta", b"meta", b"uuid"}
_FLAC_KEPT = {0, 3}  # stream info, seek table


def mp4(content: bytes) -> bytes:
    kept = bytearray(content)
    _mp4_boxes(kept, 0, len(content))
    return bytes(kept)


def _mp4_boxes(content: bytearray, at: int, end: int, depth: int = 0) -> None:
    while at < end:
        size, kind, head = int.from_bytes(content[at : at + 4]), bytes(content[at + 4 : at + 8]), 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16]), 16
        elif size == 0 and depth == 0:
            size = end - at
        if size < head or at + size > end:
            missing = "" if depth else f" after byte {at}"
            raise Refused(f"This MP4 is damaged, cut off, or has something else{missing}; save it anew.")
        if kind in _MP4_DESCRIPTIONS:
            content[at + 4 : at + 8] = b"free"
            content[at + head : at + size] = bytes(size - head)
        elif kind in _MP4_FOLDERS:
            _mp4_boxes(content, at + head, at + size, depth + 1)
        at += size


def wav(content: bytes) -> bytes:
    end = int.from_bytes(content[4:8], "little") + 8
    if end > len(content) + 1:
        raise Refused(f"Its header says {end:,} bytes, it has {len(content):,}: it is cut off or made up.")
    kept, at, end = [], 12, min(end, len(content))
    while at + 8 <= end:
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise Refused(f"A part says {size:,} bytes, {end - at - 8:,} are left: it is cut off or made up.")
        if kind in (b"fmt ", b"fact", b"data"):
            kept.append(content[at : at + 8 + size] + b"\0" * (size % 2))
        at += 8 + size + size % 2
    body = b"".join(kept)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WAVE" + body


def mp3(content: bytes) -> bytes:
    start, end = 0, len(content)
    while content[start : start + 3] == b"ID3":
        size = 0
        for byte in content[start + 6 : start + 10]:
            size = size << 7 | byte & 0x7F
        start += 10 + size + (10 if content[start + 5] & 0x10 else 0)
    if content[max(start, end - 128) : max(start, end - 128) + 3] == b"TAG":
        end -= 128
    return content[start:end]


def flac(content: bytes) -> bytes:
    kept, at, last = [], 4, False
    while not last:
        last, kind = bool(content[at] & 0x80), content[at] & 0x7F
        after = at + 4 + int.from_bytes(content[at + 1 : at + 4])
        if after > len(content):
            raise ValueError("cut off")
        if kind in _FLAC_KEPT:
            kept.append(bytes((kind,)) + content[at + 1 : after])
        at = after
    kept[-1] = bytes((kept[-1][0] | 0x80,)) + kept[-1][1:]
    return b"fLaC" + b"".join(kept) + content[at:]


# By the demuxer that reads it.
STRIP: dict[str, Callable[[bytes], bytes]] = {"mp4": mp4, "wav": wav, "mp3": mp3, "flac": flac}


def stripped(content: bytes, demuxer: str) -> bytes:
    return STRIP.get(demuxer, bytes)(content)
