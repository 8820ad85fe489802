#!/usr/bin/env python3
"""Times deploys of many files to an S3 server on this machine: the first, one without a change, one with an edit.

Podleaf is held against `aws s3 sync`, and against rclone where it is installed. The server is moto's, which is slow: what
is measured of the first deploy is mostly the server. Usage: deploy.py PODLEAF [FILES]; run it with the Python of
`tests/deploy/run` (target/deploy/venv/bin/python), which has moto. The program has to be a release build with buckets.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests" / "deploy"
sys.path.insert(0, str(TESTS))
os.environ["PODLEAF"] = sys.argv[1]

from archive import ACCESS_KEY, SECRET_KEY  # noqa: E402
from servers import BUCKET, Moto  # noqa: E402

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_DEFAULT_REGION": "us-east-1"}
EPISODE = "+++\ntitle = \"Episode {n}\"\n+++\n\n## The beginning\n\n" + "".join(
    f"**{'Ann Lee' if turn % 2 else 'Bo Dahl'}:** Turn {turn} of episode {{n}}, about nothing.\n\n" for turn in range(20)
)


def archive(n_files: int) -> Path:
    """The sources of a site of about so many files: an episode has five."""
    root = Path(tempfile.mkdtemp(prefix="podleaf-bench-"))
    (root / "content/show").mkdir(parents=True)
    (root / "podleaf.toml").write_text("title = 'Bench'\ncards = false\nbase_url = 'https://example.org/'\n")
    for n in range(n_files // 5):
        (root / f"content/show/{n:05}.md").write_text(EPISODE.format(n=n))
    return root


def run(arguments: list[str]) -> float:
    began = time.monotonic()
    # rclone cannot take a bundle of certificates from here, and needs none.
    environment = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"} | KEYS
    result = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    return time.monotonic() - began


def main():
    n_files = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    podleaf, moto, root = sys.argv[1], Moto(), archive(n_files)
    endpoint = f"http://127.0.0.1:{moto.port}"
    table = f"[deploy.s3]\nkind = 's3'\nbucket = '{BUCKET}-0'\nendpoint = '{endpoint}'\npath_style = true\n"
    with (root / "podleaf.toml").open("a") as config:
        config.write(table)
    public = root / "public"
    rclone = ["rclone", "sync", "--transfers=16", "--checkers=16", str(public), f":s3:{BUCKET}-1", "--exclude=.podleaf-*"]
    rclone += ["--s3-provider=Other", f"--s3-endpoint={endpoint}", "--s3-env-auth", "--s3-force-path-style=true"]
    aws = ["aws", "--endpoint-url", endpoint, "s3", "sync", "--only-show-errors", "--delete", "--exclude", ".podleaf-*"]
    programs = {
        "podleaf deploy --no-build": [podleaf, "deploy", "--root", str(root), "--no-build", "--quiet"],
        "rclone sync": rclone,
        "aws s3 sync": [*aws, str(public), f"s3://{BUCKET}-2"],
    }
    programs = {name: line for name, line in programs.items() if shutil.which(line[0])}
    build = [podleaf, "build", str(root), "--quiet"]
    edited = root / "content/show/00007.md"
    run(build)
    n_made = sum(1 for path in public.rglob("*") if path.is_file()) - 1
    print(f"{n_made} files; seconds\n\n| program | first | nothing new | one edit |\n|---|---|---|---|", flush=True)
    for n, (name, line) in enumerate(programs.items()):
        moto.client.create_bucket(Bucket=f"{BUCKET}-{n}")
        # The second build is the one that is known to have nothing to do.
        run(build)
        run(build)
        row = [run(line), run(line)]
        edited.write_text(edited.read_text() + f"**Ann Lee:** One more, the {n}th.\n")
        run(build)
        run(build)
        row.append(run(line))
        print(f"| `{name}` | {' | '.join(f'{seconds:.1f}' for seconds in row)} |", flush=True)
    moto.stop()
    shutil.rmtree(root)


if __name__ == "__main__":
    main()
