#!/usr/bin/env python3
"""Measure `podleaf serve`: the first page, a save, a template edit, and memory after many saves.

  benches/serve.py --date 2020-12-31 --transcripts TAR    2,000 and 10,000 real episodes
  benches/serve.py --check                                does the script work? (half a minute)

`TAR` is a checkout or tarball of github.com/thechangelog/transcripts. The figures go into a
section of their own in RESULTS.md, the rest of which is kept. README.md beside this file says
what is measured.
"""

import contextlib
import http.client
import os
import random
import re
import shutil
import statistics
import subprocess
import time

import compare
import report
from measure import Failed

PATIENCE = 60  # seconds until a measurement is given up
FEW, MANY = 20, 500  # saves after which memory is looked at


class Preview:
    """A running `podleaf serve` and one connection to it."""

    def __init__(self, program, site):
        self.started = time.perf_counter()
        command = [program, "serve", str(site), "--no-open", "--port", "0"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith("  open "):
                break
        else:
            raise Failed("the preview did not start:\n" + "".join(self.said))
        host = re.search(r"http://([^/ ]+)", line).group(1)
        # What it says later must not fill the pipe.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)
        self.connection = http.client.HTTPConnection(host, timeout=PATIENCE)

    def get(self, path):
        """The body of a page."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status}")
        return body

    def until(self, path, words):
        """Ask for a page until it holds these words; the moment at which it did."""
        give_up = time.perf_counter() + PATIENCE
        while words not in self.get(path):
            if time.perf_counter() > give_up:
                raise Failed(f"{path} never held {words!r}")
            time.sleep(0.001)
        return time.perf_counter()

    def memory(self):
        """Resident bytes, now."""
        for line in report.lines_of(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failed("the system does not say how much memory a process has")

    def files(self):
        """Open files and sockets."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self):
        """End it and wait until it is gone."""
        self.process.terminate()
        self.process.wait()
        self.drain.wait()


@contextlib.contextmanager
def preview(program, site):
    """A preview for as long as the block lasts."""
    one = Preview(program, site)
    try:
        yield one
    finally:
        one.end()


def first_page(program, site):
    """Seconds from the start of the program to the whole home page."""
    with preview(program, site) as one:
        one.get("/")
        return time.perf_counter() - one.started


def first_pages(program, site, runs):
    """The same with nothing remembered, and after an earlier run."""
    cold = []
    for _ in range(runs):
        shutil.rmtree(site / ".podleaf", ignore_errors=True)
        cold.append(first_page(program, site))
    # What is remembered is written a little after the first page; files younger than this are read again.
    with preview(program, site) as one:
        one.get("/")
        time.sleep(3)
    return {"cold": cold, "warm": [first_page(program, site) for _ in range(runs)]}


class Episodes:
    """The archive's episodes, edited in turn as an editor does: the whole file is written anew in its place."""

    def __init__(self, site, seed=1):
        self.random = random.Random(seed)
        self.paths = sorted((site / "content").glob("*/*.md"))
        self.number = 0

    def newest(self, n):
        """The episodes that lists show first."""
        def date(path):
            with path.open(encoding="utf-8") as file:
                return re.search(r"^date: (\S+)", file.read(2000), re.M).group(1)
        return sorted(self.paths, key=date)[-n:]

    def word(self):
        """A word that no page had before."""
        self.number += 1
        return f"quokka{self.number}x"

    @staticmethod
    def route(path):
        """The page of an episode."""
        return f"/{path.parent.name}/{path.stem}/"


def write(path, text):
    """Write a file in place; the moment just before."""
    data = text.encode()
    started = time.perf_counter()
    with path.open("wb") as file:
        file.write(data)
    return started


def save_words(one, episodes):
    """Edit a word of some episode; seconds until its page has it."""
    path, word = episodes.random.choice(episodes.paths), episodes.word()
    before, _, after = path.read_text(encoding="utf-8").rpartition(" the ")
    started = write(path, f"{before} the {word} {after}")
    return one.until(episodes.route(path), word.encode()) - started


def save_title(one, episodes, newest):
    """Edit the title of a new episode; seconds until the list has it. The page is right at that moment."""
    path, word = episodes.random.choice(newest), episodes.word()
    text = re.sub(r'^title: "', f'title: "{word} ', path.read_text(encoding="utf-8"), count=1, flags=re.M)
    started = write(path, text)
    ended = one.until("/", word.encode())
    for route in (episodes.route(path), f"/{path.parent.name}/"):
        if word.encode() not in one.get(route):
            raise Failed(f"the list is newer than {route}")
    return ended - started


def save_template(one, site, number):
    """Edit a template; seconds until a page shows it."""
    path = site / "templates" / "home.html"
    path.parent.mkdir(exist_ok=True)
    theme = (compare.ROOT / "templates" / "home.html").read_text(encoding="utf-8")
    word = f"wombat{number}x"
    started = write(path, theme.replace("</main>", f"<p>{word}</p></main>"))
    return one.until("/", word.encode()) - started


def measure(args, program, work, count):
    """All figures of one archive."""
    site = work / str(count)
    compare.make_corpus(args, count, site / "content")
    (site / "podleaf.toml").write_text(compare.PODLEAF_TOML)
    starts = first_pages(program, site, args.runs)
    episodes = Episodes(site)
    newest = episodes.newest(20)
    words, titles = [], []
    with preview(program, site) as one:
        one.get("/")
        memory = {}
        for number in range(max(args.saves, 2)):
            if number % 2:
                words.append(save_words(one, episodes))
            else:
                titles.append(save_title(one, episodes, newest))
            if number + 1 in (FEW, MANY):
                memory[number + 1] = (one.memory(), one.files())
            # Nobody saves faster than this.
            time.sleep(0.05)
        templates = [save_template(one, site, number) for number in range(max(args.saves // 10, 2))]
    saves = {"words": words, "a title in lists": titles, "a template": templates}
    for name, values in {**starts, **saves}.items():
        compare.say(f"{count} episodes: {name}: median {statistics.median(values) * 1000:.0f} ms")
    for number, (size, files) in memory.items():
        compare.say(f"{count} episodes: after {number} saves: {size / 1e6:.0f} MB, {files} open files")
    return report.Preview(count, starts, saves, memory)


def arguments():
    """Read the command line."""
    parser = compare.options(__doc__, [2000, 10000], "starts of each kind")
    parser.add_argument("--saves", type=int, default=MANY, help=f"saves of each archive (default {MANY})")
    args = compare.settled(parser)
    args.saves = FEW if args.check else args.saves
    return args


if __name__ == "__main__":
    compare.measured(arguments(), report.PREVIEW, measure, report.preview_section)
