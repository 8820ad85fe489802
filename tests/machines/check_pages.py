"""Every episode page has the turns of its source: how many, whose, in which words and when."""

import re

from findings import letters, spoken


def check(archive, site, findings):
    for episode in archive.episodes:
        name = f"{episode.route[1:]}index.html"
        page = site.page(name)
        if episode.title:
            # A long title is set in two lines, with a space between them.
            findings.equal(f"{name} title", "".join(page.headings[0].split()), "".join(episode.title.split()))
        findings.equal(f"{name} turns", len(page.turns), len(episode.turns))
        for turn, source in zip(page.turns, episode.turns):
            where = f"{name}#{turn['id']}"
            findings.equal(f"{where} name", archive.canonical(turn["name"].strip()), source.name)
            findings.equal(f"{where} words", letters(turn["text"]), spoken(source.text))
            findings.equal(f"{where} time", duration(turn["time"]), source.start and float(int(source.start)))


def duration(text):
    """Seconds of an ISO 8601 duration."""
    if text is None:
        return None
    parts = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", text)
    hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds
