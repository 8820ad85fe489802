#!/usr/bin/env python3
"""Compare cold builds of an archive of captions with Hugo's of the same archive.

  benches/timed_builds.py --date 2020-12-31 --transcripts TAR    2,000 and 10,000 real episodes
  benches/timed_builds.py --check                                does the script work? (a minute)

`TAR` is a checkout or tarball of github.com/thechangelog/transcripts. `captions.py` makes WebVTT of it. Hugo reads that
with a template, `hugo/layouts/_partials/captions.html`. The figures go into a section of their own in RESULTS.md, the
rest of which is kept. README.md beside this file says what is measured.
"""

import subprocess
import sys

import compare
import report
from measure import Failed, Spread

PLAIN = "cards = false\nsearch = false\n"


def measure(args, podleaf, work, count):
    """Rows of the table for one archive."""
    place = work / str(count)
    corpus = place / "corpus"
    shows = compare.make_corpus(args, count, corpus)["shows"]
    subprocess.run([sys.executable, str(compare.HERE / "captions.py"), str(corpus)], check=True)
    paths = {"podleaf": podleaf, "hugo": compare.fetch_hugo()}
    builds = compare.lay_out(paths, place, corpus, shows, ["floor", "copy"])
    with (place / "hugo" / "hugo.toml").open("a") as file:
        file.write("captions = true\n")
    settings, rows = place / "podleaf" / "podleaf.toml", []
    kinds = {"podleaf": ("Podleaf", ""), "plain": ("Podleaf, no search, no cards", PLAIN), "hugo": ("Hugo", "")}
    order = [(kind, next(one for one in builds if one.name == ("hugo" if kind == "hugo" else "podleaf"))) for kind in kinds]
    runs = {kind: [] for kind in kinds}
    for number in range(args.runs + 1):
        for kind, program in order:
            settings.write_text(compare.PODLEAF_TOML + kinds[kind][1])
            took = compare.cold(program, place, args.keep)
            if number == 0:
                check_pages(program, corpus)
            else:
                runs[kind].append(took)
            compare.say(f"{count} episodes: {kind}, run {number}: {took.wall:.2f} s")
    hugo = Spread.of(one.wall for one in runs["hugo"]).median
    for kind, (name, _) in kinds.items():
        spreads = [Spread.of(getattr(one, what) for one in runs[kind]) for what in ("wall", "cpu")]
        peak = max(one.peak for one in runs[kind])
        rows.append((f"{count:,}", name, *(report.span(one, report.seconds) for one in spreads), report.mb(peak),
                     f"{hugo / spreads[0].median:.2f}"))
    return rows


def check_pages(program, corpus):
    """The pages of a sample hold the last words of their captions."""
    for show in (path for path in corpus.iterdir() if path.is_dir()):
        captions = sorted(show.glob("*.vtt"))
        for path in captions[:: max(1, len(captions) // 3)]:
            page = program.output / show.name / path.stem / "index.html"
            phrase = compare.last_phrase(path.read_text(encoding="utf-8"))
            if phrase not in compare.visible_text(page.read_text(encoding="utf-8")):
                raise Failed(f"{program.name}: {page.relative_to(program.output)} lacks the words “{phrase}”")


if __name__ == "__main__":
    try:
        options = compare.settled(compare.options(__doc__, [2000, 10000], "builds of each kind"))
        compare.measured(options, report.TIMED, measure, report.timed_section)
    except Failed as failure:
        sys.exit(f"error: {failure}")
