"""Recordings to waveforms: decode with libsndfile or FFmpeg, downmix, resample with soxr.

A waveform is float32, mono, nominally in [-1, 1]. `decoding` reads recordings, `waveforms` works on samples,
`preparation` makes of them what a model takes.

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
from voxaffect.audio.hum import MAINS, remove_hum
from voxaffect.audio.preparation import Span, align, cut, pad, prepare, span, trim
from voxaffect.audio.raw import Raw
from voxaffect.audio.waveforms import LOUDEST, SILENCE, Waveform, downmix, resample

__all__ = [
    "CHUNK",
    "LOUDEST",
    "MAINS",
    "SILENCE",
    "Decoded",
    "Header",
    "Listing",
    "NamedBytes",
    "Raw",
    "Source",
    "Span",
    "Waveform",
    "align",
    "check_duration",
    "check_sample_rate",
    "chunks",
    "collect",
    "cut",
    "decode",
    "downmix",
    "header",
    "load",
    "name_of",
    "pad",
    "prepare",
    "recordings",
    "remove_hum",
    "resample",
    "span",
    "trim",
]
