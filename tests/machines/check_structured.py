"""The JSON-LD of every page, taken out by extruct and expanded by PyLD, is schema.org's and says what the sources say.

Which types and properties there are is read from schema-dts, which is made from schema.org's own list.
"""

import re
from collections import Counter
from pathlib import Path

from extruct.jsonld import JsonLdExtractor
from pyld import jsonld

from check_pages import duration
from findings import letters
from sources import day

WORDS = Path(__file__).parent / "node_modules/schema-dts/dist/schema.d.ts"
SCHEMA = "https://schema.org/"
# schema.org's context is not fetched: all words are its own, and values that are addresses are checked as text.
CONTEXT = {"contextUrl": None, "documentUrl": SCHEMA, "document": {"@context": {"@vocab": SCHEMA}}}
TEXT = {"Text", "URL", "CssSelectorType", "PronounceableText", "XPathType"}
DATES = {"Date", "DateTime"}


class Vocabulary:
    """Types with their parents, and properties with the types of their values."""

    def __init__(self):
        self.parents, self.properties = {}, {}
        for block in re.finditer(r"interface (\w+)Base extends ([^{]+)\{(.*?)\n\}", WORDS.read_text(), re.DOTALL):
            name, parents, body = block.groups()
            self.parents[name] = re.findall(r"(\w+)Base\b", parents)
            values = re.findall(r'"(\w+)"\?: SchemaValue<([^,]+),', body)
            self.properties[name] = {key: set(re.findall(r"\w+", kinds)) for key, kinds in values}
        leaves = re.findall(r'interface (\w+)Leaf extends (\w+)Base \{\s*"@type": "(\w+)"', WORDS.read_text())
        for _, base, name in leaves:
            if base != name:
                self.parents[name] = [base]

    def kinds(self, name):
        """A type and all that it is a kind of."""
        found = {name}
        for parent in self.parents.get(name, []):
            found |= self.kinds(parent)
        return found

    def values(self, name, key):
        """What a property of a type may be; `None` where the type has no such property."""
        owners = [kind for kind in self.kinds(name) if key in self.properties.get(kind, {})]
        return set().union(*(self.properties[owner][key] for owner in owners)) if owners else None


def check(archive, site, findings):
    words = Vocabulary()
    extractor = JsonLdExtractor()
    by_file = {}
    for name in site.pages():
        documents = extractor.extract(site.text(name))
        # The page that searches is not for search engines; it says where it belongs all the same.
        is_page = name == "search/index.html" or name.endswith("index.html") and "noindex" not in site.text(name)
        findings.equal(f"{name} documents", len(documents), int(is_page))
        for document in documents:
            things = jsonld.expand(document, {"documentLoader": lambda url, options: CONTEXT})
            for thing in things:
                check_words(thing, words, site, findings, name)
            by_file[name] = [plain(thing) for thing in things]
    for name, things in by_file.items():
        is_home = name == "index.html"
        n_crumbs = sum(thing["@type"] == "BreadcrumbList" for thing in things)
        findings.equal(f"{name} breadcrumbs", n_crumbs, int(not is_home))
    for episode in archive.episodes:
        check_episode(episode, archive, site, findings, by_file[f"{episode.route[1:]}index.html"])
    for folder, settings in archive.shows.items():
        [series] = [thing for thing in by_file[f"{folder}/index.html"] if thing["@type"] == "PodcastSeries"]
        findings.equal(f"{folder} name", series["name"], settings["title"])
        findings.equal(f"{folder} description", series["description"], settings["description"])
        findings.equal(f"{folder} language", series["inLanguage"], settings["language"])
        hosts = [archive.canonical(host) for host in settings["hosts"]]
        findings.equal(f"{folder} hosts", [person["name"] for person in listed(series, "author")], hosts)
    for entry in archive.entries:
        people = [thing for things in by_file.values() for thing in things if thing["@type"] == "Person"]
        found = [person for person in people if person["name"] == entry["name"]]
        appears = any(entry["name"] in episode.people for episode in archive.episodes)
        findings.equal(f"{entry['name']} pages", len(found), int(appears))
        links = [link for link in entry.get("links", {}).values() if link.startswith("http")]
        for person in found:
            findings.equal(f"{entry['name']} links", listed(person, "sameAs"), links)
            findings.equal(f"{entry['name']} bio", person.get("description"), entry.get("bio"))
    [home] = [thing for thing in by_file["index.html"] if thing["@type"] == "WebSite"]
    findings.equal("site name", home["name"], archive.title)
    findings.equal("site description", home["description"], archive.description)


def check_episode(episode, archive, site, findings, things):
    [found] = [thing for thing in things if thing["@type"] == "PodcastEpisode"]
    where, front = episode.route, episode.front
    if episode.title:
        findings.equal(f"{where} name", found["name"], episode.title)
    findings.equal(f"{where} guid", found["identifier"], episode.guid)
    findings.equal(f"{where} show", found["partOfSeries"]["name"], archive.shows[episode.show]["title"])
    if episode.date:
        findings.equal(f"{where} date", found["datePublished"], day(episode.date).isoformat())
    if "description" in front:
        findings.equal(f"{where} description", found["description"], front["description"])
    findings.equal(f"{where} number", found.get("episodeNumber"), front.get("episode"))
    findings.equal(f"{where} season", found.get("partOfSeason", {}).get("seasonNumber"), front.get("season"))
    topics = Counter(tag.lower() for tag in front.get("tags", []))
    findings.equal(f"{where} topics", Counter(topic.lower() for topic in listed(found, "keywords")), topics)
    people = {person["name"] for key in ("actor", "contributor") for person in listed(found, key)}
    findings.equal(f"{where} people", people, set(episode.people))
    if "original" in front:
        work = found["translationOfWork"]
        findings.equal(f"{where} original", work.get("name") or work.get("url"), front["original"])
    audio = found.get("associatedMedia")
    findings.equal(f"{where} audio", audio is not None, episode.has_audio)
    if episode.local_audio:
        target = site.file_of(audio["contentUrl"])
        findings.equal(f"{where} audio", (site.root / target).read_bytes(), episode.local_audio.read_bytes())
    elif audio:
        found_audio = (audio["contentUrl"], audio["encodingFormat"])
        findings.equal(f"{where} audio", found_audio, (front["audio"], front["audio_type"]))
    parts = listed(found, "hasPart")
    titles = [letters(section.title) for section in episode.sections]
    findings.equal(f"{where} sections", [letters(part["name"]) for part in parts], titles)
    for part, section in zip(parts, episode.sections):
        findings.equal(f"{where} section time", part.get("startOffset"), section.start)
        findings.equal(f"{where} section type", part["@type"], "WebPageElement" if section.start is None else "Clip")


def check_words(thing, words, site, findings, name):
    """Types and properties exist, values are of a type that the property takes, addresses are absolute and lead on."""
    if "@value" in thing:
        return
    [kind] = [kind.removeprefix(SCHEMA) for kind in thing.get("@type", ["?"])]
    findings.true(name, kind in words.parents, f"schema.org has no type {kind}")
    if "@id" in thing:
        fault = site.fault(name, thing["@id"])
        findings.true(name, fault is None and thing["@id"].startswith("https://"), f"@id {thing['@id']!r} {fault}")
    for key, values in thing.items():
        if key.startswith("@"):
            continue
        allowed = words.values(kind, key.removeprefix(SCHEMA))
        findings.true(name, allowed is not None, f"schema.org's {kind} has no {key}")
        for value in values:
            check_value(f"{name} {kind} {key.removeprefix(SCHEMA)}", value, allowed or set(), words, site, findings)
            check_words(value, words, site, findings, name)


def check_value(where, value, allowed, words, site, findings):
    if "@value" not in value:
        kinds = words.kinds(value["@type"][0].removeprefix(SCHEMA))
        findings.true(where, kinds & allowed, f"a {value['@type'][0]} cannot stand here, but {allowed}")
        return
    value = value["@value"]
    if isinstance(value, (int, float)):
        findings.true(where, allowed & {"Integer", "Number", "Float"}, f"a number cannot stand here, but {allowed}")
    elif allowed & DATES:
        findings.true(where, re.fullmatch(r"\d{4}-\d\d-\d\d", value), f"{value!r} is no day")
    elif "Duration" in allowed:
        findings.true(where, re.fullmatch(r"PT(\d+H)?(\d+M)?(\d+S)?", value), f"{value!r} is no duration")
    elif "URL" in allowed and "Text" not in allowed or where.endswith((" transcript", " item")):
        fault = site.fault("index.html", value)
        findings.true(where, re.match("https?://", value) and fault is None, f"{value!r} {fault}")
    else:
        findings.true(where, allowed & TEXT or "inLanguage" in where, f"a text cannot stand here, but {allowed}")


def plain(thing):
    """An expanded thing in short form again: values alone, lists where there are several."""
    if "@value" in thing:
        return thing["@value"]
    short = {"@type": thing["@type"][0].removeprefix(SCHEMA), "@id": thing.get("@id")}
    for key, values in thing.items():
        if not key.startswith("@"):
            values = [plain(value) for value in values]
            short[key.removeprefix(SCHEMA)] = values[0] if len(values) == 1 else values
    return short


def listed(thing, key):
    """All values of a property."""
    values = thing.get(key, [])
    return values if isinstance(values, list) else [values]
