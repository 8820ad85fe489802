"""A reader of a site: follows what pages and feeds point at, and names what is not there."""

import re
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

from archive import BASE_URL

LINKS = {"href", "src", "data-onward", "poster"}


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in LINKS and value:
                self.found.append(value)
            elif name == "srcset" and value:
                self.found += [part.split()[0] for part in value.split(",")]


def target(page: str, link: str) -> str | None:
    """The file that a link leads to; `None` where it leads elsewhere."""
    if link.startswith(BASE_URL):
        page, link = "", link.removeprefix(BASE_URL) or "./"
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or link.startswith("#"):
        return None
    path = unquote(parts.path)
    if not path:
        return None
    if path.startswith("/"):
        return None
    full = normpath(join(dirname(page), path))
    full = "" if full == "." else full
    if path.endswith(("/", ".")) or not full:
        return f"{full}/index.html".removeprefix("/")
    return full


def links(name: str, text: str) -> list[str]:
    if name.endswith(".html"):
        parser = Links()
        parser.feed(text)
        return parser.found
    if name.endswith(".css"):
        return re.findall(r"""(?:url\(|@import )["']?([^"')]+)""", text)
    if name.endswith(".js"):
        return re.findall(r"""(?:from|import) ?["'](\.[^"']+)["']""", text)
    if name.endswith((".xml", "_redirects")):
        return re.findall(re.escape(BASE_URL) + r"""[^"'<>\s]*""", text)
    return []


def missing(files: dict[str, bytes]) -> list[str]:
    """What a reader who begins at the home page, at the sitemap or at an address that is not there is led to, and does
    not find. Pages and feeds that nothing leads to yet are not seen."""
    entrances = ["index.html", "sitemap.xml", "404.html"]
    seen = {name for name in entrances if name in files}
    todo, lost = list(seen), []
    while todo:
        name = todo.pop()
        for link in links(name, files[name].decode("utf-8", "replace")):
            # The page for what is not there is shown anywhere, and has links of the host.
            found = target(name, link)
            if found is None or name == "404.html" and not link.startswith(BASE_URL):
                continue
            if found not in files:
                lost.append(f"{name} -> {found}")
            elif found not in seen:
                seen.add(found)
                todo.append(found)
    return lost
