"""A small archive in a folder of its own, and Podleaf run on it."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PODLEAF = os.environ["PODLEAF"]
BASE_URL = "https://example.org/pods/"
MANIFEST = ".podleaf-site.json.gz"
LEASE = ".podleaf-deploying"
# The credentials of all tests. Slash and plus are written otherwise in addresses.
ACCESS_KEY = "AKIATESTTESTTESTTEST"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYTESTSECRET"

EPISODE = """+++
title = "{title}"
date = 2020-01-0{number}
+++

## Key points

- {title} is a thing.

## 1. The beginning of {title}

**Ann Lee:** What is {title}?

**Bo Dahl:** {answer}

**Ann Lee:** And at night?

**Bo Dahl:** At night it is the same.
"""


class Site:
    """A folder with three episodes of one show. `deploy` is the text of the tables of podleaf.toml."""

    def __init__(self, deploy: str):
        self.root = Path(tempfile.mkdtemp(prefix="podleaf-site-"))
        self.write("podleaf.toml", f'title = "Night"\nbase_url = "{BASE_URL}"\ncards = false\n{deploy}')
        self.write("content/ferry/show.toml", 'title = "Ferry"\ndescription = "Boats."\nemail = "a@example.org"\n')
        for number, title in enumerate(["Bells", "Ropes", "Tides"], 1):
            self.episode(number, title)

    def episode(self, number: int, title: str, answer: str = "Nobody knows.") -> None:
        name = f"content/ferry/{number:03}-{title.lower()}"
        self.write(f"{name}.md", EPISODE.format(title=title, number=number, answer=answer))
        silence = Path(__file__).parent.parent / "machines" / "silence.py"
        subprocess.run([sys.executable, silence, self.root / f"{name}.mp3", "3"], check=True)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        loud = {"RUST_LOG": "trace", "RUST_BACKTRACE": "full", "AWS_EC2_METADATA_DISABLED": "true"}
        return kept | keys | loud | {"SOURCE_DATE_EPOCH": "1767225600"} | more

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            [PODLEAF, "deploy", "--root", str(self.root), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment(**environment),
        )

    def deploy(self, *arguments: str, code: int | None = 0, **environment: str) -> str:
        """Deploys; returns what was said. An exit code that is not expected is an error; `None` expects any."""
        run = self.start(*arguments, **environment)
        said, _ = run.communicate(timeout=120)
        assert code in (None, run.returncode), f"exit code {run.returncode} in place of {code}:\n{said}"
        return said

    def build(self) -> None:
        run = [PODLEAF, "build", str(self.root), "--quiet"]
        subprocess.run(run, check=True, env=self.environment())

    def output(self) -> dict[str, bytes]:
        """The files of the last build by path."""
        folder = self.root / "public"
        return tree(folder, lambda name: not name.startswith(".podleaf-"))

    def copy(self) -> "Site":
        """The same sources on another machine, which remembers nothing."""
        other = object.__new__(Site)
        other.root = Path(tempfile.mkdtemp(prefix="podleaf-site-"))
        shutil.rmtree(other.root)
        hidden = shutil.ignore_patterns(".podleaf", "public", ".public.*")
        shutil.copytree(self.root, other.root, ignore=hidden)
        return other

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


def tree(folder: Path, keeps=lambda name: True) -> dict[str, bytes]:
    """The files below a folder by path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    named = ((path.relative_to(folder).as_posix(), path) for path in files)
    return {name: path.read_bytes() for name, path in named if keeps(name)}


def manifest(bytes_: bytes) -> dict:
    return json.loads(gzip.decompress(bytes_))


def published(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a target that are a part of the site."""
    return {name: text for name, text in files.items() if not name.startswith(".podleaf-")}


def current(files: dict[str, bytes], output: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a target without those of the search index that stay for readers of the last output."""
    of_before = {name for name in files if name.startswith("search/index/") and name not in output}
    return {name: text for name, text in published(files).items() if name not in of_before}
