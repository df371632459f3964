"""Video that every browser plays: MP4 with H.264, VP9 or AV1, WebM with VP8, VP9 or AV1.

Nothing is encoded anew: a rater is to see what the model made. MP4's descriptions (place, device, title) are blanked.
"""

from typing import Any

from annotate.media.types import THUMBNAIL_PIXELS, Inspected, Limits, NotMine, Refused, _av, _without_tags, webp

TITLE = "Video"
ACCEPTED = "MP4 (H.264, VP9, AV1), WebM (VP8, VP9, AV1)"
APART = True
PREVIEWS = {"thumbnail": "image/webp"}
EXTENSIONS = {"video/mp4": "mp4", "video/webm": "webm"}
INLINE = True
ICON = False

_CODECS = {"mp4": {"h264", "vp9", "av1"}, "matroska": {"vp8", "vp9", "av1"}}
_TYPES = {"mp4": "video/mp4", "matroska": "video/webm"}
_DECODERS = {"libdav1d": "av1", "libvpx": "vp8", "libvpx-vp9": "vp9"}
_H264_PIXELS = {"yuv420p", "yuvj420p"}
_HINT = "convert it, e.g. with ffmpeg -i in -c:v libx264 -pix_fmt yuv420p -c:a aac out.mp4"
POSTER_AT = 1.0  # seconds: the first frames are often black


def recognises(head: bytes) -> bool:
    return _av.demuxer_of(head) in _CODECS


def inspect(content: bytes, limits: Limits) -> Inspected:
    demuxer = _av.demuxer_of(content)
    content = _without_tags.stripped(content, demuxer)
    streams = _av.opened(content, demuxer)
    with streams.container:
        if not streams.video:
            raise NotMine
        _av.check_container(content, demuxer)
        if len(streams.video) > 1:
            raise Refused("Video: more than one picture track.")
        codec = streams.video[0].codec_context
        name = _DECODERS.get(codec.name, codec.name)
        if name not in _CODECS[demuxer]:
            raise Refused(f"Video: {name.upper()} does not play in every browser: {_HINT}.")
        if name == "h264" and codec.pix_fmt not in _H264_PIXELS:
            raise Refused(f"Video: H.264 in {codec.pix_fmt} does not play in every browser: {_HINT}.")
        if codec.width * codec.height > limits.frame_pixels:
            most = limits.frame_pixels / 10**6
            raise Refused(f"Video: {codec.width} x {codec.height} pixels, the limit is {most:.1f} megapixels.")
        _av.check_sound(streams, demuxer, _HINT)
        width, height = _upright(_frame(streams, 0)).size  # proves that it can be decoded
    seconds = _av.duration(content, demuxer, limits)
    return Inspected(_TYPES[demuxer], content, width, height, seconds)


def preview(content: bytes, name: str) -> bytes:
    if name not in PREVIEWS:
        raise Refused("A video has a thumbnail only.")
    streams = _av.opened(content, _av.demuxer_of(content))
    with streams.container as container:
        seconds = float(container.duration or 0) / 1_000_000
        return webp(_upright(_frame(streams, min(POSTER_AT, seconds / 2))), THUMBNAIL_PIXELS)


def _frame(streams: _av.Streams, at: float) -> Any:
    """The first frame at or after ``at`` seconds, else the last."""
    stream = streams.video[0]
    frame = None
    for frame in streams.container.decode(stream):
        if frame.time is None or frame.time - float((stream.start_time or 0) * stream.time_base) >= at:
            break
    if frame is None:
        raise Refused("Video: not a single frame can be decoded.")
    return frame


def _upright(frame: Any) -> Any:
    """The frame as a picture, turned as players turn it."""
    return frame.to_image().rotate(frame.rotation, expand=True) if frame.rotation else frame.to_image()
