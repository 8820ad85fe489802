"""Facts about the machine, and the Markdown of a comparison."""

import os
import pathlib
import platform
import re
import subprocess
from dataclasses import dataclass

from measure import Spread

ROOT = pathlib.Path(__file__).resolve().parent.parent
LABELS = {
    "podleaf": "Podleaf",
    "hugo": "Hugo",
    "floor": "floor: read, Markdown, write",
    "copy": "floor: read, write",
}
HUGO_FACTOR = 3.0  # a cold build is at least this many times faster than Hugo's
PEAK_LIMITS = {2000: 200, 10000: 300}  # MB
MEMO_SHARE = 15.0  # percent of a cold build that the memo may add
MEMO_LIMITS = {10000: 100}  # MB to load it
AGAIN_LIMITS = {  # seconds
    2000: {"nothing changed": 0.1, "one word edited": 0.2},
    10000: {"nothing changed": 0.35, "one word edited": 0.6},
}


@dataclass(frozen=True)
class Result:
    """What was measured over one archive."""

    count: int
    corpus: dict  # as make_corpus.py describes it
    outputs: dict  # program: {kind of file: (files, bytes)}
    listed: str  # the program whose output the floor repeats
    runs: dict  # program: [Run]
    again: dict  # what was done to the sources since the last build: [Run] of Podleaf
    memo: dict  # cold builds with the memo "kept" and "lost", and its being "loaded" alone: [Run]
    commands: dict  # program: its command line
    smallest: int  # the peak of a program that does nothing, as measured here

    def spread(self, name, what):
        """Median and range of one measurement of one program."""
        return Spread.of(getattr(one, what) for one in self.runs[name])


@dataclass(frozen=True)
class Facts:
    """Where, when and with what the comparison was made."""

    rows: list

    @classmethod
    def gather(cls, args, paths, work):
        """Ask the machine, the programs and the repository."""
        text = f"real transcripts from {pathlib.Path(args.transcripts).name}" if args.transcripts else "synthetic"
        rows = [
            ("date", args.date),
            ("processor", f"{processor()}, {len(cores())} cores"),
            ("memory", f"{mb(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'))} MB"),
            ("system", platform.platform()),
            ("load at the start", f"{os.getloadavg()[0]:.2f} (a quiet machine is below 0.2)"),
            ("archives and outputs on", f"{file_system(work)} ({work.parent})"),
            ("text", text),
            ("runs", f"{args.runs} of each program in turn, after one warm-up; each from nothing"),
            ("rustc", said(["rustc", "--version"])),
            ("repository", repository()),
        ]
        if "podleaf" in paths:
            rows.append(("Podleaf", said([paths["podleaf"], "--version"])))
        if "hugo" in paths:
            rows.append(("Hugo", said([paths["hugo"], "version"])))
        return cls(rows)


# -------------------------------------------------------------------- the facts


def said(command):
    """The first line that a program prints."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    except OSError:
        return "unknown"
    return (done.stdout.strip().splitlines() or ["unknown"])[0]


def repository():
    """The commit that is checked out, and whether it was changed."""
    changed = said(["git", "status", "--porcelain", "--untracked-files=no"])
    return said(["git", "rev-parse", "--short=12", "HEAD"]) + ("" if changed == "unknown" else ", with changes")


def cores():
    """The processors that this process may use."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count())


