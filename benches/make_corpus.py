#!/usr/bin/env python3
"""Make an archive of podcast transcripts to benchmark on.

  make_corpus.py synthetic --out DIR --count N
  make_corpus.py real --src TRANSCRIPTS --out DIR --count N

Both write DIR/SHOW/EPISODE.md: YAML front matter with the keys that Podleaf
and Hugo both know, then the transcript as `**Name:** text` paragraphs, with a
`## ` heading every CHAPTER_TURNS turns. Every run gives the same bytes. A line
of JSON on standard output says what was made, with a digest of all of it.

`synthetic` needs nothing. Its shape was taken from the real transcripts: 58 KB
an episode, 190 turns in 220 paragraphs of 47 words, 4 or 5 voices, two breaks,
and words as frequent as words are in English.

`real` takes a checkout of https://github.com/thechangelog/transcripts (CC BY-SA
4.0) or its tarball. Past the real episodes they are repeated under new numbers
with altered words, so that no two files hold the same text.
"""

import argparse
import array
import contextlib
import datetime
import hashlib
import json
import math
import pathlib
import random
import re
import sys
import tarfile
import tempfile
import unicodedata

CHAPTER_TURNS = 25
NEWEST = datetime.date(2020, 12, 31)

# ---------------------------------------------------------------- both kinds


class Archive:
    """A corpus being written: one file an episode, one day apart."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.digest = hashlib.blake2b(digest_size=16)
        self.episodes = self.bytes = 0
        self.shows, self.speakers = set(), set()

    def add(self, show, stem, title, number, speakers, body):
        """Write one episode, a day older than the one before."""
        date = NEWEST - datetime.timedelta(days=self.episodes)
        text = front_matter(title, date, number, speakers, body) + body
        path = self.folder / show / f"{stem}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        with path.open("xb") as file:
            file.write(data)
        self.digest.update(f"{show}/{stem} {len(data)}\n".encode() + data)
        self.episodes += 1
        self.bytes += len(data)
        self.shows.add(show)
        self.speakers.update(speakers)

    def summary(self, **more):
        """What was made, as a dictionary for JSON."""
        return {
            "episodes": self.episodes,
            "bytes": self.bytes,
            "shows": sorted(self.shows),
            "speakers": len(self.speakers),
            "digest": self.digest.hexdigest(),
            **more,
        }


def front_matter(title, date, number, speakers, body):
    """YAML front matter; JSON strings and lists are YAML."""
    fields = {
        "title": title,
        "date": None,
        "description": description(body),
        "episode": number,
        "speakers": speakers,
    }
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in fields.items()}
    quoted["date"] = date.isoformat()
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in quoted.items()) + "---\n\n"


def description(body):
    """The first 220 characters, without headings and markup."""
    return plain(re.sub(r"^## .*$", "", body[:2000], flags=re.M))[:220]


def plain(text):
    """Text without Markdown and without cues in brackets."""
    text = re.sub(r"\\?\[[^\]]*\\?\]", "", text)
    text = re.sub(r"[*_`<>#\[\]\\{}|]", "", text)
    return re.sub(r"\s+", " ", text).strip()


# ------------------------------------------------------------ real transcripts

LABEL = re.compile(r"^\*\*([^*\n]{1,60}?):?\*\*:?", re.M)
NOT_SHOWS = {"scripts", ".github"}
NOT_SPEAKERS = {"break", "note", "outro", "intro", "sponsor", "ad"}


def real(args):
    """Turn the public transcripts into an archive of any size."""
    with unpacked(pathlib.Path(args.src)) as folder:
        episodes = read_transcripts(folder)
    random.Random(7).shuffle(episodes)  # a small archive has every show
    archive = Archive(args.out)
    for index in range(args.count):
        round_, place = divmod(index, len(episodes))
        show, stem, speakers, body = episodes[place]
        title = re.sub(r"[-_]+", " ", stem).title()
        found = re.search(r"(\d+)$", stem)
        number = (int(found[1]) if found else place) + round_ * 10_000
        stem = slug(stem)
        if round_:
            stem, title, body = f"{stem}-r{round_}", f"{title} (replay {round_})", altered(body, round_)
        archive.add(show, stem, title, number, speakers, body)
    return archive.summary(kind="real", distinct=min(len(episodes), args.count))


@contextlib.contextmanager
def unpacked(source):
    """The folder itself, or a temporary one with what the tarball holds."""
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory() as folder, tarfile.open(source) as tar:
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **safe)
        yield pathlib.Path(folder)


def read_transcripts(source):
    """All episodes below a folder: show, stem, speakers, text with headings."""
    files = [path for path in source.glob("*/*.md") if is_transcript(path)]
    if not files:  # a tarball from GitHub has one folder around everything
        files = [path for path in source.glob("*/*/*.md") if is_transcript(path)]
    if not files:
        sys.exit(f"{source}: no folders of .md files in it")
    spelling, episodes = {}, []
    for path in sorted(files):
        body = path.read_text(encoding="utf-8", errors="replace").replace("]()", "](https://example.com/)")
        episodes.append((path.parent.name, path.stem, speakers_of(body, spelling), with_chapters(body)))
    return episodes


def is_transcript(path):
    """Whether a file is an episode of a show."""
    return path.parent.name not in NOT_SHOWS and not path.name.lower().startswith(("readme", "contributing"))


def speakers_of(body, spelling):
    """The names in bold labels, each in the spelling that was met first."""
    names = {}
    for match in LABEL.finditer(body):
        name = match[1].strip()
        key = slug(name)
        if key and key not in NOT_SPEAKERS and len(name.split()) <= 4 and not re.search(r"\d", name):
            names[key] = spelling.setdefault(key, name)
    return list(names.values())


def with_chapters(body):
    """The text with a heading every CHAPTER_TURNS turns, from the words that follow."""
    parts, turns = [], 0
    for paragraph in re.split(r"\n{2,}", body.strip()):
        if LABEL.match(paragraph):
            if turns % CHAPTER_TURNS == 0:
                words = plain(LABEL.sub("", paragraph, count=1)).split()[:6]
                parts.append("## " + (" ".join(words).rstrip(".,!?;:") or f"Part {turns // CHAPTER_TURNS + 1}"))
            turns += 1
        parts.append(paragraph)
    return "\n\n".join(parts) + "\n"


def altered(body, round_):
    """The text with some words that no other repetition has."""
    body = re.sub(r"\b[Tt]hink\b", f"reckon{round_}", body)
    return re.sub(r"\b([Aa]bout)\b", rf"\g<1>{round_}", body, count=20)


def slug(text):
    """Lower-case ASCII letters and digits, joined by hyphens."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


