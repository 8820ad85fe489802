"""Feeds, as feedparser and podcastparser read them: per show and of the whole site.

RSS has the episodes with audio, Atom and JSON Feed have all.
"""

import datetime
import html
import io
import json
import re
from xml.etree import ElementTree

import feedparser
import podcastparser

from built import BASE
from findings import letters
from sources import day

# The namespace of Podcasting 2.0, and the address of its document, by which podcastparser knows it.
PODCASTING = "https://podcastindex.org/namespace/1.0"
DOCUMENT = "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"
TIMED = {"text/vtt": "vtt", "application/x-subrip": "srt", "application/json": "json"}
ALWAYS = {"text/html": "html", "text/plain": "txt"}

# Podcast directories know regions and no scripts.
LANGUAGES = {"zh-hans": "zh-cn", "zh-hant": "zh-tw"}


def check(archive, site, findings):
    newest = sorted(archive.episodes, key=lambda episode: str(episode.date or ""), reverse=True)
    check_rss("feed.xml", archive.title, newest, archive, site, findings)
    for folder, settings in archive.shows.items():
        check_rss(f"{folder}/feed.xml", settings["title"], archive.of_show(folder), archive, site, findings)
        check_show(f"{folder}/feed.xml", settings, site, findings)
    check_atom("atom.xml", archive, newest, site, findings)
    check_json_feed("feed.json", archive, newest, site, findings)


def check_rss(name, title, episodes, archive, site, findings):
    episodes = [episode for episode in episodes if episode.has_audio]
    findings.equal(f"{name} is there", site.has(name), bool(episodes))
    if not episodes:
        return
    data = site.text(name).encode()
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    findings.true(name, not feed.bozo, str(feed.get("bozo_exception")))
    findings.equal(f"{name} version", feed.version, "rss20")
    findings.equal(f"{name} title", feed.feed.title, title)
    findings.equal(f"{name} guids", [entry.id for entry in feed.entries], [episode.guid for episode in episodes])
    podcast = podcastparser.parse(BASE + name, io.BytesIO(data.replace(PODCASTING.encode(), DOCUMENT.encode())))
    findings.equal(f"{name} title again", podcast["title"], title)
    items = {item["guid"]: item for item in podcast["episodes"]}
    findings.equal(f"{name} guids again", sorted(items), sorted(episode.guid for episode in episodes))
    for entry, episode in zip(feed.entries, episodes):
        check_entry(f"{name} {episode.route}", entry, episode, site, findings)
        check_item(f"{name} {episode.route}", items[episode.guid], episode, archive, site, findings)
    check_tags(name, data, episodes, site, findings)


def check_entry(where, entry, episode, site, findings):
    """An item as feedparser reads it."""
    if episode.title:
        findings.equal(f"{where} title", entry.title, episode.title)
    findings.equal(f"{where} link", entry.link, BASE + episode.route[1:])
    if episode.date:
        findings.equal(f"{where} date", datetime.date(*entry.published_parsed[:3]), day(episode.date))
    [enclosure] = entry.enclosures
    check_enclosure(where, enclosure.href, int(enclosure.length), enclosure.type, episode, site, findings)
    for key, tag in (("season", "itunes_season"), ("episode", "itunes_episode"), ("episode_type", "itunes_episodetype")):
        if key in episode.front:
            findings.equal(f"{where} {key}", entry.get(tag), str(episode.front[key]))
    if "description" in episode.front:
        # The description is HTML, in which the sentence is text.
        summary = letters(html.unescape(entry.summary))
        findings.true(where, letters(episode.front["description"]) in summary, f"summary {entry.summary!r}")


def check_enclosure(where, url, length, kind, episode, site, findings):
    if episode.local_audio:
        size = episode.local_audio.stat().st_size
        findings.equal(f"{where} length", length, size)
        findings.equal(f"{where} type", kind, "audio/mpeg")
        findings.equal(f"{where} file", (site.root / site.file_of(url)).stat().st_size, size)
    else:
        front = episode.front
        found = (url, length, kind)
        findings.equal(f"{where} enclosure", found, (front["audio"], front["audio_length"], front["audio_type"]))


