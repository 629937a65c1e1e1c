"""Checks the built site: links and anchors lead somewhere, pictures have words, nothing comes from elsewhere.

python scripts/check_site.py               # after mkdocs build; make docs does both
python scripts/check_site.py --external    # asks the links that lead out, too, where there is a network
"""

from __future__ import annotations

import argparse
import sys
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit

SITE = Path(__file__).resolve().parents[1] / "site"
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("source", "src"), ("iframe", "src")}
"""What a browser fetches without being asked."""


class Page(HTMLParser):
    """One page: its anchors, where its links lead, what it loads, and pictures without words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.silent: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes note of one element."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.loaded |= {given[name] for kind, name in LOADED if kind == tag and name in given}
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        if tag == "img" and not given.get("alt"):
            self.silent.append(given.get("src", "?"))


def target(page: Path, site: Path, link: str) -> Path:
    """Returns the file that a link of a page means."""
    path = unquote(urlsplit(link).path)
    whole = site / path.lstrip("/") if path.startswith("/") else page.parent / path
    found = (page if not path else whole).resolve()
    return found / "index.html" if found.is_dir() else found


def problems(pages: dict[Path, Page], site: Path) -> Iterator[str]:
    """Yields what is wrong, a line each."""
    for path, page in pages.items():
        name = path.relative_to(site)
        yield from (f"{name}: a picture without words, {source}" for source in page.silent)
        for link in sorted(page.links | page.loaded):
            split = urlsplit(link)
            if split.scheme in ("http", "https") or split.netloc:
                if link in page.loaded:
                    yield f"{name}: loads {link}"
                continue
            if split.scheme:
                continue
            found = target(path, site, link)
            if not found.exists():
                yield f"{name}: no file for {link}"
            elif split.fragment and found in pages and unquote(split.fragment) not in pages[found].anchors:
                yield f"{name}: no anchor for {link}"


def answers(link: str) -> str:
    """Returns what a link that leads out says: its status, or why there is none."""
    asked = urllib.request.Request(link, headers={"User-Agent": "Mozilla/5.0"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return str(answer.status)
    except HTTPError as error:
        return str(error.code)
    except (URLError, TimeoutError, OSError) as error:
        return f"not checked: {error}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--external", action="store_true", help="ask the links that lead out, too")
    parser.add_argument("--site", type=Path, default=SITE)
    asked = parser.parse_args()
    site = asked.site.resolve()
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    found = list(problems(pages, site))
    out = sorted({link for page in pages.values() for link in page.links if link.startswith("http")})
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, {len(found)} broken")
    print(f"{len(out)} links lead out:")
    for link in out:
        print(f"  {link}" + (f"  {answers(link)}" if asked.external else ""))
    if found or not pages:
        sys.exit("\n".join(found) or f"there is no site at {site}; mkdocs build makes it")


if __name__ == "__main__":
    main()