# ------------------------------------------------------- synthetic transcripts

# The most frequent words, in order; the rest are made of syllables.
COMMON = """
the to and that i a you of it's in like so is it was we this for have be but on just what know not do
with that's they or are think if can as there really about at don't because one would then from people
all yeah your how my when some had an me up get i'm out were which more go kind lot right time going see
want even has way them into could things now something something's thing been also those work you're say
make other very well actually good no he who where much did got their mean maybe here we're mostly being
these any first over she back only every same take point use little need does years why different great
two still down code team new part day question built always should through before never talk let big
""".split()
ONSETS = "b br c cl d dr f fl g gr h j k l m n p pl pr qu r s sh st str t th tr v w".split()
VOWELS = "a e i o u ai ea ee ou".split()
ENDINGS = "ck d ge l ld m n nd nt p r rd rk s ss st t te ve x".split()
SUFFIXES = ["", "", "", "s", "ed", "ing", "er", "ly", "tion", "ment"]
VOCABULARY = 6000
TABLE = 1 << 16

SHOWS = {"beacon": 38, "gravel": 33, "harbour": 15, "lantern": 14}  # per cent of the episodes
FIRST = """
Ada Ben Carla Dev Elif Finn Grace Hugo Inés Jonas
Kira Liam Mara Nils Olga Priya Quinn Rosa Sven Tara
""".split()
LAST = """
Abbott Brandt Castillo Dufour Ekström Fischer Grant Hayes Ivanov Jensen Kowalski Lopez Moore Novák Okafor
""".split()
HOSTS_PER_SHOW = 3


def synthetic(args):
    """Make an archive from a seed alone."""
    table = word_table()
    pool = [f"{first} {last}" for first in FIRST for last in LAST]
    shows, numbers = list(SHOWS), dict.fromkeys(SHOWS, 0)
    hosts = {show: pool[at * 70 : at * 70 + HOSTS_PER_SHOW] for at, show in enumerate(shows)}
    archive = Archive(args.out)
    for index in range(args.count):
        rng = random.Random(index)
        show = shows[index] if index < len(shows) else rng.choices(shows, list(SHOWS.values()))[0]
        numbers[show] += 1
        number = numbers[show]
        voices = pick_voices(rng, hosts[show], pool)
        title = f"{show.title()} {number}: {' '.join(words(rng, table, 4)).title()}"
        body = conversation(rng, table, voices)
        archive.add(show, f"{show}-{number}", title, number, voices, body)
    return archive.summary(kind="synthetic", distinct=args.count)


