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
from measure import Spread

# Each with its name in the table, what runs, and its settings.
KINDS = [
    ("Podleaf", "podleaf", ""),
    ("Podleaf, no search, no cards", "podleaf", "cards = false\nsearch = false\n"),
    ("Hugo", "hugo", ""),
]


def measure(args, podleaf, work, count):
    """Rows of the table for one archive."""
    place = work / str(count)
    corpus = place / "corpus"
    shows = compare.make_corpus(args, count, corpus)["shows"]
    subprocess.run([sys.executable, str(compare.HERE / "captions.py"), str(corpus)], check=True)
    paths = {"podleaf": podleaf, "hugo": compare.fetch_hugo()}
    programs = {one.name: one for one in compare.lay_out(paths, place, corpus, shows, ["floor", "copy"])}
    with (place / "hugo" / "hugo.toml").open("a") as file:
        file.write("captions = true\n")
    runs = {name: [] for name, _, _ in KINDS}
    for number in range(args.runs + 1):
        for name, program, settings in KINDS:
            (place / "podleaf" / "podleaf.toml").write_text(compare.PODLEAF_TOML + settings)
            took = compare.cold(programs[program], place, args.keep)
            if number == 0:
                compare.check_pages(programs[program], corpus, "*.vtt")
            else:
                runs[name].append(took)
            compare.say(f"{count} episodes: {name}, run {number}: {took.wall:.2f} s")
    walls = {name: Spread.of(one.wall for one in own) for name, own in runs.items()}
    rows = []
    for name, own in runs.items():
        spreads = [report.span(one, report.seconds) for one in (walls[name], Spread.of(one.cpu for one in own))]
        peak = report.mb(max(one.peak for one in own))
        rows.append((f"{count:,}", name, *spreads, peak, f"{walls['Hugo'].median / walls[name].median:.2f}"))
    return rows


if __name__ == "__main__":
    options = compare.settled(compare.options(__doc__, [2000, 10000], "builds of each kind"))
    compare.measured(options, report.TIMED, measure, report.timed_section)
