"""Holds built archives against their sources, as independent parsers read them.

Usage: check.py SOURCES BUILT [SOURCES BUILT]...
"""

import sys
import traceback
from importlib import import_module
from pathlib import Path

import sources
from findings import Findings
from built import Site

# Each is a module `check_NAME`.
CHECKS = ["html", "links", "pages", "structured", "turns", "feeds", "transcripts", "chapters", "texts"]


def main(arguments):
    n_faults = 0
    for root, built in zip(arguments[::2], arguments[1::2]):
        archive, site = sources.archive(Path(root).resolve()), Site(Path(built).resolve())
        print(f"{root}: {len(archive.episodes)} episodes, {sum(len(e.turns) for e in archive.episodes)} turns")
        for name in CHECKS:
            findings = Findings(name)
            try:
                import_module(f"check_{name}").check(archive, site, findings)
            except Exception:
                # What a check does not expect is a fault as well; the others go on.
                findings.faults.append(traceback.format_exc())
            print(f"  {name}: {findings.n_checked} checked, {len(findings.faults)} wrong")
            for fault in findings.faults[:20]:
                print(f"    {fault}")
            n_faults += len(findings.faults)
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