def word_table():
    """TABLE words, each as often as its rank says (Zipf and Mandelbrot), to be drawn by index."""
    vocabulary = list(dict.fromkeys(COMMON))
    known, made, rng = set(vocabulary), [], random.Random("vocabulary")
    while len(vocabulary) + len(made) < VOCABULARY:
        syllables = rng.choice((1, 1, 2, 2, 3))
        word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(syllables))
        word += rng.choice(ENDINGS) + rng.choice(SUFFIXES)
        if word not in known:
            known.add(word)
            made.append(word)
    vocabulary += sorted(made, key=len)  # frequent words are short
    weights = [1 / (rank + 3.7) for rank in range(VOCABULARY)]
    share = TABLE / sum(weights)
    table, owed = [], 0.0
    for word, weight in zip(vocabulary, weights):
        owed += weight * share
        table.extend([word] * (round(owed) - len(table)))
    return (table + vocabulary)[:TABLE]


def words(rng, table, count):
    """Some words, drawn independently."""
    places = array.array("H", rng.randbytes(2 * count))
    if sys.byteorder == "big":
        places.byteswap()
    return [table[place] for place in places]


def pick_voices(rng, hosts, pool):
    """Three to five people: one to three hosts, then guests."""
    count = rng.choice((3, 4, 4, 5, 5))
    voices = rng.sample(hosts, rng.randint(1, min(HOSTS_PER_SHOW, count - 1)))
    while len(voices) < count:
        guest = rng.choice(pool)
        if guest not in voices and guest not in hosts:
            voices.append(guest)
    return voices


def conversation(rng, table, voices):
    """One transcript of about 58 KB."""
    target = min(110_000, max(15_000, int(rng.gauss(57_500, 17_000))))
    breaks = [target // 3, target * 2 // 3]
    parts, size, turns, voice = [], 0, 0, None
    while size < target:
        if breaks and size > breaks[0]:
            breaks.pop(0)
            part = rf"**Break:** \[{size * 60 // target:02}:{rng.randrange(60):02}\]"
        elif voice is not None and rng.random() < 0.15:  # the same voice, a new paragraph
            part = paragraph(rng, table)
        else:
            if turns % CHAPTER_TURNS == 0:
                parts.append("## " + " ".join(words(rng, table, 5)).capitalize())
            voice = rng.choice([name for name in voices if name != voice])
            part = f"**{voice}:** {paragraph(rng, table)}"
            turns += 1
        parts.append(part)
        size += len(part) + 2
    return "\n\n".join(parts) + "\n"


def paragraph(rng, table):
    """One to 500 words: half of them up to 24, 47 on average."""
    count = min(500, max(1, int(rng.lognormvariate(math.log(24), 1.15))))
    left, sentences = words(rng, table, count), []
    while left:
        length = rng.randint(3, 26)
        sentences.append(sentence(rng, left[:length]))
        left = left[length:]
    return " ".join(sentences)


def sentence(rng, chosen):
    """A sentence; a few have a comma, a dash, emphasis, code, a link or a cue, as in the real texts."""
    chosen = [word.capitalize() if word == "i" or word.startswith("i'") else word for word in chosen]
    if len(chosen) > 8:
        chosen[len(chosen) // 2] += rng.choice((",", ",", ",", " --", "...", ""))
    chosen[0] = chosen[0][0].upper() + chosen[0][1:]
    dice, last = rng.random(), chosen[-1]
    if dice < 0.01:
        chosen[-1] = f"*{last}*"
    elif dice < 0.014:
        chosen[-1] = f"`{last}()`"
    elif dice < 0.018:
        chosen[-1] = f"[{last}](https://example.com/{slug(last)})"
    elif dice < 0.03:
        chosen[-1] = rf"{last} \[laughter\]"
    return " ".join(chosen) + rng.choice(("." * 6) + "?!")


def main():
    """Read the command line, make the archive, say what it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    for make in (synthetic, real):
        kind = kinds.add_parser(make.__name__, help=make.__doc__)
        if make is real:
            kind.add_argument("--src", required=True, help="checkout or tarball of thechangelog/transcripts")
        kind.add_argument("--out", required=True, help="a folder that does not exist yet")
        kind.add_argument("--count", required=True, type=int, help="how many episodes")
        kind.set_defaults(make=make)
    args = parser.parse_args()
    print(json.dumps(args.make(args)))


if __name__ == "__main__":
    main()
