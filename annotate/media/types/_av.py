"""What video and audio share: containers opened by one named demuxer, codecs that browsers play, true lengths.

ffmpeg is never left to guess what a file is: some of its demuxers open other files and addresses. Which codecs play in
Chromium, Firefox and Safari alike: developer.mozilla.org/docs/Web/Media/Guides/Formats.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotate.media.types import Limits, NotMine, Refused

MOST_STREAMS = 8
MOST_CHANNELS = 8
SAMPLE_RATES = range(1, 192_001)
SLACK = 2  # seconds by which the length that a header gives may be off

# Demuxer of a container -> codecs that play in it.
AUDIO_CODECS: Mapping[str, set[str]] = {
    "mp4": {"aac", "mp3", "opus", "flac"},
    "matroska": {"opus", "vorbis"},
    "ogg": {"opus", "vorbis", "flac"},
    "wav": {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"},
    "mp3": {"mp3", "mp3float"},
    "flac": {"flac"},
}
AUDIO_HINT = "convert it to WAV, MP3, M4A (AAC), FLAC or Ogg"


@dataclass(frozen=True)
class Streams:
    """An open container with the streams that count: a cover picture is no video."""

    container: Any
    video: list[Any]
    audio: list[Any]


# HEIC and AVIF have the container of MP4.
_PICTURES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}


def demuxer_of(head: bytes) -> str:
    """The demuxer for a file that one of the types recognised; "" for none."""
    if head[4:8] == b"ftyp":
        return "" if head[8:12] in _PICTURES else "mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"fLaC"):
        return "flac"
    # Layer III, or a tag before it.
    mpeg = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    return "mp3" if mpeg or head.startswith(b"ID3") else ""


def opened(content: bytes, demuxer: str) -> Streams:
    """Open a file that lies in memory; nothing else is ever read."""
    import av
    from av.stream import Disposition

    options = {"protocol_whitelist": "none"}
    container = av.open(io.BytesIO(content), format=demuxer, options=options, metadata_errors="ignore")
    if len(container.streams) > MOST_STREAMS:
        raise Refused(f"{len(container.streams)} streams, the limit is {MOST_STREAMS}.")
    if any(stream.type not in ("video", "audio", "subtitle", "data") for stream in container.streams):
        raise Refused("It holds other files besides picture and sound; save it without attachments.")
    video = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    for stream in (*video, *container.streams.audio):
        stream.codec_context.thread_count = 1
    return Streams(container, video, list(container.streams.audio))


def check_container(head: bytes, demuxer: str) -> None:
    """Containers that browsers know: MP4 and not QuickTime, WebM and not any Matroska."""
    if demuxer == "mp4" and head[8:12] == b"qt  ":
        raise Refused("This is QuickTime: ffmpeg -i in.mov -c copy out.mp4 makes an MP4 of it.")
    if demuxer == "matroska" and b"webm" not in head[:64]:
        raise Refused("This is Matroska and not WebM: convert it to WebM or MP4.")


def check_sound(streams: Streams, demuxer: str, hint: str) -> None:
    """Every track plays in browsers."""
    for stream in streams.audio:
        codec = stream.codec_context
        if codec.name not in AUDIO_CODECS[demuxer]:
            raise Refused(f"Sound in {codec.name.upper()} does not play in every browser: {hint}.")
        if codec.sample_rate not in SAMPLE_RATES or not 0 < codec.channels <= MOST_CHANNELS:
            raise Refused(f"{codec.sample_rate} Hz and {codec.channels} channels are out of bounds: {hint}.")


def duration(content: bytes, demuxer: str, limits: Limits) -> float:
    """Seconds that the file really holds, in [0, limits.seconds].

    Raises
    ------
    Refused
        If it is longer, or holds less than its header says.
    """
    streams = opened(content, demuxer)
    with streams.container as container:
        claimed = float(container.duration or 0) / 1_000_000
        _check_seconds(claimed, limits)
        first, end = None, 0.0
        for packet in container.demux([*streams.video, *streams.audio]):
            if packet.pts is None or packet.size == 0:
                continue
            start = float(packet.pts * packet.time_base)
            first = start if first is None else min(first, start)
            end = max(end, start + float((packet.duration or 0) * packet.time_base))
            _check_seconds(end - first, limits)
    if first is None:
        raise NotMine
    found = end - max(first, 0.0)
    if demuxer != "mp3" and found < 0.9 * claimed - SLACK:  # without a table of its own an MP3's length is a guess
        raise Refused(f"Its header says {claimed:.0f} seconds, it holds {found:.0f}: it is cut off or made up.")
    return max(found, 0.0)


def _check_seconds(seconds: float, limits: Limits) -> None:
    if not seconds <= limits.seconds:
        raise Refused(f"{seconds / 60:.0f} minutes long, the limit is {limits.seconds / 60:g}.")
