"""Deploys to folders: of this machine, of another one by rsync over a real sshd, and by another program."""

import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from archive import LEASE, MANIFEST, PODLEAF, Site, current, published, tree
from crawl import missing
from servers import Sshd


class Deployed(unittest.TestCase):
    """A site and a folder that it goes to."""

    environment: dict[str, str] = {}

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="podleaf-www-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.site = Site(self.table(self.folder))
        self.addCleanup(self.site.remove)

    def deploy(self, *arguments: str, code: int = 0) -> str:
        return self.site.deploy(*arguments, code=code, **self.environment)

    def assert_served(self):
        found, output = tree(self.folder), self.site.output()
        self.assertEqual(sorted(current(found, output)), sorted(output))
        self.assertEqual([name for name in output if found[name] != output[name]], [])
        self.assertNotIn(LEASE, sorted(found))
        self.assertFalse([path for path in self.folder.rglob("*") if path.is_dir() and not any(path.iterdir())])

    def remove_an_episode(self):
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/003-tides.{name}").unlink()


class Cases:
    """What holds for each folder."""

    def test_first_then_nothing_then_edits(self):
        self.deploy()
        self.assert_served()
        stamps = {path: path.stat().st_mtime_ns for path in self.folder.rglob("*")}
        self.assertIn("has it all", self.deploy())
        self.assertTrue(all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items()))

        before = self.site.output()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.deploy()
        self.assert_served()
        after = self.site.output()
        same = [name for name in after if before.get(name) == after[name]]
        self.assertGreater(len(same), 10)
        for name in same:
            self.assertEqual((self.folder / name).stat().st_mtime_ns, stamps[self.folder / name], name)

        self.remove_an_episode()
        self.deploy(code=4)
        self.deploy("--yes")
        self.assert_served()

    def test_a_dry_run_writes_nothing(self):
        self.assertIn("files added", self.deploy("--dry-run"))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_foreign_files_need_yes_and_stay(self):
        (self.folder / "ferry").mkdir()
        (self.folder / "ferry/other.txt").write_text("here")
        self.assertIn("files are there that Podleaf did not deploy", self.deploy(code=4))
        self.assertEqual(list(tree(self.folder)), ["ferry/other.txt"])
        self.deploy("--yes")
        self.assertEqual((self.folder / "ferry/other.txt").read_text(), "here")
        self.assertTrue((self.folder / "ferry/index.html").exists())

    def test_killed_at_any_moment_and_resumed(self):
        self.deploy()
        start, journal = tree(self.folder), (self.site.root / ".podleaf/deploy-www").read_bytes()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.episode(4, "Locks")
        self.remove_an_episode()
        self.site.build()
        began = time.monotonic()
        self.deploy("--yes", "--no-build")
        took = time.monotonic() - began
        end = published(tree(self.folder))
        for part in range(self.kills):
            shutil.rmtree(self.folder)
            for name, text in start.items():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_bytes(text)
            (self.site.root / ".podleaf/deploy-www").write_bytes(journal)
            run = self.site.start("--yes", "--no-build", **self.environment)
            killer = threading.Timer(took * (part + 1) / (self.kills + 1), run.kill)
            killer.start()
            run.communicate(timeout=60)
            killer.cancel()
            self.assertEqual(missing(tree(self.folder)), [])
            self.deploy("--yes", "--no-build")
            self.assertEqual(published(tree(self.folder)) == end, True, f"killed after {part + 1}")
            self.assertNotIn(LEASE, sorted(tree(self.folder)))

    def test_no_reader_finds_a_dead_link_during_a_deploy(self):
        self.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.episode(4, "Locks")
        self.site.write("static/css/print.css", "p { color: blue }")
        self.remove_an_episode()
        run = self.site.start("--yes", **self.environment)
        lost, n_read = [], 0
        while run.poll() is None:
            # Only what was there before and after is one state for certain.
            try:
                names = sorted(tree(self.folder))
                files = tree(self.folder)
            except FileNotFoundError:
                # It was listed, and had another name when it was to be read.
                continue
            if names == sorted(files):
                lost += missing(files)
                n_read += 1
        self.assertEqual(run.wait(), 0, run.stdout.read())
        run.stdout.close()
        self.assertEqual(lost, [])
        self.assert_served_but_kept()
        self.assertGreater(n_read, 0)

    def assert_served_but_kept(self):
        """The old assets are there as well."""
        found, output = published(tree(self.folder)), self.site.output()
        more = found.keys() - output.keys()
        self.assertTrue(more and all(name.startswith(("assets/", "search/index/")) for name in more), sorted(more))


