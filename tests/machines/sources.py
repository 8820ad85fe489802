"""What the sources of an archive say, read from the files alone.

A second reading, independent of Podleaf: a few notations by regular expressions, as the archives that are checked have
them. It knows no output. Times are seconds, dates `datetime.date`.
"""

import datetime
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import srt
import yaml

TIME = r"(?:\d+:)?\d{1,2}:\d{2}"
BLOCKS = {"key points", "background", "summary", "核心要点", "背景", "更多推荐"}
ALIASES = {"lang": "language"}
# Where a transcript ends: a leftover of the page that it was copied from.
END = "Logo"
# Labels of what is heard and said by nobody.
SOUNDS = {"Break", "Sound"}


@dataclass
class Turn:
    """What somebody says without a break."""

    name: str
    text: str
    start: float | None = None


@dataclass
class Cue:
    """One caption."""

    start: float
    end: float
    name: str
    text: str


@dataclass
class Section:
    """A titled stretch; its title as written, and where it begins."""

    title: str
    start: float | None = None


@dataclass
class Episode:
    """One episode. `guid` and `route` are those of the show's lock."""

    source: Path
    show: str
    front: dict
    guid: str
    route: str
    hosts: list[str]
    guests: list[str]
    turns: list[Turn] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    local_audio: Path | None = None

    @property
    def title(self):
        return self.front.get("title")

    @property
    def date(self):
        return self.front.get("date")

    @property
    def is_timed(self):
        return any(turn.start is not None for turn in self.turns)

    @property
    def has_audio(self):
        return self.local_audio is not None or "audio" in self.front

    @property
    def people(self):
        """Everybody in it: those who are named, and those who speak."""
        named = [name for name in self.hosts + self.guests if self.names_people or name in self.speakers]
        return named + [name for name in self.speakers if name not in named]

    @property
    def names_people(self):
        return bool({"hosts", "guests"} & set(self.front))

    @property
    def speakers(self):
        return list(dict.fromkeys(turn.name for turn in self.turns))


@dataclass
class Archive:
    """The sources of a site."""

    title: str
    description: str
    shows: dict[str, dict]
    episodes: list[Episode]
    people: dict[str, str]
    entries: list[dict]

    def canonical(self, name):
        """The name that pages show for a name, alias or id."""
        return self.people.get(name, name)

    def of_show(self, show):
        """The episodes of a show, newest first, those without a date last."""
        own = [episode for episode in self.episodes if episode.show == show]
        return sorted(own, key=lambda episode: str(episode.date or ""), reverse=True)


def archive(root):
    """Reads a site's folder. Drafts are left out."""
    config = tomllib.loads((root / "podleaf.toml").read_text())
    entries = tomllib.loads((root / "people.toml").read_text())
    people = {}
    for key, entry in entries.items():
        for name in [key, entry["name"], *entry.get("aliases", []), *entry.get("names", {}).values()]:
            people[name] = entry["name"]
    shows, episodes = {}, []
    for folder in sorted(path.parent for path in root.glob("content/*/show.toml")):
        settings = tomllib.loads((folder / "show.toml").read_text())
        shows[folder.name] = settings
        lock = locked(folder / "show.lock")
        # Of a text and its notes the lock names the text.
        for name, (guid, route) in sorted(lock.items()):
            found = episode(folder, name, people, settings)
            if not found.front.get("draft"):
                found.guid, found.route = guid, route
                episodes.append(found)
    return Archive(config["title"], config["description"], shows, episodes, people, list(entries.values()))


