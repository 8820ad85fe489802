"""The chapters of every timed episode: JSON 1.2, WebVTT, and lines of text, with the titles and times of the sources."""

import json
import re

from check_transcripts import vtt
from findings import letters
from sources import seconds

FILES = ("chapters.json", "chapters.vtt", "chapters.txt")


def check(archive, site, findings):
    for episode in archive.episodes:
        folder = episode.route[1:]
        timed = [section for section in episode.sections if section.start is not None]
        for name in FILES:
            findings.equal(f"{folder}{name} is there", site.has(f"{folder}{name}"), bool(timed))
        if not timed:
            continue
        expected = [(section.start, letters(section.title)) for section in timed]
        document = json.loads(site.text(f"{folder}chapters.json"))
        findings.equal(f"{folder} version", document["version"], "1.2.0")
        listed = [(float(chapter["startTime"]), letters(chapter["title"])) for chapter in document["chapters"]]
        findings.equal(f"{folder}chapters.json", listed, expected)
        [cues] = vtt("chapters", [site.root / f"{folder}chapters.vtt"], findings)
        findings.equal(f"{folder}chapters.vtt", [(cue["start"], letters(cue["text"])) for cue in cues], expected)
        lines = [line.split(" ", 1) for line in site.text(f"{folder}chapters.txt").splitlines() if line]
        findings.true(folder, all(re.fullmatch(r"(\d+:)?\d\d?:\d\d", time) for time, _ in lines), f"times of {lines}")
        found = [(seconds(time), letters(title)) for time, title in lines]
        findings.equal(f"{folder}chapters.txt", found, [(float(int(start)), title) for start, title in expected])
