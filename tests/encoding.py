"""Recordings as other programs write them, made with PyAV and libsndfile."""

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
import soundfile


def encoded(samples: np.ndarray, rate: int, container: str, codec: str, *, pipe: bool = False, **options: str) -> bytes:
    """(samples,) or (samples, channels), as FFmpeg encodes them.

    Args:
        samples: In [-1, 1].
        rate: Hz.
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the encoder.
        pipe: Write to what cannot seek: headers are not finished.
        options: Of the encoder or the container.
    """
    file = io.BytesIO()
    target = _Pipe(file) if pipe else file
    channels = samples.reshape(len(samples), -1)
    layout = "mono" if channels.shape[1] == 1 else "stereo"
    of_container = {name: value for name, value in options.items() if name in ("movflags", "write_xing")}
    of_codec = {name: value for name, value in options.items() if name not in of_container}
    with av.open(target, "w", format=container, options=of_container) as output:
        stream = output.add_stream(codec, rate=rate, options=of_codec)
        stream.layout = layout
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels.T, np.float32), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler(stream.codec_context.format, layout, stream.codec_context.sample_rate)
        for part in resampler.resample(frame):
            fifo.write(part)
        size = stream.codec_context.frame_size or 4096
        while (part := fifo.read(size, partial=False)) or (part := fifo.read(0, partial=True)):
            output.mux(stream.encode(part))
            if not fifo.samples:
                break
        output.mux(stream.encode(None))
    return file.getvalue()


def written(samples: np.ndarray, rate: int, container: str, subtype: str) -> bytes:
    """As libsndfile encodes them."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


def speech(seconds: Sequence[float], rate: int = 16_000) -> np.ndarray:
    """Half a second of a tone at each of these times, and 0.02 s of silence where there is none."""
    samples = np.zeros(round((max(seconds) + 1) * rate), np.float32)
    for second in seconds:
        place = round(second * rate)
        samples[place : place + rate // 2] = 0.4 * np.sin(np.arange(rate // 2) / 5)
    return samples


class _Pipe:
    """What cannot seek."""

    def __init__(self, file: io.BytesIO) -> None:
        self.write = file.write
