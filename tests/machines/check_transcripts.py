"""The transcript files of every episode: txt and HTML always; VTT, SRT and JSON where there are times.

WebVTT is read by webvtt-parser, SRT by srt. All say what the sources say: turns, names, words, times.
"""

import html
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import srt

from check_pages import duration
from findings import letters, spoken, without_times

HERE = Path(__file__).parent
TIMED = ("transcript.vtt", "transcript.srt", "transcript.json")
# What a cue of SRT begins with where somebody else speaks. SRT has tags and no escapes: `<` is written as `‹`.
LABEL = re.compile(r"(.{1,60}?)[:：]\s")

# A cue that nobody says: a break or a sound.
SOUND = re.compile(r"\[.*\]", re.DOTALL)


def check(archive, site, findings):
    for episode in archive.episodes:
        folder = episode.route[1:]
        check_text(f"{folder}transcript.txt", episode, site, findings)
        check_html(f"{folder}transcript.html", episode, archive, site, findings)
        for name in TIMED:
            findings.equal(f"{folder}{name} is there", site.has(f"{folder}{name}"), episode.is_timed)
        if episode.is_timed:
            [cues] = vtt("subtitles", [site.root / f"{folder}transcript.vtt"], findings)
            check_cues(f"{folder}transcript.vtt", cues, episode, archive, findings)
            check_cues(f"{folder}transcript.srt", from_srt(site.text(f"{folder}transcript.srt"), episode, archive), episode, archive, findings)
            check_json(f"{folder}transcript.json", episode, archive, site, findings)


def vtt(kind, files, findings):
    """The cues of WebVTT files; what is wrong with one is a fault."""
    run = subprocess.run(["node", HERE / "vtt.cjs", kind, *files], capture_output=True, text=True, check=True, cwd=HERE)
    for file, read in zip(files, json.loads(run.stdout)):
        findings.equal(f"{file} errors", read["errors"], [])
        # webvtt-parser leaves the entities of a voice as they are written.
        yield [cue | {"voice": html.unescape(cue["voice"])} for cue in read["cues"]]


def from_srt(text, episode, archive):
    """The cues of an SRT file; a name stands where the speaker changes."""
    known = {archive.canonical(name) for name in [*archive.people, *episode.speakers]} | set(archive.people)
    known = {name.replace("<", "‹"): name for name in known}
    cues, voice = [], ""
    for number, cue in enumerate(srt.parse(text), 1):
        assert cue.index == number, f"cue {cue.index} in place of {number}"
        label = LABEL.match(cue.content)
        label = label if label and label[1] in known else None
        voice = known[label[1]] if label else voice
        words = cue.content[label.end() :] if label else cue.content
        cues.append({"start": cue.start.total_seconds(), "end": cue.end.total_seconds(), "voice": voice, "text": words})
    return cues


def check_text(name, episode, site, findings):
    """All turns stand in the text, in order: the name, then the words."""
    text = letters(without_times(site.text(name)))
    at = 0
    for turn in episode.turns:
        found = text.find(spoken(turn.text), at)
        findings.true(name, found >= 0, f"no turn {turn.text[:60]!r}")
        at = max(found, at)


class Cited(HTMLParser):
    """The turns of a transcript page: `cite`, `time`, `p`."""

    def __init__(self):
        super().__init__()
        self.turns, self._tag = [], ""

    def handle_starttag(self, tag, attributes):
        if tag == "cite":
            self.turns.append({"name": "", "text": "", "time": None})
        elif tag == "time" and self.turns:
            self.turns[-1]["time"] = self.turns[-1]["time"] or dict(attributes).get("datetime")
        self._tag = tag if tag in {"cite", "p", "time", "h1", "h2"} else self._tag

    def handle_endtag(self, tag):
        self._tag = "" if tag == self._tag else self._tag

    def handle_data(self, data):
        if self.turns and self._tag in ("cite", "p"):
            self.turns[-1]["name" if self._tag == "cite" else "text"] += data


def check_html(name, episode, archive, site, findings):
    page = Cited()
    page.feed(site.text(name))
    # What nobody says, a break or a sound, has an empty `cite`.
    turns = [turn for turn in page.turns if turn["name"].strip()]
    names = [archive.canonical(turn["name"].strip().rstrip(":：")) for turn in turns]
    findings.equal(f"{name} names", names, [turn.name for turn in episode.turns])
    for found, turn in zip(turns, episode.turns):
        findings.true(name, letters(found["text"]).startswith(spoken(turn.text)), f"no turn {turn.text[:60]!r}")
        findings.equal(f"{name} time", duration(found["time"]), turn.start)


def check_cues(name, cues, episode, archive, findings):
    """Cues of one person in a row say what the turn says, and begin when it begins."""
    starts = [cue["start"] for cue in cues]
    findings.true(name, starts == sorted(starts), "a cue begins before the one above")
    findings.true(name, all(cue["end"] > cue["start"] for cue in cues), "a cue ends before it begins")
    runs = []
    for cue in [cue for cue in cues if not SOUND.fullmatch(cue["text"])]:
        voice = archive.canonical(cue["voice"])
        if runs and runs[-1][0] == voice:
            runs[-1][1].append(cue)
        else:
            runs.append((voice, [cue]))
    timed = [turn for turn in episode.turns if turn.start is not None]
    findings.equal(f"{name} voices", [voice for voice, _ in runs], [turn.name for turn in timed])
    for (_, said), turn in zip(runs, timed):
        findings.equal(f"{name} words", "".join(letters(cue["text"]) for cue in said), spoken(turn.text))
        findings.equal(f"{name} start", said[0]["start"], turn.start)
    if episode.cues:
        ends = [cue.end for cue in episode.cues]
        findings.equal(f"{name} end", cues[-1]["end"], ends[-1])


def check_json(name, episode, archive, site, findings):
    document = json.loads(site.text(name))
    findings.equal(f"{name} version", document["version"], "1.0.0")
    cues = [
        {"start": segment["startTime"], "end": segment["endTime"], "voice": segment.get("speaker", ""), "text": segment["body"]}
        for segment in document["segments"]
    ]
    check_cues(name, cues, episode, archive, findings)
