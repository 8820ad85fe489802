"""Every page is valid for the Nu HTML checker."""

import json
import subprocess
from pathlib import Path

JAR = Path(__file__).parent / "node_modules/vnu-jar/build/dist/vnu.jar"
# Advice on how to write, not errors: a turn is an article whose heading is its speaker.
KNOWN = ("Article lacks heading.", "Section lacks heading.")


def check(archive, site, findings):
    files = [site.root / name for name in site.pages()]
    command = ["java", "-Xss4m", "-jar", JAR, "--format", "json", "--exit-zero-always", *files]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    messages = json.loads(run.stderr)["messages"]
    for message in messages:
        if not message["message"].startswith(KNOWN):
            place = f"{message.get('url', '').removeprefix(f'file:{site.root}/')}:{message.get('lastLine')}"
            findings.faults.append(f"{place}: {message['message']} {message.get('extract', '')[:200]!r}")
    findings.n_checked += len(files)
