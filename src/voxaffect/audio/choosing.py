"""Which decoder a recording needs: its first bytes tell, never its name.

libsndfile decodes what it reads right, by the length that the recording has rather than the one that its header says.
FFmpeg decodes the rest.
"""

import importlib.util
import re
import shutil
from collections.abc import Callable

from voxaffect.audio import flac, mpeg, ogg, raw
from voxaffect.audio.chunked import Samples, find_samples
from voxaffect.audio.content import Content, View
from voxaffect.audio.decoder import Chain, Decoder, DecodingError, shortfall
from voxaffect.audio.formats import HEAD, LIBSNDFILE, TITLES, Format, other, sniff, tag_length, unmistakable
from voxaffect.audio.libsndfile import Libsndfile
from voxaffect.audio.raw import Raw
from voxaffect.errors import AudioError

DECODING = 2
"""Raised when the same file gives other samples than before, so that none are used that were decoded earlier."""

TOLERANCE = 0.05
"""Seconds that a header may promise too much: some programs count their headers in."""

_UNKNOWN = (
    "give WAV, FLAC, OGG, Opus, MP3, M4A or WebM; what has no header needs its rate and encoding "
    "(`raw` of recognize and timeline)"
)
_CUT = "the end is missing"
_MPEG_CODECS = (0x50, 0x55)  # of WAV
_CODECS = (0, 1, 2, 3, 6, 7, 0x11, 0x31, 0x40, 0x45, 0x64, *_MPEG_CODECS)  # that libsndfile decodes

_Opener = Callable[[], Decoder]


def decoder_of(content: Content, given: Raw | None) -> Decoder:
    """The decoder of a recording.

    Args:
        content: Its bytes.
        given: What a headerless one is; None: it has a header.

    Raises:
        AudioError: It is of no known format, or nothing that is installed decodes it.
    """
    try:
        return _decoder(content, given)
    except DecodingError as error:
        raise undecodable(content.name, error) from None


def undecodable(name: str, error: DecodingError) -> AudioError:
    """The error of a recording that cannot be opened."""
    return AudioError(f"{name}: is not audio that can be decoded ({error}); {error.remedy}")


def check_headerless(name: str, head: bytes) -> None:
    """Check that what is said to have no header does not begin with one.

    Args:
        name: What the error calls it.
        head: Its first `HEAD` bytes.

    Raises:
        AudioError: It does.
    """
    if form := unmistakable(head):
        raise AudioError(f"{name}: is {TITLES[form]} and has its own rate; leave out `raw`")


def check_other(head: bytes) -> None:
    """Check that bytes of no known format are not something else than sound.

    Raises:
        DecodingError: They are.
    """
    if found := other(head):
        raise DecodingError(f"it is {found[0]}", found[1])


def _decoder(content: Content, given: Raw | None) -> Decoder:
    if given is not None:
        check_headerless(content.name, content.head)
        return raw.decoder(content, given)
    form = sniff(content.head)
    if tag := tag_length(content.head):
        form = sniff(content.read(tag, HEAD)) or form
    if form is None:
        check_other(content.head)
        raise DecodingError("nothing that is known begins like it", _UNKNOWN)
    if form in LIBSNDFILE:
        try:
            return _OF_LIBSNDFILE[form](content)
        except DecodingError:
            if not (importlib.util.find_spec("av") or shutil.which("ffmpeg")):
                raise
    return _of_ffmpeg(content, form)


def _of_ffmpeg(content: Content, form: Format) -> Decoder:
    from voxaffect.audio.pyav import PyAV  # here, as few recordings need it

    try:
        return PyAV(View(content), form)
    except ImportError:
        pass
    if executable := shutil.which("ffmpeg"):
        from voxaffect.audio.ffmpeg import Program

        return Program(content, form, executable)
    remedy = "pip install 'voxaffect[formats]', or install ffmpeg"
    raise AudioError(f"{content.name}: is {TITLES[form]}, which libsndfile does not read; {remedy}")


def _chunked(content: Content, form: Format) -> Decoder:
    """WAV and its like: one recording, or several in a row."""
    samples = find_samples(content, form, tag_length(content.head))
    if samples is None:
        return Libsndfile(content)
    parts = [samples]
    while (offset := parts[-1].following) is not None and (following := find_samples(content, form, offset)):
        parts.append(following)
    openers = [opener for part in parts for opener in _openers(content, part)]
    decoder = _joined(openers)
    last, duration = parts[-1], decoder.header.duration
    if last.unfinished and duration:
        decoder.warning = never_finished(duration)
    elif last.promised is not None and duration:
        missing = duration * (last.promised / (last.end - last.start) - 1) if len(parts) == 1 else 0
        if abs(missing) > TOLERANCE:
            decoder.warning = shortfall(duration + missing, duration)
    return decoder


def never_finished(duration: float) -> str:
    """The warning of a recording whose recorder never wrote its length, in seconds."""
    return f"the header was never finished, the file holds {duration:.1f} s"


def _openers(content: Content, samples: Samples) -> list[_Opener]:
    if samples.codec not in _CODECS:
        raise DecodingError(f"its encoding is number {samples.codec:#x} of WAV")
    if samples.codec in _MPEG_CODECS:
        return _of_streams(content, mpeg.scan(content, samples.start, samples.end)[0])
    if samples.first == 0 and samples.following is None and samples.patch is None:
        return [lambda: Libsndfile(content)]
    return [lambda: Libsndfile(content, lambda: samples.view(content))]


def _nist(content: Content) -> Decoder:
    decoder = Libsndfile(content)
    counted, samples = re.search(rb"\nsample_count -i (\d+)", content.head), decoder.header.samples
    rate = decoder.header.sample_rate
    if counted and samples and int(counted[1]) - samples > TOLERANCE * rate:
        decoder.warning = shortfall(int(counted[1]) / rate, samples / rate)
    return decoder


def _flac(content: Content) -> Decoder:
    if len(links := flac.find_links(content)) > 1:
        return Chain([_of_link(content, link) for link in links])
    if flac.promised_samples(content):
        return Libsndfile(content)
    samples, whole = flac.present_samples(content)
    decoder = Libsndfile(content, (lambda: flac.with_length(content, samples)) if samples else None)
    if not whole:
        decoder.warning = _CUT
    return decoder


def _ogg(content: Content) -> Decoder:
    found = ogg.find_links(content)
    if len(found.links) == 1:
        decoder: Decoder = Libsndfile(content)
    else:
        decoder = Chain([_of_link(content, link) for link in found.links])
    if not found.complete:
        decoder.warning = _CUT
    return decoder


def _of_link(content: Content, link: tuple[int, int]) -> _Opener:
    return lambda: Libsndfile(content, lambda: View(content, [link]))


def _mpeg(content: Content) -> Decoder:
    streams, cut = mpeg.find_streams(content)
    if not streams:
        raise DecodingError("it has no whole frame")
    decoder, last = _joined(_of_streams(content, streams)), streams[-1]
    if last.promised is not None and last.promised > last.frames:
        missing = (last.promised - last.frames) * last.kind[0] / last.kind[1]
        present = decoder.header.duration or 0.0
        decoder.warning = shortfall(present + missing, present)
    elif cut:
        decoder.warning = _CUT
    return decoder


def _of_streams(content: Content, streams: list[mpeg.Stream]) -> list[_Opener]:
    def opener(stream: mpeg.Stream) -> _Opener:
        return lambda: mpeg.Mpeg(content, stream)

    return [opener(stream) for stream in streams]


def _joined(openers: list[_Opener]) -> Decoder:
    if not openers:
        raise DecodingError("it has no whole frame")
    return openers[0]() if len(openers) == 1 else Chain(openers)


_OF_LIBSNDFILE: dict[Format, Callable[[Content], Decoder]] = {
    "wav": lambda content: _chunked(content, "wav"),
    "w64": lambda content: _chunked(content, "w64"),
    "aiff": lambda content: _chunked(content, "aiff"),
    "au": lambda content: _chunked(content, "au"),
    "caf": lambda content: _chunked(content, "caf"),
    "nist": _nist,
    "flac": _flac,
    "ogg": _ogg,
    "mpeg": _mpeg,
}
