"""Credentials are nowhere but where they came from, whatever fails."""

import base64
import gzip
import os
import re
import resource
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import quote

from archive import ACCESS_KEY, MANIFEST, PODLEAF, SECRET_KEY, Site, tree
from servers import Moto, Proxy

TOKEN = "FwoGZXIvYXdzEBYaDPlusAndSlash+/TestSessionToken=="


def forms(secret: str) -> list[bytes]:
    """A secret as it may be written."""
    raw = secret.encode()
    encoded = [base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b64encode(raw).rstrip(b"=")]
    return [raw, quote(secret, safe="").encode(), quote(secret).encode(), raw.hex().encode(), *encoded]


def command_lines() -> bytes:
    """What everybody on this machine can read of all processes."""
    lines = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                lines.append((process / "cmdline").read_bytes())
            except OSError:
                pass
    return b"\n".join(lines)


def own_threads() -> int:
    """How many threads the user of this process has."""
    tasks = Path("/proc").glob("[0-9]*/task/[0-9]*")
    return sum(task.stat().st_uid == os.geteuid() for task in tasks if task.exists())


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto()
        cls.proxy = Proxy(cls.moto)

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()
        cls.moto.stop()

    def setUp(self):
        self.moto.empty()
        self.proxy.forget()
        self.site = Site(self.proxy.table())
        self.addCleanup(self.site.remove)
        self.seen = b""

        def look(request):
            self.seen += command_lines()

        self.proxy.after = look

    def assert_secret(self, said: str):
        texts = {"what was said": said.encode(), "the process list": self.seen}
        texts |= {f"{name} of the site's folder": text for name, text in tree(self.site.root).items()}
        for name, text in self.moto.files().items():
            texts[f"{name} of the bucket"] = gzip.decompress(text) if name == MANIFEST else text
        for place, text in texts.items():
            for secret in (SECRET_KEY, TOKEN):
                for form in forms(secret):
                    self.assertNotIn(form, text, place) if len(text) < 2000 else self.assertFalse(form in text, place)

    def test_they_are_nowhere_when_all_is_well(self):
        said = self.site.deploy(AWS_SESSION_TOKEN=TOKEN)
        self.assertIn("is deployed", said)
        self.assertIn(b"deploy", self.seen, "processes were looked at")
        self.assert_secret(said)

    def test_they_are_nowhere_when_the_store_refuses_them(self):
        for status in (400, 401, 403, 404, 500, 503):
            self.proxy.fault = lambda request: ("answer", status, [("Retry-After", "0")])
            said = self.site.deploy(code=3, AWS_SESSION_TOKEN=TOKEN)
            self.assertIn("`bucket` is not deployed", said)
            self.assert_secret(said)

    def test_a_store_that_says_them_is_not_repeated(self):
        body = "".join(f"<Code>{SECRET_KEY}</Code><Message>{form.decode()}</Message>" for form in forms(SECRET_KEY))

        def echo(request):
            authorization = request.headers.get("Authorization", "")
            return ("answer", 403, [("X-Echo", SECRET_KEY), ("X-Authorization", authorization)], body.encode())

        self.proxy.fault = echo
        said = self.site.deploy(code=3, AWS_SESSION_TOKEN=TOKEN)
        self.assert_secret(said)
        self.assertNotIn("Signature=", said)

    def test_no_credentials_are_said_to_be_missing(self):
        empty = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(self.site.root)}
        environment = self.site.environment(**empty)
        unset = {name: value for name, value in environment.items() if name not in empty or name == "HOME"}
        for environment in (environment, unset):
            self.site.environment = lambda **more: environment
            self.assertIn("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", self.site.deploy(code=3))

    def test_they_may_be_in_the_usual_file(self):
        home = self.site.root / "home"
        (home / ".aws").mkdir(parents=True)
        text = f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
        (home / ".aws/credentials").write_text(text)
        environment = self.site.environment(HOME=str(home))
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del environment[name]
        self.site.environment = lambda **more: environment
        said = self.site.deploy()
        self.assertIn("is deployed", said)
        (home / ".aws/credentials").unlink()
        self.assert_secret(said)

    def test_those_in_the_settings_are_refused_and_not_shown(self):
        text = (self.site.root / "podleaf.toml").read_text()
        self.site.write("podleaf.toml", f'{text}secret_access_key = "{SECRET_KEY}"\n')
        said = self.site.deploy(code=1)
        self.assertIn("do not belong in this file", said)
        self.site.write("podleaf.toml", text)
        self.assert_secret(said)
        self.assertEqual(self.proxy.requests, [])

    def test_they_are_in_no_panic(self):
        """Where the system gives it no further thread, a library panics, at another place for each number of them."""
        self.site.build()
        if os.geteuid() != 0:
            program, nobody, taken = PODLEAF, None, own_threads()
        else:
            # Limits are not for root.
            folder = Path(tempfile.mkdtemp(prefix="podleaf-program-"))
            self.addCleanup(shutil.rmtree, folder)
            folder.chmod(0o755)
            program, nobody, taken = str(folder / "podleaf"), 65534, 0
            shutil.copy(PODLEAF, program)
            for path in (self.site.root, *self.site.root.rglob("*")):
                os.chown(path, nobody, nobody)
        panics = set()
        for n_threads in range(taken + 1, taken + 8):
            limit = lambda n=n_threads: resource.setrlimit(resource.RLIMIT_NPROC, (n, n))
            run = subprocess.Popen(
                [program, "deploy", "--root", str(self.site.root), "--yes", "--no-build"],
                env=self.site.environment(AWS_SESSION_TOKEN=TOKEN),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                user=nobody,
                preexec_fn=limit,
            )
            try:
                said, _ = run.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                run.kill()
                said, _ = run.communicate()
            panics.update(re.findall(r"panicked at (\S+)", said))
            self.assert_secret(said)
        self.assertGreater(len(panics), 2, "it panics in several places")

    def test_a_remote_with_a_password_is_not_shown(self):
        os.system(f"git -C {self.site.root} init -q && git -C {self.site.root} remote add host 'https://me:{quote(SECRET_KEY, safe='')}@127.0.0.1:1/x.git'")
        text = (self.site.root / "podleaf.toml").read_text()
        self.site.write("podleaf.toml", text.split("[deploy")[0] + '[deploy.pages]\nkind = "git"\nremote = "host"\nbranch = "x"\n')
        said = self.site.deploy(code=3)
        self.assertIn("127.0.0.1", said)
        # git itself keeps it where the user put it.
        (self.site.root / ".git/config").unlink()
        self.assert_secret(said)