class LocalFolder(Cases, Deployed):
    kills = 12

    def table(self, folder: Path) -> str:
        return f'[deploy.www]\nkind = "folder"\npath = "{folder}"\n'

    def test_the_search_index_of_before_stays_one_deploy_longer(self):
        kept = set()
        for answer in ("The harbour master.", "The pilot.", "The cook."):
            self.site.episode(2, "Ropes", answer)
            self.site.build()
            self.deploy("--no-build")
            found, output = published(tree(self.folder)), self.site.output()
            self.assertEqual({name: found.get(name) for name in output}, output)
            more = found.keys() - output.keys()
            self.assertTrue(more <= kept, more - kept)
            self.assertEqual(bool(more), bool(kept))
            kept = {name for name in output if name.startswith("search/index/")}

    def test_a_build_right_after_an_edit_is_sent_from_within_the_folder(self):
        for command in (["build"], ["deploy", "--no-build"]):
            run = [PODLEAF, *command, "--quiet"]
            done = subprocess.run(
                run, cwd=self.site.root, env=self.site.environment(), capture_output=True, text=True, check=False
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        found, output = published(tree(self.folder)), self.site.output()
        self.assertEqual({name: found.get(name) for name in output}, output)

    def test_a_link_leads_nowhere_else(self):
        elsewhere = Path(tempfile.mkdtemp(prefix="podleaf-elsewhere-"))
        self.addCleanup(shutil.rmtree, elsewhere)
        (self.folder / "ferry").symlink_to(elsewhere)
        self.assertIn("a link leads out of the folder", self.deploy("--yes", code=3))
        self.assertEqual(list(elsewhere.iterdir()), [])

    def test_the_sources_are_no_target(self):
        text = (self.site.root / "podleaf.toml").read_text()
        for path in (".", "public", "public/www", ".."):
            self.site.write("podleaf.toml", text.replace(str(self.folder), path))
            self.assertIn("the sources of the site or its output are there", self.deploy(code=3))

    def test_a_full_disk_deletes_nothing(self):
        self.deploy()
        self.remove_an_episode()
        there = self.folder / "index.html"
        there.unlink()
        there.mkdir()
        (there / "in the way").write_text("")
        self.assertIn("did not arrive", self.deploy("--yes", code=3))
        self.assertTrue((self.folder / "ferry/003-tides/index.html").exists())

    def test_a_kind_of_printed_file_needs_no_site(self):
        said = self.site.deploy("--print", "nginx")
        self.assertIn("server {", said)
        self.assertIn("invalid value", self.site.deploy("--print", "geocities", code=2))

    def test_a_name_is_needed_where_there_are_several(self):
        self.site.write("podleaf.toml", self.table(self.folder) + '[deploy.other]\nkind = "folder"\npath = "x"\n')
        self.assertIn("say where to: one of `www`, `other`", self.site.deploy(code=2))
        self.assertIn("no table `[deploy.x]`", self.site.deploy("x", code=2))
        self.site.write("podleaf.toml", "")
        self.assertIn("no table `[deploy.NAME]`", self.site.deploy(code=2))


class OverSsh(Cases, Deployed):
    kills = 6

    @classmethod
    def setUpClass(cls):
        cls.sshd = Sshd()
        cls.environment = cls.sshd.environment()

    @classmethod
    def tearDownClass(cls):
        cls.sshd.stop()

    def table(self, folder: Path) -> str:
        return f'[deploy.www]\nkind = "rsync"\ndestination = "{self.sshd.destination(folder)}"\n'

    def test_a_folder_that_is_not_there_is_made(self):
        shutil.rmtree(self.folder)
        self.deploy()
        self.assert_served()

    def test_empty_folders_go_and_links_to_folders_stay(self):
        self.site.write("static/deep/deeper/deepest.txt", "x")
        self.deploy()
        (self.folder / "ferry").rename(self.folder / "real")
        (self.folder / "ferry").symlink_to("real")
        (self.folder / "deep/other").mkdir()
        shutil.rmtree(self.site.root / "static")
        for name in self.site.root.glob("content/ferry/*.m*"):
            name.unlink()
        self.site.write("content/boat/001.md", "Ann: Hello there.\n\nBo: Good day.\n\nAnn: Bye.\n\nBo: Bye.\n")
        self.deploy("--yes")
        self.assertTrue((self.folder / "ferry").is_symlink())
        self.assertEqual([path.name for path in (self.folder / "real").iterdir()], [])
        self.assertEqual([path.name for path in (self.folder / "deep").iterdir()], ["other"])
        (self.folder / "deep/other").rmdir()
        self.site.write("static/deep/deeper/deepest.txt", "x")
        self.deploy("--yes")
        shutil.rmtree(self.site.root / "static")
        self.deploy("--yes")
        self.assertFalse((self.folder / "deep").exists())

    def test_a_server_that_is_gone_is_named_as_such(self):
        gone = {"RSYNC_RSH": "ssh -p 1 -o BatchMode=yes"}
        said = self.site.deploy(code=3, **gone)
        self.assertIn("`www` is not deployed: ssh:", said)


class OtherProgram(unittest.TestCase):
    def test_a_command_gets_the_output_and_the_plan_is_kept(self):
        folder = Path(tempfile.mkdtemp(prefix="podleaf-www-"))
        self.addCleanup(shutil.rmtree, folder)
        site = Site(f"[deploy.www]\nkind = \"command\"\ncommand = 'cp -r \"$PODLEAF_OUTPUT\"/. {folder}/'\n")
        self.addCleanup(site.remove)
        site.deploy()
        self.assertEqual(published(tree(folder)), site.output())
        self.assertIn("has it all", site.deploy())
        for name in ("md", "mp3"):
            (site.root / f"content/ferry/003-tides.{name}").unlink()
        self.assertIn("`/ferry/003-tides/` is gone", site.deploy(code=4))
        text = (site.root / "podleaf.toml").read_text()
        site.write("podleaf.toml", text.replace("cp -r", "exit 7; cp -r"))
        self.assertIn("its command ended with exit status: 7", site.deploy("--yes", code=3))
        self.assertIn("`/ferry/003-tides/` is gone", site.deploy(code=4))
