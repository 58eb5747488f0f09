"""Downloads from a server on this machine that behaves badly on request."""

import dataclasses
import hashlib
import http.server
import io
import threading
import zipfile
from collections import namedtuple

import pytest

pytest.importorskip("pooch")

from voxaffect import corpora
from voxaffect.apps.cli import main
from voxaffect.corpora import download as module
from voxaffect.corpora.base import Archive
from voxaffect.errors import CorpusError, SettingsError


def packed(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 1000)
    return content.getvalue()


GOOD = packed("Actor_01/a.wav", "Actor_02/b.wav")


class Server(http.server.ThreadingHTTPServer):
    """Answers with `body`; the first `faults` times as `fault` says."""

    body, fault, faults, asked = GOOD, "", 0, 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server: Server = self.server
        server.asked += 1
        fault = server.fault if server.asked <= server.faults else ""
        if fault == "error":
            self.send_error(503)
            return
        body = server.body[::-1] if fault == "other bytes" else server.body
        length = len(body) + {"promises more": 100, "promises less": -100}.get(fault, 0)
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "breaks off" else body)
        self.close_connection = True

    def log_message(self, *words):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # pooch's patience between tries
    with Server(("127.0.0.1", 0), Handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def corpus(server, monkeypatch):
    """RAVDESS with one archive, on the server."""
    archive = Archive(
        f"http://127.0.0.1:{server.server_port}/speech.zip", hashlib.md5(GOOD).hexdigest(), len(GOOD), "speech"
    )
    found = dataclasses.replace(corpora.CORPORA["ravdess"], archives=(archive,))
    monkeypatch.setitem(corpora.CORPORA, "ravdess", found)
    return found


def rest(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_an_archive_is_unpacked_and_removed(corpus, tmp_path, server):
    (found,) = module.download(corpus, tmp_path / "new" / "place")
    assert (found.folder, found.new) == (tmp_path / "new" / "place" / "speech", True)
    assert rest(tmp_path / "new" / "place") == ["Actor_01", "Actor_02", "a.wav", "b.wav", "speech"]
    (found,) = module.download(corpus, tmp_path / "new" / "place")
    assert (found.new, server.asked) == (False, 1)


def test_a_folder_of_the_archives_own_name_is_not_nested(corpus, tmp_path, server):
    server.body = packed("speech/wav/a.wav", "speech/db.yaml")
    archive = dataclasses.replace(corpus.archives[0], md5=hashlib.md5(server.body).hexdigest())
    module.download(dataclasses.replace(corpus, archives=(archive,)), tmp_path)
    assert rest(tmp_path) == ["a.wav", "db.yaml", "speech", "wav"]
    assert (tmp_path / "speech" / "db.yaml").exists()


@pytest.mark.parametrize("fault", ["breaks off", "promises more", "promises less", "other bytes", "error"])
def test_a_fault_that_passes_is_lived_through(corpus, tmp_path, server, fault):
    server.fault, server.faults = fault, module.TRIES - 1
    module.download(corpus, tmp_path)
    assert server.asked == module.TRIES
    assert (tmp_path / "speech" / "Actor_02" / "b.wav").read_bytes() == b"x" * 1000


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("breaks off", "4 times in vain"),
        ("promises more", "4 times in vain"),
        ("promises less", "what arrives is not what was published"),
        ("other bytes", "what arrives is not what was published, its MD5 is not"),
        ("error", "4 times in vain.*503"),
    ],
)
def test_a_fault_that_stays_leaves_nothing(corpus, tmp_path, server, fault, reason):
    server.fault, server.faults = fault, 100
    with pytest.raises(CorpusError, match=reason) as raised:
        module.download(corpus, tmp_path)
    assert "\n" not in str(raised.value)
    assert server.asked == module.TRIES
    assert rest(tmp_path) == []


def test_nobody_answers(corpus, tmp_path):
    archive = dataclasses.replace(corpus.archives[0], url="http://127.0.0.1:9/speech.zip")
    with pytest.raises(CorpusError, match=r"in vain.*check the connection, or fetch it by hand"):
        module.download(dataclasses.replace(corpus, archives=(archive,)), tmp_path / "new")
    assert rest(tmp_path) == []


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_full_disk(corpus, tmp_path, server, monkeypatch, when):
    free = iter([0] if when == "before" else [10**12, 10])
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(next(free)))
    with pytest.raises(CorpusError, match=r"MB free, and .*speech.zip needs .* make room"):
        module.download(corpus, tmp_path)
    assert server.asked == (0 if when == "before" else 1)
    assert not (tmp_path / "speech").exists()


def test_what_is_no_archive_is_not_half_unpacked(corpus, tmp_path, server):
    server.body = GOOD[:200] + b"\0" * 50 + GOOD[250:]  # its list is whole, a file in it is not
    archive = dataclasses.replace(corpus.archives[0], md5=hashlib.md5(server.body).hexdigest())
    with pytest.raises(CorpusError, match="cannot be unpacked"):
        module.download(dataclasses.replace(corpus, archives=(archive,)), tmp_path)
    assert rest(tmp_path) == ["speech.zip"]


def test_what_a_killed_unpacking_left_is_no_hindrance(corpus, tmp_path):
    (tmp_path / "speech.part").mkdir()
    (tmp_path / "speech.part" / "half.wav").write_bytes(b"")
    module.download(corpus, tmp_path)
    assert rest(tmp_path / "speech") == ["Actor_01", "Actor_02", "a.wav", "b.wav"]


@pytest.mark.parametrize(
    ("name", "where"), [("savee", "fill in the form at http"), ("tess", "by hand from https"), ("crema-d", "Git LFS")]
)
def test_corpora_that_no_program_fetches_say_how_to_get_them(name, where, tmp_path):
    with pytest.raises(SettingsError, match=where):
        module.download(corpora.CORPORA[name], tmp_path)


def test_the_command(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_DATA", str(tmp_path))
    assert main(["corpus", "ravdess", "--download"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{tmp_path / 'ravdess' / 'speech'}\n"
    assert "CC BY-NC-SA 4.0" in captured.err
    assert main(["corpus", "ravdess", "--download"]) == 0
    assert "was there already" in capsys.readouterr().out
    assert main(["corpus", "--download"]) == 2
    assert main(["corpus", "savee", "--download"]) == 2
    assert "Register.html" in capsys.readouterr().err
