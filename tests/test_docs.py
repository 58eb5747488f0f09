"""Pages show what the software prints, and the site holds all of them."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from voxaffect.apps.cli import main
from voxaffect.html import colours

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = [
    (page, *match)
    for page in PAGES
    for match in re.findall(r"^```console\n\$ voxaffect (recognize [^\n]+)\n(.*?)^```", page.read_text(), re.M | re.S)
]


@pytest.mark.parametrize(("page", "command", "output"), SHOWN, ids=[str(each[0].relative_to(ROOT)) for each in SHOWN])
def test_a_page_shows_what_a_command_prints(page, command, output, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(command)) == 0
    assert _untimed(capsys.readouterr().out) == _untimed(output)


def test_readme_and_home_page_show_a_command():
    assert {ROOT / "README.md", ROOT / "docs" / "index.md"} <= {page for page, *_ in SHOWN}


def test_every_page_is_in_the_navigation():
    named = _files(tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"])
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:]}
    assert {name for name in named if not name.endswith("/")} == pages


def test_pictures_have_the_background_of_the_site():
    style = (ROOT / "docs" / "style.css").read_text()
    assert f"--md-default-bg-color: {colours.PAGE['paper'].dark};" in style


def test_examples_are_where_the_reference_looks_for_them():
    """`Example:` is no section of Google's style for griffe: its code would be shown as quoted text."""
    named = [path for path in (ROOT / "src").rglob("*.py") if re.search(r"^\s+Example:$", path.read_text(), re.M)]
    assert named == []


def test_links_of_readme_and_contributing_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
        assert [link for link in links if not (ROOT / link).exists()] == []


def _untimed(text: str) -> str:
    return re.sub(r" +\d+ ms", " ms", text)


def _files(nav: list) -> set[str]:
    found = set()
    for (value,) in (each.values() for each in nav):
        found |= {value} if isinstance(value, str) else _files(value)
    return found
