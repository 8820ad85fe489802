"""A built site: its files, and where its addresses lead."""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

BASE = "https://example.org/pods/"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass(frozen=True)
class Site:
    """The files of a site below a folder; the site is at `BASE`."""

    root: Path

    def pages(self):
        """All HTML files that are whole pages, by name."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.html"))

    def has(self, name):
        return (self.root / name).is_file()

    def text(self, name):
        return (self.root / name).read_bytes().decode()

    def page(self, name):
        """A page as `html.parser` reads it."""
        return parsed(self.root / name)

    def address(self, name):
        """Where a file is once the site is published."""
        return BASE + re.sub(r"(^|/)index\.html$", r"\1", name)

    def file_of(self, address):
        """The file that an address of the site leads to. `None` for one that is elsewhere."""
        if not address.startswith(BASE):
            return None
        path = unquote(urldefrag(address)[0].split("?")[0].removeprefix(BASE))
        return f"{path}index.html" if path == "" or path.endswith("/") else path

    def fault(self, page, href):
        """What is wrong with a link of a file, or `None`: an address of the site leads to a file and an anchor."""
        address = urljoin(self.address(page), href)
        target = self.file_of(address)
        if target is None:
            # The 404 page uses paths from the root of its host.
            return None if re.match(r"(https?|mailto|data):", address) else "leads out of the site"
        if not self.has(target):
            return f"leads to {target}, which is not there"
        anchor = unquote(urldefrag(address)[1].split(":~:")[0])
        if target.endswith(".html") and anchor and anchor not in self.page(target).ids:
            return f"leads to an anchor that {target} does not have"
        return None


class Page(HTMLParser):
    """The elements of a page that checks look at: links, ids, turns, structured data."""

    def __init__(self):
        super().__init__()
        self.links, self.ids, self.turns, self.headings, self.lang = [], set(), [], [], ""
        self.n_tags = {}
        self._open, self._words = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.n_tags[tag] = self.n_tags.get(tag, 0) + 1
        self.ids.update(value for name, value in attributes if name == "id")
        self.links += [value for name, value in attributes if name in ("href", "src") and value is not None]
        if tag == "html":
            self.lang = values.get("lang", "")
        classes = (values.get("class") or "").split()
        if tag == "article" and "turn" in classes:
            self.turns.append({"id": values.get("id"), "name": "", "text": "", "time": None})
        if tag not in VOID:
            self._open.append((tag, classes))
        if self.turns and self._in("article") and tag == "time":
            self.turns[-1]["time"] = self.turns[-1]["time"] or values.get("datetime")
        if tag == "h1":
            self.headings.append("")

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._open and any(tag == "h1" for tag, _ in self._open):
            self.headings[-1] += data
        if not self.turns or not self._in("article"):
            return
        if any("speaker" in classes for _, classes in self._open):
            self.turns[-1]["name"] += data
        elif self._in("p"):
            self.turns[-1]["text"] += f" {data}" if self._open[-1][0] == "p" else data

    def _in(self, tag):
        start = next((idx for idx, (name, classes) in enumerate(self._open) if name == "article" and "turn" in classes), None)
        return start is not None and (tag == "article" or any(name == tag for name, _ in self._open[start:]))


@cache
def parsed(path):
    page = Page()
    page.feed(path.read_bytes().decode())
    page.close()
    return page
