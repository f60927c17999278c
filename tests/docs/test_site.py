"""The documentation builds without a warning, has no dead link and asks no other host."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.conftest import PROJECT

TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""Markdown that is no part of the site."""
PATH = re.compile(r"`((?:backline|actions|data|tests|scripts|deploy)/[\w./-]*)`")
MADE_BY_THE_READER = {"data/phone/learnt.yml", "deploy/channels.env"}
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Page(HTMLParser):
    """What a page links to, what it loads by itself, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attributes if value}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])
        if tag == "link" and given.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it; the strict build ends with an error at any warning."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(["scripts/bootstrap.sh", "docs"], cwd=PROJECT, check=True)
    built = subprocess.run(
        [".tools/docs/bin/mkdocs", "build", "--quiet", "--strict", "--site-dir", target],
        cwd=PROJECT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {
        file: Page(file.read_text(encoding="utf-8"))
        for file in sorted(site.rglob("*.html"))
        if file.name != "404.html"
    }


def test_every_link_leads_to_a_page_and_an_anchor_that_exist(pages: dict[Path, Page]) -> None:
    dead = []
    for file, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (file.parent / unquote(url.path)).resolve() if url.path else file
            if target.is_dir():
                target /= "index.html"
            anchors = pages[target].anchors if target in pages else set()
            if not target.exists() or (url.fragment and unquote(url.fragment) not in anchors):
                dead.append(f"{file.name}: {link}")
    assert dead == []


def test_no_page_loads_anything_from_another_host(pages: dict[Path, Page]) -> None:
    elsewhere = {link for page in pages.values() for link in page.loads if urlsplit(link).netloc}
    assert elsewhere == set()


def test_styles_load_nothing_from_another_host(site: Path) -> None:
    for file in site.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\W*(?:https?:)?//", file.read_text("utf-8")), file


def test_diagrams_are_drawn_by_a_script_of_the_site_before_the_theme_asks_for_one(
    site: Path, pages: dict[Path, Page]
) -> None:
    drawn = [file for file in pages if '<pre class="mermaid">' in file.read_text("utf-8")]
    assert drawn
    for file in drawn:
        scripts = [Path(urlsplit(link).path).name for link in pages[file].loads]
        assert "mermaid.tiny.js" in scripts
    assert 'globalThis["mermaid"] =' in (site / "assets" / "mermaid.tiny.js").read_text("utf-8")


def _headings(text: str) -> set[str]:
    """Anchors of a Markdown file as hosts of repositories make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.strip().replace(" ", "-") for title in plain}


def _dead_in(name: str) -> Iterator[str]:
    text = (PROJECT / name).read_text(encoding="utf-8")
    for link in LINK.findall(text):
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = PROJECT / url.path if url.path else PROJECT / name
        if not target.exists() or not _has_anchor(target, url.fragment):
            yield link


def _has_anchor(target: Path, anchor: str) -> bool:
    return not anchor or anchor in _headings(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TOP)
def test_files_beside_the_site_have_no_dead_links(name: str) -> None:
    assert list(_dead_in(name)) == []


def _paths_named(file: Path) -> set[str]:
    return set(PATH.findall(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "file",
    [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").rglob("*.md"))],
    ids=lambda file: file.name,
)
def test_paths_of_the_project_that_a_page_names_exist(file: Path) -> None:
    named = _paths_named(file) - MADE_BY_THE_READER
    assert {name for name in named if not (PROJECT / name).exists()} == set()