def check_item(where, item, episode, archive, site, findings):
    """An item as podcastparser reads it."""
    if episode.title:
        findings.equal(f"{where} title again", item["title"], episode.title)
    [enclosure] = item["enclosures"]
    check_enclosure(where, enclosure["url"], enclosure["file_size"], enclosure["mime_type"], episode, site, findings)
    if "duration" in episode.front:
        findings.equal(f"{where} duration", item["total_time"], podcastparser.parse_time(str(episode.front["duration"])))
    else:
        findings.true(where, item["total_time"] > 0, "no duration")
    people = [(person["role"], person["name"]) for person in item.get("persons", [])]
    hosts = episode.hosts
    findings.equal(f"{where} hosts", [name for role, name in people if role == "host"], hosts)
    guests = {name for role, name in people if role == "guest"}
    findings.true(where, set(episode.guests) <= guests, f"guests {guests}")
    timed = [section for section in episode.sections if section.start is not None]
    # podcastparser reads whole seconds.
    chapters = [(chapter["start"], letters(chapter["title"])) for chapter in item.get("chapters", [])]
    findings.equal(f"{where} chapters", chapters, [(int(section.start), letters(section.title)) for section in timed])
    chapters_url = f"{BASE}{episode.route[1:]}chapters.json" if timed else None
    findings.equal(f"{where} chapters file", item.get("chapters_json_url"), chapters_url)


def check_tags(name, data, episodes, site, findings):
    """Transcripts of each item: one of every form that there is, with its media type. podcastparser keeps one of them."""
    for item, episode in zip(ElementTree.fromstring(data).iter("item"), episodes):
        found = {tag.get("type"): tag.get("url") for tag in item.findall(f"{{{PODCASTING}}}transcript")}
        forms = ALWAYS | TIMED if episode.is_timed else ALWAYS
        folder = BASE + episode.route[1:]
        wanted = {kind: f"{folder}transcript.{ending}" for kind, ending in forms.items() if kind in found or kind in TIMED}
        findings.equal(f"{name} {episode.route} transcripts", found, wanted)
        findings.true(name, "text/html" in found, f"no transcript of {episode.route}")


def check_show(name, settings, site, findings):
    """What a show's feed says of the show."""
    if not site.has(name):
        return
    podcast = podcastparser.parse(BASE + name, io.BytesIO(site.text(name).encode()))
    language = settings["language"].lower()
    findings.equal(f"{name} language", podcast["language"].lower(), LANGUAGES.get(language, language))
    # The description is HTML, in which the sentence is text.
    description = html.unescape(re.sub("<[^>]*>", "", podcast["description"]))
    findings.equal(f"{name} description", description, settings["description"])
    if "author" in settings:
        findings.equal(f"{name} author", podcast["itunes_author"], settings["author"])
    if "email" in settings:
        owner = {"name": settings["owner"], "email": settings["email"]}
        findings.equal(f"{name} owner", podcast["itunes_owner"], owner)
    if "explicit" in settings:
        findings.equal(f"{name} explicit", podcast["explicit"], settings["explicit"])


def check_atom(name, archive, episodes, site, findings):
    feed = feedparser.parse(site.text(name).encode(), sanitize_html=False, resolve_relative_uris=False)
    findings.true(name, not feed.bozo, str(feed.get("bozo_exception")))
    findings.equal(f"{name} version", feed.version, "atom10")
    findings.equal(f"{name} title", feed.feed.title, archive.title)
    findings.equal(f"{name} links", [entry.link for entry in feed.entries], [BASE + episode.route[1:] for episode in episodes])
    for entry, episode in zip(feed.entries, episodes):
        if episode.title:
            findings.equal(f"{name} title", entry.title, episode.title)
        findings.equal(f"{name} enclosures", len(entry.enclosures), int(episode.has_audio))


def check_json_feed(name, archive, episodes, site, findings):
    feed = json.loads(site.text(name))
    findings.equal(f"{name} version", feed["version"], "https://jsonfeed.org/version/1.1")
    findings.equal(f"{name} title", feed["title"], archive.title)
    findings.equal(f"{name} ids", [item["id"] for item in feed["items"]], [episode.guid for episode in episodes])
    for item, episode in zip(feed["items"], episodes):
        if episode.title:
            findings.equal(f"{name} title", item["title"], episode.title)
        findings.equal(f"{name} address", item["url"], BASE + episode.route[1:])
        findings.equal(f"{name} attachments", len(item.get("attachments", [])), int(episode.has_audio))
