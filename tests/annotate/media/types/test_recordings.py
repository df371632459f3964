"""Video and audio that browsers play, as they came but for their descriptions."""

import io
import json

import pytest
from PIL import Image

from annotate.media import apart
from tests.annotate.media.making import clip, kept, refusal, taken


@pytest.mark.parametrize("suffix", [".webm", ".mp4"])
def test_clips(suffix):
    name, found = taken(clip(suffix))
    assert (name, found.content_type, found.width, found.height) == ("video", f"video/{suffix[1:]}", 64, 48)
    assert found.duration == pytest.approx(1, abs=0.1)
    assert Image.open(io.BytesIO(apart.preview(found.content, "video", "thumbnail"))).size == (64, 48)


def sound(suffix, codec):
    import av
    import numpy as np

    buffer = io.BytesIO()
    with av.open(buffer, "w", format={"m4a": "ipod"}.get(suffix, suffix)) as container:
        container.metadata["artist"] = "SECRET"
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for part in av.AudioResampler(stream.codec_context.format, "mono", 48_000, stream.frame_size or None).resample(
            frame
        ):
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("suffix", "codec", "content_type"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("flac", "flac", "audio/flac"),
        ("ogg", "libopus", "audio/ogg"),
        ("webm", "libopus", "audio/webm"),
        ("m4a", "aac", "audio/mp4"),
        ("wav", "pcm_s16le", "audio/wav"),
    ],
)
def test_recordings_lose_their_tags(suffix, codec, content_type):
    content = sound(suffix, codec)
    name, found = taken(content)
    assert (name, found.content_type) == ("audio", content_type)
    assert found.duration == pytest.approx(1, abs=0.15)
    assert b"SECRET" in content
    assert (b"SECRET" in found.content) == (suffix in ("ogg", "webm"))  # as the documents say
    assert len(json.loads(apart.preview(found.content, "audio", "peaks"))) == pytest.approx(200, abs=30)


def test_descriptions_of_an_mp4_are_blanked_where_they_stand():
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update({"location": "+48.8577+002.295/", "title": "SECRET"})
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (32, 32)))))
        container.mux(stream.encode())
    content = buffer.getvalue()
    clean = kept(content)
    assert b"SECRET" in content
    assert b"48.8577" in content
    assert b"SECRET" not in clean
    assert b"48.8577" not in clean
    assert len(clean) == len(content)
    assert kept(clean) == clean


def test_h264_that_browsers_do_not_play():
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv444p"
        container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (32, 32)))))
        container.mux(stream.encode())
    assert "ffmpeg" in refusal(buffer.getvalue())
