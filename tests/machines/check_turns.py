"""`turns.json` of every episode: the turns of the source, with the ids of the page."""

import json

from findings import letters, spoken
from sources import day


def check(archive, site, findings):
    for episode in archive.episodes:
        name = f"{episode.route[1:]}turns.json"
        document = json.loads(site.text(name))
        findings.equal(f"{name} guid", document["guid"], episode.guid)
        findings.equal(f"{name} show", document["show"], archive.shows[episode.show]["title"])
        findings.equal(f"{name} people", sorted(document["people"]), sorted(episode.people))
        if episode.title:
            findings.equal(f"{name} title", document["title"], episode.title)
        if episode.date:
            findings.equal(f"{name} date", document["date"], day(episode.date).isoformat())
        sections = [(letters(section["title"]), section.get("start")) for section in document["sections"] if section["title"]]
        expected = [(letters(section.title), section.start) for section in episode.sections]
        findings.equal(f"{name} sections", sections, expected)
        # What has no id is said by nobody.
        turns = [turn for turn in document["turns"] if "id" in turn]
        on_page = [turn["id"] for turn in site.page(f"{episode.route[1:]}index.html").turns]
        findings.equal(f"{name} ids", [turn["id"] for turn in turns], on_page)
        findings.equal(f"{name} names", [turn["speaker"] for turn in turns], [turn.name for turn in episode.turns])
        for found, turn in zip(turns, episode.turns):
            findings.equal(f"{name} words", letters("".join(found["text"])), spoken(turn.text))
            findings.equal(f"{name} time", found.get("start"), turn.start)
