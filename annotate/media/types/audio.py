"""Audio that every browser plays: WAV, MP3, M4A, FLAC, Ogg, and WebM or MP4 with sound alone.

Nothing is encoded anew. Tags and covers of WAV, MP3, M4A and FLAC are taken out. The waveform is drawn from peaks,
``[0.1, 0.85, …]``: the loudest sample of each of `PEAKS` equal parts (fewer where it is very short), in [0, 1].
"""

import json

from annotate.media.types import Inspected, Limits, NotMine, Refused, _av, _without_tags

TITLE = "Audio"
ACCEPTED = "WAV, MP3, M4A (AAC), FLAC, Ogg (Opus, Vorbis), WebM"
APART = True
PREVIEWS = {"peaks": "application/json"}
EXTENSIONS = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
}
INLINE = True
ICON = True

PEAKS = 1000
_WINDOW = 0.005  # seconds: peaks are first taken this often, so that a long file needs little memory
_TYPES = {
    "mp4": "audio/mp4", "matroska": "audio/webm", "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac",
    "ogg": "audio/ogg",
}  # fmt: skip


def recognises(head: bytes) -> bool:
    return bool(_av.demuxer_of(head))


def inspect(content: bytes, limits: Limits) -> Inspected:
    demuxer = _av.demuxer_of(content)
    content = _without_tags.stripped(content, demuxer)
    streams = _av.opened(content, demuxer)
    with streams.container as container:
        if not streams.audio or streams.video:
            raise NotMine
        _av.check_container(content, demuxer)
        if len(streams.audio) > 1:
            raise Refused("Audio: more than one track.")
        _av.check_sound(streams, demuxer, _av.AUDIO_HINT)
        if next(container.decode(streams.audio[0]), None) is None:  # proves that it can be decoded
            raise Refused("Audio: no sound can be decoded.")
    return Inspected(_TYPES[demuxer], content, duration=_av.duration(content, demuxer, limits))


def preview(content: bytes, name: str) -> bytes:
    if name not in PREVIEWS:
        raise Refused("A recording has peaks only.")
    import av
    import numpy as np

    streams = _av.opened(content, _av.demuxer_of(content))
    with streams.container as container:
        rate = streams.audio[0].codec_context.sample_rate
        window = max(1, round(rate * _WINDOW))
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate)
        found, rest = [], np.zeros(0, np.float32)
        for frame in container.decode(streams.audio[0]):
            for part in resampler.resample(frame):
                sound = np.concatenate([rest, np.abs(part.to_ndarray()[0])])
                whole = len(sound) // window * window
                found.append(sound[:whole].reshape(-1, window).max(axis=1))
                rest = sound[whole:]
        found.append(rest.max(keepdims=True) if len(rest) else rest)
    windows = np.nan_to_num(np.concatenate(found))
    parts = np.array_split(windows, min(PEAKS, max(1, len(windows))))
    peaks = [round(min(float(part.max()), 1.0), 3) for part in parts if len(part)]
    return json.dumps(peaks).encode()