def locked(path):
    """Guid and address of each published source, by its path in the show's folder."""
    lines = [line.split(" ") for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {line[2]: (line[0], line[5]) for line in lines if line[1] == "episode"}


def episode(folder, name, people, settings):
    """One episode with everything that lies beside it."""
    source = folder / name
    texts = [source, *(other for other in siblings(source) if other.suffix in {".md", ".vtt", ".srt"} and other != source)]
    front, bodies = {}, []
    for path in texts:
        values, body = front_matter(path.read_text())
        front = values | front
        bodies.append((path, body))
    credited = {key: front.get(key, settings.get(key, [])) for key in ("hosts", "guests")}
    named = {key: [people.get(person, person) for person in names] for key, names in credited.items()}
    found = Episode(source, folder.name, front, "", "", named["hosts"], named["guests"])
    # A transcript may call its host by the part.
    people = people | {"主持人": found.hosts[0]}
    known = set(people) | set(credited["hosts"]) | set(credited["guests"])
    spoken = front.get("speakers", {})
    for path, body in bodies:
        if path.suffix in {".vtt", ".srt"}:
            found.cues = [
                Cue(cue.start, cue.end, people.get(spoken.get(cue.name, cue.name), cue.name), cue.text)
                for cue in captions(path)
            ]
            found.turns = joined(found.cues)
            found.sections = chapters(source)
        else:
            turns, sections = written(body, known)
            found.turns = found.turns or [Turn(people.get(turn.name, turn.name), turn.text, turn.start) for turn in turns]
            found.sections = found.sections or sections
    audio = [path for path in siblings(source) if path.suffix == ".mp3"]
    found.local_audio = audio[0] if audio else None
    return found


def siblings(source):
    """The files of an episode."""
    if source.stem == "index":
        return sorted(source.parent.iterdir())
    return sorted(path for path in source.parent.iterdir() if path.name.startswith(f"{source.stem}."))


def front_matter(text):
    """The data block of a text, and what follows it."""
    text = text.removeprefix("\ufeff")
    for fence, read in (("+++", tomllib.loads), ("---", yaml.safe_load)):
        if text.startswith(f"{fence}\n"):
            block, body = text[len(fence) + 1 :].split(f"\n{fence}\n", 1)
            return {ALIASES.get(key, key): value for key, value in read(block).items()}, body
    return {}, text


def written(body, known):
    """Turns and sections of a written transcript."""
    names = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    labels = [
        re.compile(rf"\*\*(?P<name>[^*]+?)[:：]\*\*\s*(?P<text>.*)"),
        re.compile(rf"\[(?P<time>{TIME})\] (?P<name>[^:]+): (?P<text>.*)"),
        re.compile(rf"(?P<name>[^\s(][^(]*?) \((?P<time>{TIME})\)(?P<text>)"),
        re.compile(rf"(?P<time>{TIME})\s+(?P<name>\S+)(?P<text>)"),
        re.compile(rf"(?P<name>{names})[:：]\s*(?P<text>.+)"),
        re.compile(rf"(?P<name>{names})(?P<text>)"),
    ]
    turns, sections, block = [], [], True
    for line in map(str.strip, body.split(f"\n{END}\n")[0].splitlines()):
        heading = re.fullmatch(r"## (?:\d+\. )?(.+)|Part \d+: (.+)|\d{2} (\D.+)|[一二三]、(.+)|(尾声.*|Closing)", line)
        if heading or line.lower() in BLOCKS:
            title = next(filter(None, heading.groups())) if heading else line
            block = title.lower() in BLOCKS
            if not block:
                sections.append(Section(title))
            continue
        label = next(filter(None, (label.fullmatch(line) for label in labels)), None)
        if label and label["name"] in SOUNDS:
            block = True
        elif label and line:
            parts = label.groupdict()
            start = seconds(parts["time"]) if parts.get("time") else None
            turns.append(Turn(parts["name"], parts["text"], start))
            if sections and sections[-1].start is None:
                sections[-1].start = start
            block = False
        elif re.fullmatch(rf"\({TIME}\)", line):
            pass
        elif turns and not block and line:
            turns[-1].text += f"\n{line}"
    return turns, sections


def captions(path):
    """The cues of a WebVTT or SRT file; who speaks is in `<v …>`, or stands before a colon."""
    text = path.read_text()
    if path.suffix == ".vtt":
        for block in text.split("\n\n"):
            times = re.search(r"^(\S+) --> (\S+)\n((?:.+\n?)+)", block, re.MULTILINE)
            if times:
                voice = re.match(r"<v ([^>]+)>", times[3])
                words = re.sub(r"<[^>]*>", "", times[3]).strip()
                for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
                    words = words.replace(entity, letter)
                yield Cue(clock(times[1]), clock(times[2]), voice[1] if voice else "", words)
        return
    name = ""
    for cue in srt.parse(text):
        label = re.match(r"([^：:\s]{1,8})[：:]\s*", cue.content)
        name = label[1] if label else name
        words = cue.content[label.end() if label else 0 :]
        yield Cue(cue.start.total_seconds(), cue.end.total_seconds(), name, words)


def joined(cues):
    """Cues of one person in a row are a turn."""
    turns = []
    for cue in cues:
        if turns and turns[-1].name == cue.name:
            turns[-1].text += f"\n{cue.text}"
        else:
            turns.append(Turn(cue.name, cue.text, cue.start))
    return turns


def chapters(source):
    """The sections that a file of chapters makes."""
    path = source.parent / f"{source.stem}.chapters.json"
    if not path.exists():
        return []
    listed = yaml.safe_load(path.read_text())["chapters"]
    return [Section(chapter["title"], float(chapter["startTime"])) for chapter in listed]


def seconds(text):
    """Seconds of `1:02:03` or `02:03`."""
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return float(total)


def clock(text):
    """Seconds of `00:01:02.500`."""
    whole, thousandths = re.split("[.,]", text)
    return seconds(whole) + int(thousandths) / 1000


def day(value):
    """The day of a date or a date with a time."""
    return value.date() if isinstance(value, datetime.datetime) else value
