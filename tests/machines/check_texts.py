"""llms.txt, archive.jsonl and the Markdown twins: every episode is in each, with its title and its words."""

import json

from built import BASE
from findings import letters, spoken, without_times


def check(archive, site, findings):
    llms = site.text("llms.txt")
    findings.true("llms.txt", llms.startswith("# "), "no title")
    lines = [json.loads(line) for line in site.text("archive.jsonl").splitlines()]
    by_guid = {line["guid"]: line for line in lines}
    findings.equal("archive.jsonl", sorted(by_guid), sorted(episode.guid for episode in archive.episodes))
    for episode in archive.episodes:
        line = by_guid[episode.guid]
        where = f"archive.jsonl {episode.route}"
        if episode.title:
            findings.equal(f"{where} title", line["title"], episode.title)
        findings.equal(f"{where} address", line["url"], BASE + episode.route[1:])
        findings.true("llms.txt", f"{episode.route[1:]}" in llms, f"{episode.route} is not there")
        twin = f"{episode.route[1:]}index.md"
        text, at = letters(without_times(site.text(twin))), 0
        for turn in episode.turns:
            found = text.find(spoken(turn.text), at)
            findings.true(twin, found >= 0, f"no turn {turn.text[:60]!r}")
            at = max(found, at)
