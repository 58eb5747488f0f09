"""Decode with the program `ffmpeg`, where it is installed and PyAV is not."""

import re
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from voxaffect.audio.content import Content
from voxaffect.audio.decoder import CHUNK, Chunk, DecodingError, Header, plain, shortfall
from voxaffect.audio.formats import Format
from voxaffect.audio.pyav import DEMUXERS, INDEXED, SEEKABLE, SILENT

_TOLERANCE = 0.5  # seconds by which a container's length and its sound may differ
_BLOCK = 1 << 20
_DURATION = re.compile(r"Duration: (\d+):(\d+):([\d.]+)")
_DAMAGE = re.compile(
    r"^\[[^]]*@ 0x[0-9a-f]+\] (.*(?:[Ii]nvalid|[Ee]rror|not found|corrupt|[Tt]runcat).*)$", re.MULTILINE
)


class Program:
    """A recording that the program decodes.

    Args:
        content: Of the recording.
        form: Its format.
        executable: The program.

    Raises:
        DecodingError: It cannot decode it.
    """

    def __init__(self, content: Content, form: Format, executable: str) -> None:
        self._form, self._executable = form, executable
        self.warning: str | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        path = content.path
        if path is None:
            self._folder = tempfile.TemporaryDirectory()
            path = Path(self._folder.name) / "recording"
            with path.open("wb") as file:
                place = 0
                while block := content.read(place, _BLOCK):
                    place += file.write(block)
        self._path = path
        self._start(0.0)

    def _start(self, seconds: float) -> None:
        words = [self._executable, "-nostdin", "-hide_banner", "-nostats", "-protocol_whitelist", "file,pipe"]
        words += ["-ss", f"{seconds:.6f}"] if seconds else []
        words += ["-f", DEMUXERS[self._form], "-i", f"file:{self._path.absolute()}", "-vn", "-sn", "-dn"]
        words += ["-map_metadata", "-1", "-bitexact", "-c:a", "pcm_f32le", "-f", "wav", "-"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
        self._lines: list[bytes] = []
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        rate, channels = self._format()
        declared = _DURATION.search(self._text()) if self._form in INDEXED else None
        duration = 3600 * int(declared[1]) + 60 * int(declared[2]) + float(declared[3]) if declared else None
        self.header = Header(None if duration is None else round(duration * rate), rate, channels)

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if len(self._lines) < 1000:
                self._lines.append(line)

    def _text(self) -> str:
        return b"".join(self._lines).decode("utf-8", "replace")

    def _format(self) -> tuple[int, int]:
        """Sample rate and channels, by the header of the WAV that the program writes."""
        assert self._process.stdout is not None
        pipe, rate, channels = self._process.stdout, 0, 0
        head = pipe.read(12)
        while len(chunk := pipe.read(8)) == 8 and chunk[:4] != b"data":
            fields = pipe.read(struct.unpack("<I", chunk[4:])[0])
            if chunk[:4] == b"fmt " and len(fields) >= 8:
                channels, rate = struct.unpack_from("<HI", fields, 2)
        if len(head) < 12 or not rate:
            self._process.wait()
            self._reader.join()
            text = self._text()
            self.close()
            if "matches no streams" in text or "does not contain any stream" in text:
                raise DecodingError(*SILENT)
            if "moov atom not found" in text:
                raise DecodingError("it is cut off: its index, which stands at the end, is missing")
            found = _DAMAGE.findall(text)
            raise DecodingError(
                plain(found[-1] if found else (text.strip().splitlines() or ["ffmpeg says nothing"])[-1])
            )
        return rate, channels

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on."""
        rate, channels, promised = self.header.sample_rate, self.header.channels, self.header.samples
        skip, count = start, 0
        if start and self._form in SEEKABLE:
            self._end()
            self._start(start / rate)
            skip, count = 0, start
        assert self._process.stdout is not None
        while data := self._process.stdout.read(4 * channels * CHUNK):
            whole = len(data) // (4 * channels) * 4 * channels
            samples = np.frombuffer(data[:whole], "<f4").reshape(-1, channels)
            count += len(samples)
            kept = samples[skip:]
            skip = max(0, skip - len(samples))
            if len(kept):
                yield kept
        self._process.wait()
        self._reader.join()
        if promised is not None and count / rate < promised / rate - _TOLERANCE:
            self.warning = shortfall(promised / rate, count / rate)
        elif found := _DAMAGE.findall(self._text()):
            self.warning = f"is damaged ({plain(found[0])}); the sound that can be decoded lasts {count / rate:.1f} s"

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """End the program."""
        self._end()
        self._reader.join()
        if self._folder is not None:
            self._folder.cleanup()
