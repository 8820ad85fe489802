"""Facts about the machine, and the Markdown of a comparison."""

import os
import pathlib
import platform
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
