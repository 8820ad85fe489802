"""Holds built archives against their sources, as independent parsers read them.

Usage: check.py SOURCES BUILT [SOURCES BUILT]...
"""

import sys
from importlib import import_module
from pathlib import Path

import sources
from findings import Findings
from built import Site

CHECKS = ["html", "links", "pages", "structured"]


def main(arguments):
    n_faults = 0
    for root, built in zip(arguments[::2], arguments[1::2]):
        archive, site = sources.archive(Path(root).resolve()), Site(Path(built).resolve())
        print(f"{root}: {len(archive.episodes)} episodes, {sum(len(e.turns) for e in archive.episodes)} turns")
        for name in CHECKS:
            findings = Findings(name)
            import_module(f"check_{name}").check(archive, site, findings)
            print(f"  {name}: {findings.n_checked} checked, {len(findings.faults)} wrong")
            for fault in findings.faults[:20]:
                print(f"    {fault}")
            n_faults += len(findings.faults)
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
