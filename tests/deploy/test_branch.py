"""Deploys to a branch of a real git repository."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from archive import MANIFEST, Site, current, published, tree
from servers import GitHost

NAMES = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *arguments: str) -> str:
    run = ["git", "-C", str(folder), *arguments]
    return subprocess.run(run, check=True, capture_output=True, text=True, env=os.environ | NAMES).stdout.strip()


class Branch(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="podleaf-git-"))
        self.addCleanup(shutil.rmtree, self.folder)
        git(self.folder, "init", "--quiet", "--bare", "-b", "main", "host.git")
        self.host = self.folder / "host.git"
        self.site = Site(self.table(str(self.host)))
        self.addCleanup(self.site.remove)

    def table(self, remote: str) -> str:
        return f'[deploy.pages]\nkind = "git"\nremote = "{remote}"\nbranch = "pages"\ncname = "pods.example.org"\n'

    def branch(self) -> dict[str, bytes]:
        """The files of the branch, as a host checks them out."""
        there = self.folder / "checkout"
        shutil.rmtree(there, ignore_errors=True)
        git(self.folder, "clone", "--quiet", "--branch", "pages", str(self.host), str(there))
        return tree(there, lambda name: not name.startswith(".git/"))

    def commits(self) -> list[str]:
        return git(self.host, "rev-list", "pages").split()

    def assert_served(self):
        found, output = self.branch(), self.site.output()
        self.assertEqual(found.pop(".nojekyll"), b"")
        self.assertEqual(found.pop("CNAME"), b"pods.example.org\n")
        self.assertEqual(sorted(current(found, output)), sorted(output))
        self.assertEqual([name for name in output if found[name] != output[name]], [])

    def commit(self, name: str, text: str):
        """Somebody else's commit."""
        there = self.folder / "other"
        if not there.exists():
            git(self.folder, "clone", "--quiet", str(self.host), str(there))
        git(there, "fetch", "--quiet")
        git(there, "checkout", "--quiet", "-B", "pages", "origin/pages" if self.has_branch() else "HEAD")
        (there / name).write_text(text)
        git(there, "add", name)
        git(there, "commit", "--quiet", "-m", name)
        git(there, "push", "--quiet", "origin", "pages")

    def has_branch(self) -> bool:
        return bool(git(self.host, "branch", "--list", "pages"))

    def test_first_then_nothing_then_edits(self):
        self.site.deploy()
        self.assert_served()
        first = self.commits()
        self.assertEqual(len(first), 1)
        self.assertIn("has it all", self.site.deploy())
        self.assertEqual(self.commits(), first)
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.deploy()
        self.assert_served()
        self.assertEqual(self.commits()[1:], first, "one commit on top of the other")
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/003-tides.{name}").unlink()
        self.assertIn("`/ferry/003-tides/` is gone", self.site.deploy(code=4))
        self.assertEqual(len(self.commits()), 2)
        self.site.deploy("--yes")
        self.assert_served()

    def test_what_others_committed_stays(self):
        self.site.deploy()
        self.commit("README.md", "hello")
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.deploy()
        self.assertEqual(self.branch()["README.md"], b"hello")
        self.assertEqual(len(self.commits()), 3)

    def test_a_foreign_branch_needs_yes(self):
        there = self.folder / "other"
        git(self.folder, "clone", "--quiet", str(self.host), str(there))
        git(there, "checkout", "--quiet", "-b", "pages")
        (there / "index.html").write_text("theirs")
        git(there, "add", ".")
        git(there, "commit", "--quiet", "-m", "theirs")
        git(there, "push", "--quiet", "origin", "pages")
        self.assertIn("Podleaf did not deploy", self.site.deploy(code=4))
        self.site.deploy("--yes")
        self.assertEqual(len(self.commits()), 2)
        self.assert_served()

    def test_another_machine_goes_on_from_there(self):
        self.site.deploy()
        other = self.site.copy()
        self.addCleanup(other.remove)
        self.assertIn("has it all", other.deploy())

    def test_a_branch_that_moves_meanwhile_is_left_alone(self):
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        before = self.commits()
        # Somebody else pushes between our look at the branch and our push.
        other = f"git -C {self.host} commit-tree -p pages -m other pages^{{tree}}"
        faster = self.folder / "faster"
        faster.mkdir()
        wrapper = f"""#!/bin/sh
case " $* " in *" push "*) {shutil.which("git")} -C {self.host} update-ref refs/heads/pages $({other}) ;; esac
exec {shutil.which("git")} "$@"
"""
        (faster / "git").write_text(wrapper)
        (faster / "git").chmod(0o755)
        said = self.site.deploy(code=4, **NAMES, PATH=f"{faster}:{os.environ['PATH']}")
        self.assertIn("another deploy wrote to `pages` meanwhile", said)
        self.assertEqual(self.commits()[1:], before, "theirs, and not ours")
        self.site.deploy()
        self.assertEqual(len(self.commits()), len(before) + 2)
        self.assert_served()

    def test_a_branch_that_moves_during_a_push_loses_no_commit(self):
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        hook = self.host / "hooks/update"
        hook.write_text("#!/bin/sh\ngit update-ref refs/heads/pages $(git commit-tree -p $2 -m x $2^{tree})\n")
        hook.chmod(0o755)
        git(self.host, "config", "user.name", "x")
        git(self.host, "config", "user.email", "x@example.org")
        before = self.commits()
        said = self.site.deploy(code=4)
        self.assertIn("another deploy wrote to `pages` meanwhile", said)
        self.assertEqual(self.commits()[1:], before, "theirs, and not ours")

    def test_a_host_that_refuses_a_push_is_named(self):
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        before = self.commits()
        hook = self.host / "hooks/update"
        hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
        hook.chmod(0o755)
        self.assertIn("`pages` is not deployed", self.site.deploy(code=3))
        self.assertEqual(self.commits(), before)
        hook.unlink()
        self.site.deploy()
        self.assertEqual(self.commits()[1:], before)

    def test_a_busy_host_is_asked_again(self):
        git(self.host, "config", "http.receivepack", "true")
        host = GitHost(self.folder, faults=2)
        self.addCleanup(host.stop)
        text = (self.site.root / "podleaf.toml").read_text()
        self.site.write("podleaf.toml", text.replace(f"{self.folder}/", host.url))
        for answer in ("Nobody knows.", "The harbour master."):
            self.site.episode(2, "Ropes", answer)
            host.left.clear()
            self.site.deploy()
            self.assert_served()
        self.assertEqual(len(self.commits()), 2)
        self.assertTrue(all(left < 0 for left in host.left.values()), host.left)
        self.assertIn("/host.git/git-receive-pack", host.left)

    def test_a_remote_of_the_repository_is_known_by_name(self):
        git(self.site.root, "init", "--quiet", "-b", "main")
        git(self.site.root, "remote", "add", "host", str(self.host))
        text = (self.site.root / "podleaf.toml").read_text()
        self.site.write("podleaf.toml", text.replace(str(self.host), "host"))
        self.site.deploy()
        self.assert_served()
        self.assertEqual(git(self.site.root, "branch", "--all"), "", "the sources' repository is as it was")

    def test_a_repository_that_is_not_there(self):
        text = (self.site.root / "podleaf.toml").read_text()
        self.site.write("podleaf.toml", text.replace("host.git", "none.git"))
        self.assertIn("`pages` is not deployed: fatal:", self.site.deploy(code=3))
