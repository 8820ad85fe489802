"""Every link of every file leads to a file of the site, and every anchor to an element that is there."""

import json
import re
import xml.etree.ElementTree as ElementTree


def check(archive, site, findings):
    for name in site.pages():
        page = site.page(name)
        for href in page.links:
            fault = site.fault(name, href)
            findings.true(name, fault is None, f"{href!r} {fault}")
    for name in sorted(path.relative_to(site.root).as_posix() for path in site.root.rglob("*") if path.is_file()):
        for address in addresses(name, site):
            fault = site.fault(name, address)
            findings.true(name, fault is None, f"{address!r} {fault}")
    mapped = {site.file_of(loc) for loc in addresses("sitemap.xml", site)}
    listed = {name for name in site.pages() if name.endswith("index.html") and "noindex" not in site.text(name)}
    findings.equal("sitemap.xml", sorted(mapped), sorted(listed))


def addresses(name, site):
    """The addresses in a file that is no page: all attributes and texts that are one, or the links of a text."""
    if name.endswith(".xml"):
        for element in ElementTree.fromstring(site.text(name)).iter():
            yield from (value for value in element.attrib.values() if is_address(value))
            if is_address((element.text or "").strip()):
                yield element.text.strip()
            yield from re.findall(r'href="([^"]+)"', element.text or "")
    elif name.endswith(".jsonl"):
        for line in site.text(name).splitlines():
            yield from in_json(json.loads(line))
    elif name.endswith(".json") and not name.startswith(("assets/", ".")) and not name.endswith("schema.json"):
        yield from in_json(json.loads(site.text(name)))
    elif name.endswith(".md") or name == "llms.txt":
        yield from (link for link in re.findall(r"\]\(<?([^)>\s]+)>?\)", site.text(name)))
    elif name == "robots.txt":
        yield from re.findall(r"Sitemap: (\S+)", site.text(name))


def in_json(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from in_json(part)
    elif is_address(value):
        yield value


def is_address(value):
    return isinstance(value, str) and re.fullmatch(r"https?://\S+", value) is not None
