"""Recordings to waveforms: decode with libsndfile or FFmpeg, downmix, resample with soxr.

A waveform is float32, mono, nominally in [-1, 1]. `decoding` reads recordings, `waveforms` works on samples.

Examples:
    >>> load("examples/synthetic-voice.flac", 16_000).dtype
    dtype('float32')
"""

from voxaffect.audio.content import NamedBytes, Source, collect, name_of
from voxaffect.audio.decoder import CHUNK, Header
from voxaffect.audio.decoding import (
    Decoded,
    check_duration,
    check_sample_rate,
    chunks,
    decode,
    header,
    load,
)
from voxaffect.audio.folders import Listing, recordings
from voxaffect.audio.raw import Raw
from voxaffect.audio.waveforms import LOUDEST, SILENCE, Waveform, downmix, pad, resample, trim

__all__ = [
    "CHUNK",
    "LOUDEST",
    "SILENCE",
    "Decoded",
    "Header",
    "Listing",
    "NamedBytes",
    "Raw",
    "Source",
    "Waveform",
    "check_duration",
    "check_sample_rate",
    "chunks",
    "collect",
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
