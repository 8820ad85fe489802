#!/usr/bin/env python3
"""Measure what search costs: builds with and without it, the index, queries in Chromium, and Pagefind on the same pages.

  benches/search.py --date 2020-12-31 --transcripts TAR    2,000 and 10,000 real episodes
  benches/search.py --check                                does the script work? (a minute)

`TAR` is a checkout or tarball of github.com/thechangelog/transcripts. `npm` fetches Pagefind, and the browser that the
browser tests use is used. The figures go into a section of their own in RESULTS.md, the rest of which is kept.
README.md beside this file says what is measured.
"""

import gzip
import json
import random
import shutil
import statistics
import subprocess
import time

import compare
import report
import serve
from measure import Failed, Spread, run

WORDS = ["kubernetes", "database", "funding", "wonderful", "testing"]
SYNTHETIC_WORDS = ["different", "something", "because", "laughter", "mostly"]
PAGEFIND = "1.6.0"
PAGEFIND_MOST = 2000  # episodes; more takes too long


class Site:
    """One archive, built with search or without."""

    def __init__(self, args, program, work, count):
        self.program, self.work, self.path = program, work, work / str(count)
        compare.make_corpus(args, count, self.path / "content")
        self.public, self.random = work / "out" / "podleaf", random.Random(1)

    def build(self, cold, search):
        """One build: from nothing, or after an edit of a word."""
        text = compare.PODLEAF_TOML + "cards = false\n" + ("" if search else "search = false\n")
        (self.path / "podleaf.toml").write_text(text)
        program = compare.Program("podleaf", [self.program, "build", str(self.path), "-o", str(self.public), "-q"],
                                  self.public, [(self.path, ".podleaf"), (self.path, "**/*.lock")])
        if cold:
            return compare.cold(program, self.work)
        compare.edit_word(self.random.choice(sorted((self.path / "content").glob("*/*.md"))))
        time.sleep(0.05)
        return run(program.command, str(self.work / "podleaf.log"))

    def sizes(self):
        """Bytes of the index as it is published, and of the text."""
        index = sum(path.stat().st_size for path in (self.public / "search" / "index").iterdir())
        return index, sum(path.stat().st_size for path in (self.path / "content").glob("*/*.md"))


def asked(folder, kind, words):
    """What a reader waits for: a row for each word."""
    script = ["node", str(compare.HERE / "search.js"), str(folder), kind, *words]
    done = subprocess.run(script, capture_output=True, text=True)
    if done.returncode:
        raise Failed(done.stderr[-2000:])
    return json.loads(done.stdout)


def previewed(program, site):
    """Seconds of the first query in a preview: the directory, both tables and a file of terms."""
    def query(one):
        def get(name):
            body = one.get(f"/search/index/{name}")
            return json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        started = time.perf_counter()
        directory = get("directory.bin")
        for name in ("facets", "people"):
            get(directory[name])
        terms = directory["terms"]
        place = max(at for at, first in enumerate(terms[::2]) if first <= WORDS[0])
        one.get(f"/search/index/{terms[2 * place + 1]}")
        return time.perf_counter() - started
    shutil.rmtree(site / ".podleaf", ignore_errors=True)
    found = []
    for _ in range(2):
        with serve.preview(program, site) as one:
            one.get("/")
            found.append(query(one))
            time.sleep(3)
    return found


def pagefind(folder):
    """Pagefind on the pages of a site: the run, and the bytes of what it wrote."""
    home = compare.ROOT / "target" / "bench" / f"pagefind-{PAGEFIND}"
    if not (home / "node_modules").is_dir():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(home), f"pagefind@{PAGEFIND}"], check=True)
    # The one with segmenting for Chinese, which npm's own script would choose.
    found = list(home.glob("node_modules/@pagefind/*/bin/pagefind_extended"))
    if not found:
        raise Failed("Pagefind has no program for this machine")
    took = run([str(found[0]), "--site", str(folder)], str(home / "log"))
    return took, sum(path.stat().st_size for path in (folder / "pagefind").rglob("*") if path.is_file())


def measure(args, program, work, count):
    """Rows of the table for one archive."""
    site, rows = Site(args, program, work, count), []
    words = WORDS if args.transcripts else SYNTHETIC_WORDS
    def row(what, without, with_, unit):
        rows.append((f"{count:,}", what, without, with_, unit))
        compare.say(" | ".join(rows[-1]))
    site.build(True, True)
    cold = {search: [] for search in (False, True)}
    for _ in range(args.runs):
        for search, runs in cold.items():
            runs.append(site.build(True, search))
    edits = {search: [] for search in (False, True)}
    for search, runs in edits.items():
        site.build(True, search)
        runs.extend(site.build(False, search) for _ in range(args.runs))
    for what, runs in (("a cold build", cold), ("one word edited", edits)):
        spreads = [report.span(Spread.of(one.wall for one in runs[search]), report.seconds) for search in (False, True)]
        row(what, *spreads, "s")
    row("peak memory of a cold build", *(report.mb(max(one.peak for one in cold[search])) for search in (False, True)), "MB")
    index, text = site.sizes()
    row(f"index, of {report.mb(text)} MB of text", "", f"{report.mb(index)} ({index / text:.1%})", "MB")
    queries(row, asked(site.public, "podleaf", words), 1)
    first, again = previewed(program, site.path)
    row("preview: first query, nothing remembered", "", f"{first:.2f}", "s")
    row("preview: first query, after an earlier run", "", f"{again:.2f}", "s")
    if count <= PAGEFIND_MOST:
        site.build(True, False)
        took, size = pagefind(site.public)
        row("Pagefind: its run, after a build without search", f"{took.wall:.1f}", "", "s")
        row("Pagefind: CPU of its run", f"{took.cpu:.1f}", "", "s")
        row("Pagefind: peak memory", report.mb(took.peak), "", "MB")
        row("Pagefind: all that it wrote", report.mb(size), "", "MB")
        queries(row, asked(site.public, "pagefind", words), 0)
    return rows


def queries(row, found, column):
    """Rows of what a reader waits for and downloads: the median over the words, and the range."""
    def each(what, unit, values):
        values = list(values)
        cell = f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"
        row(what, *(cell if at == column else "" for at in (0, 1)), unit)
    name = "" if column else "Pagefind: "
    each(f"{name}first query: to the first result", "ms", (one["first"]["first"] for one in found))
    each(f"{name}first query: to the first ten", "ms", (one["first"]["all"] for one in found))
    each(f"{name}next key: to the first result", "ms", (one["next"]["first"] for one in found))
    each(f"{name}next key: to the first ten", "ms", (one["next"]["all"] for one in found))
    if not column:
        return  # Pagefind downloads in a worker, which the page's own timeline does not show.
    each(f"{name}first query: index downloaded", "KB", (one["index"] / 1000 for one in found))
    each(f"{name}first query: texts downloaded", "KB", (one["texts"] / 1000 for one in found))


if __name__ == "__main__":
    options = compare.settled(compare.options(__doc__, [2000, 10000], "builds of each kind"))
    compare.measured(options, report.SEARCH, measure, report.search_section)
