"""Recordings to waveforms: decode whatever libsndfile reads, downmix, resample with soxr.

A waveform is float32, mono, nominally in [-1, 1]. `decoding` reads recordings, `waveforms` works on samples.

Examples:
    >>> load("examples/synthetic-voice.flac", 16_000).dtype
    dtype('float32')
"""

from voxaffect.audio.decoding import (
    CHUNK,
    Header,
    NamedBytes,
    Source,
    check_duration,
    check_sample_rate,
    chunks,
    decode,
    header,
    load,
    name_of,
)
from voxaffect.audio.folders import Listing, recordings
from voxaffect.audio.waveforms import LOUDEST, SILENCE, Waveform, downmix, pad, resample, trim

__all__ = [
    "CHUNK",
    "LOUDEST",
    "SILENCE",
    "Header",
    "Listing",
    "NamedBytes",
    "Source",
    "Waveform",
    "check_duration",
    "check_sample_rate",
    "chunks",
    "decode",
    "downmix",
    "header",
    "load",
    "name_of",
    "pad",
    "recordings",
    "resample",
    "trim",
]