def processor():
    """The processor's name."""
    for line in lines_of("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def memory_available():
    """Bytes of memory that are free for use; 0 where the system does not say."""
    for line in lines_of("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def file_system(path):
    """The kind of file system that a path lies on."""
    mounts = [line.split() for line in lines_of("/proc/mounts")]
    above = [mount for mount in mounts if path.is_relative_to(mount[1])]
    return max(above, key=lambda mount: len(mount[1]))[2] if above else "unknown"


def lines_of(path):
    """A file's lines; none if it cannot be read."""
    try:
        return pathlib.Path(path).read_text(errors="replace").splitlines()
    except OSError:
        return []


# ------------------------------------------------------------------- the report


def markdown(facts, results):
    """The whole report."""
    sections = [
        "# Cold builds compared",
        "Written by `benches/compare.py`; `benches/README.md` says how to repeat it and what it compares.",
        table(["", ""], facts.rows),
        "## Time and memory",
        "Whole process, from start to exit: median (least to most). MB are millions of bytes. "
        f"A peak below {mb(max(result.smallest for result in results))} MB cannot be told from that of `true`.",
        table(["episodes", "program", "wall, s", "CPU, s", "peak memory, MB"], times(results)),
        "## Second builds",
        "Podleaf over what its last build left.",
        table(["episodes", "since then", "wall, s", "CPU, s", "peak memory, MB"], second_builds(results)),
        "## What a build remembers",
        "Podleaf's cold build, and the same with a file in the place of `.podleaf`, so that nothing can be remembered: "
        "builds in turn, the median of what each pair shows. Loading is a program that reads what was remembered as "
        "the command does, and no more (`benches/memo.rs`).",
        table(["episodes", "cold, s", "without, s", "the memo adds", "loading, s", "peak, MB"], memos(results)),
        "## Ratios",
        "Medians of wall time; below 1 the first program is the faster one. The floor here includes Markdown, and "
        "writes the same files and bytes as the program in the last column.",
        table(["episodes", "Podleaf / Hugo", "Podleaf / floor", "Hugo / floor", "floor repeats"], ratios(results)),
        "## Targets",
        table(["episodes", "target", "measured", ""], targets(results) or [("", "none for these sizes", "", "")]),
        "## What was read and written",
        table(["episodes", "kind", "distinct", "read, MB", "shows", "speakers", "digest"], corpora(results)),
        table(["episodes", "program", "files", "MB", "by kind"], outputs(results)),
        "## Commands",
        "```\n" + "\n".join(results[-1].commands.values()) + "\n```",
    ]
    return "\n\n".join(sections) + "\n"


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def times(results):
    """Wall, CPU and peak of each program over each archive."""
    for result in results:
        for name in result.runs:
            wall, cpu, peak = (result.spread(name, what) for what in ("wall", "cpu", "peak"))
            yield f"{result.count:,}", LABELS[name], span(wall, seconds), span(cpu, seconds), span(peak, mb)


def second_builds(results):
    """Wall, CPU and peak of Podleaf with nothing changed and after an edit."""
    for result in results:
        for name, runs in result.again.items():
            wall, cpu, peak = (Spread.of(getattr(one, what) for one in runs) for what in ("wall", "cpu", "peak"))
            yield f"{result.count:,}", name, span(wall, seconds), span(cpu, seconds), span(peak, mb)


def memos(results):
    """What it costs to remember, and to load what was remembered."""
    for result in results:
        if result.memo:
            kept, lost, loaded = (Spread.of(one.wall for one in result.memo[name]) for name in ("kept", "lost", "loaded"))
            peak = Spread.of(one.peak for one in result.memo["loaded"])
            cells = [span(kept, seconds), span(lost, seconds), f"{memo_share(result):.1f} %", span(loaded, seconds)]
            yield f"{result.count:,}", *cells, span(peak, mb)


def memo_share(result):
    """By how many percent a cold build is longer for what it remembers: the median of pairs."""
    pairs = zip(result.memo["kept"], result.memo["lost"], strict=True)
    return Spread.of((kept.wall / lost.wall - 1) * 100 for kept, lost in pairs).median


def ratios(results):
    """How the programs' wall times relate."""
    for result in results:
        pairs = [("podleaf", "hugo"), ("podleaf", "floor"), ("hugo", "floor")]
        cells = [quotient(result, a, b) for a, b in pairs]
        yield f"{result.count:,}", *(f"{one:.2f}" if one else "–" for one in cells), LABELS[result.listed]


def quotient(result, a, b):
    """Median wall time of one program by another's; None where one did not run."""
    if a not in result.runs or b not in result.runs:
        return None
    return result.spread(a, "wall").median / result.spread(b, "wall").median


def targets(results):
    """The goals for sizes that have one: what was measured, and whether it is enough."""
    rows = []
    for result in results:
        limit = PEAK_LIMITS.get(result.count)
        if limit is None or "podleaf" not in result.runs:
            continue
        count = f"{result.count:,}"
        if (share := quotient(result, "podleaf", "hugo")) is not None:
            goal, factor = f"at least {HUGO_FACTOR:g} times faster than Hugo", 1 / share
            rows.append((count, goal, f"{factor:.2f} times", verdict(factor >= HUGO_FACTOR)))
        peak = result.spread("podleaf", "peak").median
        rows.append((count, f"peak at most {limit} MB", f"{mb(peak)} MB", verdict(peak <= limit * 1e6)))
        if result.memo:
            share = memo_share(result)
            rows.append((count, f"memo adds at most {MEMO_SHARE:g} %", f"{share:.1f} %", verdict(share <= MEMO_SHARE)))
        if result.memo and (most := MEMO_LIMITS.get(result.count)):
            peak = Spread.of(one.peak for one in result.memo["loaded"]).median
            rows.append((count, f"memo: loaded in at most {most} MB", f"{mb(peak)} MB", verdict(peak <= most * 1e6)))
        for name, most in AGAIN_LIMITS[result.count].items():
            if name in result.again:
                wall = Spread.of(one.wall for one in result.again[name]).median
                rows.append((count, f"{name}: at most {most:g} s", f"{seconds(wall)} s", verdict(wall <= most)))
    return rows


def verdict(met):
    """A word for a target."""
    return "met" if met else "**missed**"


def corpora(results):
    """What was built from."""
    for result in results:
        made = result.corpus
        cells = [made["kind"], f"{made['distinct']:,}", mb(made["bytes"]), len(made["shows"]), made["speakers"]]
        yield f"{result.count:,}", *cells, f"`{made['digest']}`"


def outputs(results):
    """What each generator wrote."""
    for result in results:
        for name, kinds in result.outputs.items():
            files, size = (sum(pair[at] for pair in kinds.values()) for at in (0, 1))
            detail = ", ".join(f"{kind} {count:,} ({mb(part)})" for kind, (count, part) in kinds.items())
            yield f"{result.count:,}", LABELS[name], f"{files:,}", mb(size), detail


def span(spread, show):
    """Median and range as text."""
    return f"{show(spread.median)} ({show(spread.low)} to {show(spread.high)})"


def seconds(value):
    """Seconds with three digits that mean something."""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def mb(value):
    """Millions of bytes; tenths below ten."""
    return f"{value / 1e6:.1f}" if value < 1e7 else f"{value / 1e6:,.0f}"


# ----------------------------------------------------------------- the preview

PREVIEW = "## The preview"
SEARCH = "## Search"
TIMED = "## Timed archives"
START_LIMITS = {2000: {"cold": 0.8, "warm": 0.2}, 10000: {"cold": 3.0, "warm": 0.5}}  # seconds to the first page
SAVE_LIMITS = {2000: 50, 10000: 80}  # milliseconds
TEMPLATE_LIMIT = 100  # milliseconds
PREVIEW_PEAK = {10000: 300}  # MB


@dataclass(frozen=True)
class Preview:
    """What was measured of the preview of one archive: seconds, but for memory."""

    count: int
    starts: dict  # cold, warm: from the start of the program to the first page
    saves: dict  # what is edited: from the write to the changed bytes
    memory: dict  # number of saves: (bytes, open files)

    def median(self, kind, name):
        """The median of one measurement."""
        return Spread.of(getattr(self, kind)[name]).median


def section(head, words, facts, *tables):
    """A section of the report that one script writes."""
    return "\n\n".join([head, words, table(["", ""], facts), *tables]) + "\n"


def preview_section(facts, results):
    """The section of the report that is about the preview."""
    words = (
        "Written by `benches/serve.py`. From the start of the program to the whole home page, and from just before the "
        "write of a file to the changed bytes over HTTP: median (least to most), milliseconds. Lists are looked at in "
        "the same moment. MB are millions of bytes."
    )
    tables = [
        table(["episodes", "what", "ms", "of"], preview_times(results)),
        table(["episodes", "after", "memory, MB", "open files"], preview_memory(results)),
        table(["episodes", "target", "measured", ""], preview_targets(results)),
    ]
    return section(PREVIEW, words, facts, *tables)


def search_section(facts, results):
    """The section of the report that is about search; the results of each archive are rows."""
    words = (
        "Written by `benches/search.py`. Builds: median (least to most), with and without search by turns. Queries: in "
        "Chromium on the same machine, over HTTP/1.1 from a small server, the median over five words that hundreds of "
        "episodes have (least to most), from the key to the frame that shows it. KB and MB are thousands and millions of bytes."
    )
    return section(SEARCH, words, facts, table(["episodes", "what", "without search", "with search", "unit"], sum(results, [])))


def timed_section(facts, results):
    """The section of the report that is about captions; the results of each archive are rows."""
    words = (
        "Written by `benches/timed_builds.py`. Cold builds of the same captions (WebVTT): median (least to most), by turns. "
        "Hugo reads them with a template and makes a page of their words. MB are millions of bytes."
    )
    head = ["episodes", "program", "wall, s", "CPU, s", "peak memory, MB", "times faster than Hugo"]
    return section(TIMED, words, facts, table(head, sum(results, [])))


def section_of(text, head):
    """A section of a report; nothing where it has none."""
    _, found, after = text.partition(f"\n{head}\n")
    section = head + "\n" + after.partition("\n## ")[0].rstrip("\n") + "\n"
    return section if found else ""


def with_section(text, head, section):
    """The report with this section at its end, in place of the one that it has."""
    rest = text.replace(section_of(text, head), "") if section_of(text, head) else text
    return re.sub(r"\n{3,}", "\n\n", rest).rstrip("\n") + "\n" + (f"\n{section}" if section else "")


def preview_times(results):
    """All times."""
    for result in results:
        for name, values in {**result.starts, **result.saves}.items():
            label = f"first page, {name}" if name in result.starts else f"a save of {name}"
            yield f"{result.count:,}", label, span(Spread.of(values), milliseconds), len(values)


def preview_memory(results):
    """Memory and open files after some saves."""
    for result in results:
        for saves, (size, files) in result.memory.items():
            yield f"{result.count:,}", f"{saves} saves", mb(size), files


def preview_targets(results):
    """The goals: what was measured, and whether it is enough."""
    rows = []
    for result in results:
        count = f"{result.count:,}"
        for name, most in START_LIMITS.get(result.count, {}).items():
            wall = result.median("starts", name)
            rows.append((count, f"first page, {name}: at most {most:g} s", f"{seconds(wall)} s", verdict(wall <= most)))
        if limit := SAVE_LIMITS.get(result.count):
            for name in result.saves:
                most = TEMPLATE_LIMIT if name == "a template" else limit
                wall = result.median("saves", name) * 1000
                rows.append((count, f"a save of {name}: at most {most} ms", f"{wall:.0f} ms", verdict(wall <= most)))
        sizes = [size for size, _ in result.memory.values()]
        if len(sizes) > 1:
            growth = sizes[-1] / sizes[0] - 1
            rows.append((count, "memory grows by at most 20 %", f"{growth:.0%}", verdict(growth <= 0.2)))
        if most := PREVIEW_PEAK.get(result.count):
            rows.append((count, f"memory at most {most} MB", f"{mb(max(sizes))} MB", verdict(max(sizes) <= most * 1e6)))
    return rows or [("", "none for these sizes", "", "")]


def milliseconds(value):
    """Milliseconds of seconds."""
    return f"{value * 1000:.0f}"
