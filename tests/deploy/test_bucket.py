"""Deploys to a bucket: what is sent, in what order, and what holds when requests fail."""

import threading
import unittest

from archive import LEASE, MANIFEST, Site, manifest, current, published
from crawl import missing
from servers import Moto, Proxy

moto: Moto
proxy: Proxy


def setUpModule():
    global moto, proxy
    moto = Moto()
    proxy = Proxy(moto)


def tearDownModule():
    proxy.stop()
    moto.stop()


class Deployed(unittest.TestCase):
    def setUp(self):
        moto.empty()
        proxy.forget()
        self.site = Site(proxy.table())
        self.addCleanup(self.site.remove)

    def assert_served(self, site=None):
        """The bucket is the output, byte for byte, and nothing else is in it but an index of before."""
        output, found = (site or self.site).output(), moto.files()
        self.assertEqual(sorted(current(found, output)), sorted(output))
        for name, text in output.items():
            self.assertEqual(found[name], text, name)
        self.assertNotIn(LEASE, sorted(found))


class Bucket(Deployed):
    """What is sent, deleted and refused."""

    def test_first_then_nothing_then_one_edit(self):
        said = self.site.deploy()
        self.assertIn("is deployed:", said)
        self.assert_served()
        self.assertEqual(missing(self.site.output()), [])
        for name, kind, cache in [
            ("index.html", "text/html; charset=utf-8", "public, max-age=60"),
            ("ferry/feed.xml", "application/rss+xml; charset=utf-8", "public, max-age=60"),
            ("ferry/001-bells/001-bells.mp3", "audio/mpeg", "public, max-age=86400"),
            ("ferry/001-bells/turns.json", "application/json; charset=utf-8", "public, max-age=60"),
            (next(n for n in self.site.output() if n.endswith("style.css")), "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ]:
            self.assertEqual(moto.head(name), (kind, cache), name)
        listed = [row[0] for row in manifest(moto.files()[MANIFEST])["files"]]
        self.assertEqual(listed, sorted(self.site.output(), key=lambda name: name.encode()))

        proxy.forget()
        self.assertIn("has it all", self.site.deploy())
        self.assertEqual([r.path for r in proxy.requests if r.writes], [])
        self.assertLessEqual(len(proxy.requests), 2, "nothing is listed")

        before = self.site.output()
        proxy.forget()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.deploy()
        self.assert_served()
        after = self.site.output()
        self.assertEqual(sorted(proxy.sent()), sorted(n for n, text in after.items() if before.get(n) != text))

    def test_another_machine_sends_only_what_differs(self):
        self.site.deploy()
        other = self.site.copy()
        self.addCleanup(other.remove)
        proxy.forget()
        self.assertIn("has it all", other.deploy())
        self.assertEqual(proxy.sent(), [])
        other.episode(2, "Ropes", "The harbour master.")
        other.deploy()
        self.assert_served(other)
        self.assertIn("deployed from elsewhere", self.site.deploy("--yes"))
        self.assert_served()

    def test_a_dry_run_writes_nothing(self):
        said = self.site.deploy("--dry-run")
        self.assertIn("files added, 0 changed, 0 deleted", said)
        self.assertEqual([r for r in proxy.requests if r.writes], [])
        self.assertEqual(moto.files(), {})

    def test_a_removed_page_needs_yes(self):
        self.site.deploy()
        there = moto.files()
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/003-tides.{name}").unlink()
        proxy.forget()
        said = self.site.deploy(code=4)
        self.assertIn("`/ferry/003-tides/` is gone, and nothing leads on from there", said)
        self.assertIn("--yes", said)
        self.assertIn("this needs --yes", self.site.deploy("--dry-run"))
        self.assertTrue(moto.files() == there, "nothing was written")
        self.site.deploy("--yes")
        self.assert_served()
        deleted = [index for index, request in enumerate(proxy.requests) if request.method in ("DELETE", "POST")]
        sent = [index for index, request in enumerate(proxy.requests) if request.key in proxy.sent()]
        self.assertGreater(min(deleted), max(sent), "deletions come last")

    def test_a_moved_page_leads_on_and_needs_nothing(self):
        self.site.deploy()
        text = (self.site.root / "content/ferry/002-ropes.md").read_text().replace("+++\n", '+++\nslug = "cords"\n', 1)
        self.site.write("content/ferry/002-ropes.md", text)
        # Its recording moves, too: players that know the item by its guid find it there.
        said = self.site.deploy(code=4)
        self.assertIn("the recording of", said)
        self.assertNotIn("is gone", said)
        self.assertNotIn("has no `#", said)
        self.site.deploy("--yes")
        self.assert_served()

    def test_lost_anchors_need_yes(self):
        self.site.deploy()
        text = (self.site.root / "content/ferry/002-ropes.md").read_text()
        self.site.write("content/ferry/002-ropes.md", text[: text.index("**Ann Lee:** And at night?")])
        said = self.site.deploy(code=4)
        self.assertRegex(said, r"`/ferry/002-ropes/` has no `#\w+`, `#\w+` any more")
        self.site.deploy("--yes")
        self.assert_served()

    def test_old_assets_stay_one_deploy_longer(self):
        def css():
            return next(name for name in self.site.output() if name.endswith("/style.css"))

        self.site.deploy()
        first = css()
        self.site.write("static/css/print.css", "p { color: blue }")
        self.site.deploy()
        second = css()
        self.assertNotEqual(first, second)
        self.assertIn(first, sorted(moto.files()), "pages in caches need it")
        self.assertIn("has it all", self.site.deploy())
        self.assertIn(first, sorted(moto.files()))
        self.site.write("static/css/print.css", "p { color: green }")
        self.site.deploy()
        self.assertNotIn(first, sorted(moto.files()))
        self.assertIn(second, sorted(moto.files()))

    def test_foreign_files_need_yes_and_stay(self):
        moto.set({"index.html": b"somebody else's", "other.txt": b"here"})
        self.assertIn("files are there that Podleaf did not deploy", self.site.deploy(code=4))
        self.assertEqual(moto.files(), {"index.html": b"somebody else's", "other.txt": b"here"})
        self.site.deploy("--yes")
        self.assertEqual(moto.files()["other.txt"], b"here")
        self.assertEqual(moto.files()["index.html"], self.site.output()["index.html"])

    def test_only_what_was_built_is_sent(self):
        self.assertIn("is not what the sources say", self.site.deploy("--no-build", code=4))
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.assertIn("is not what the sources say", self.site.deploy("--no-build", code=4))
        self.site.build()
        self.site.deploy("--no-build")
        self.assert_served()
        self.site.write("content/ferry/002-ropes.md", "+++\ndate = 'soon'\n+++\n")
        self.site.deploy(code=1)
        (self.site.root / "public/index.html").unlink()
        self.site.deploy("--no-build", code=4)
        self.assertIn("index.html", sorted(moto.files()))

    def test_a_broken_manifest_is_no_authority(self):
        self.site.deploy()
        moto.set(moto.files() | {MANIFEST: b"torn"})
        self.assertIn("cannot be read", self.site.deploy(code=4))

    def test_a_large_recording_is_sent_in_parts(self):
        with (self.site.root / "content/ferry/002-ropes.mp3").open("ab") as recording:
            recording.write(bytes(20 << 20))
        self.site.deploy()
        self.assert_served()

    def test_media_have_a_target_of_their_own(self):
        config = (self.site.root / "podleaf.toml").read_text()
        media = proxy.table("media") + 'files = "media"\nprefix = "media"\n'
        head, tables = config.split("[deploy", 1)
        self.site.write("podleaf.toml", f'{head}media_base_url = "https://media.example.org/"\n[deploy{tables}{media}')
        self.site.deploy("media")
        self.site.deploy("bucket", "--yes")
        found = moto.files()
        self.assertIn("media/content/ferry/001-bells.mp3", sorted(found))
        self.assertIn("https://media.example.org/content/ferry/001-bells.mp3", found["ferry/feed.xml"].decode())
        self.assertNotIn("ferry/001-bells/001-bells.mp3", sorted(found))


class Faults(Deployed):
    """What is asked twice, and what is not."""

    def edited(self):
        """The bucket has the site; the sources have an edit, a new episode and a removed one."""
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.episode(4, "Locks")
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/003-tides.{name}").unlink()
        self.site.build()
        proxy.forget()

    def deploy(self, code: int = 0, **environment) -> str:
        return self.site.deploy("--yes", "--no-build", code=code, **environment)

    def test_each_request_may_be_refused_or_cut_once(self):
        self.edited()
        start = moto.files()
        journal = (self.site.root / ".podleaf/deploy-bucket").read_bytes()
        for fault in (("answer", 503, []), ("answer", 429, []), ("cut",), ("cut after",)):
            moto.set(start)
            proxy.forget()
            (self.site.root / ".podleaf/deploy-bucket").write_bytes(journal)
            failed = set()

            def once(request):
                name = (request.method, request.path)
                return None if name in failed or failed.add(name) else fault

            proxy.fault = once
            self.deploy()
            self.assert_served()
            self.assertGreater(len(failed), 20)

    def test_a_pause_that_is_asked_for_is_kept(self):
        tried = []

        def busy(request):
            if request.method == "PUT" and request.key == "robots.txt":
                tried.append(request.at)
                if len(tried) < 3:
                    return ("answer", 503, [("Retry-After", "2")])

        proxy.fault = busy
        self.site.deploy()
        self.assert_served()
        self.assertTrue(all(later - earlier >= 2 for earlier, later in zip(tried, tried[1:])), tried)

    def test_a_lasting_failure_deletes_nothing(self):
        self.edited()
        tried = []

        def fault(request):
            if request.method == "PUT" and request.key == "index.html":
                tried.append(request)
                return ("answer", 503, [])

        proxy.fault = fault
        said = self.deploy(code=3)
        self.assertIn("1 file did not arrive", said)
        self.assertIn("`index.html`", said)
        self.assertEqual(len(tried), 5)
        self.assertEqual([r.key for r in proxy.requests if r.method == "DELETE" or "delete" in r.path], [LEASE])
        self.assertIn("ferry/003-tides/index.html", sorted(moto.files()))
        self.assertEqual(missing(moto.files()), [])
        arrived = proxy.sent()
        proxy.forget()
        self.deploy()
        self.assert_served()
        self.assertEqual(set(arrived) & set(proxy.sent()), set(), "nothing is sent twice")

    def test_killed_at_each_request_and_resumed(self):
        self.edited()
        start = moto.files()
        journal = (self.site.root / ".podleaf/deploy-bucket").read_bytes()
        self.deploy()
        n_requests = len(proxy.requests)
        end = moto.files()
        for number in range(n_requests):
            for kind in ("before", "after"):
                moto.set(start)
                proxy.forget()
                (self.site.root / ".podleaf/deploy-bucket").write_bytes(journal)
                killed = threading.Event()
                run = self.site.start("--yes", "--no-build")

                def kill(request):
                    if request.number >= number and not killed.is_set():
                        killed.set()
                        run.kill()
                        run.wait()

                def fault(request):
                    if killed.is_set():
                        return ("cut",)
                    if kind == "before":
                        kill(request)
                    return ("cut",) if killed.is_set() else None

                proxy.fault = fault
                if kind == "after":
                    proxy.after = kill
                run.communicate(timeout=60)
                self.assertEqual(missing(moto.files()), [], f"{kind} request {number}")
                first = proxy.sent()
                proxy.forget()
                self.deploy()
                self.assertEqual(published(moto.files()), published(end), f"{kind} request {number}")
                self.assertNotIn(LEASE, sorted(moto.files()))
                # What was noted as arrived is not sent again: all but what was on its way.
                self.assertLessEqual(len(set(first) & set(proxy.sent())), 16)

    def test_a_deploy_that_was_cut_short_is_mended_by_another_site(self):
        self.edited()
        proxy.fault = lambda r: ("answer", 403, []) if r.method == "PUT" and r.key == "index.html" else None
        self.deploy(code=3)
        proxy.forget()
        # Back to what was there before: the manifest must not take the half of it for the whole.
        self.site.episode(2, "Ropes")
        self.site.episode(3, "Tides")
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/004-locks.{name}").unlink()
        self.site.deploy("--yes")
        self.assert_served()

    def test_two_at_once(self):
        self.edited()
        other = self.site.copy()
        self.addCleanup(other.remove)
        other.build()
        held, go_on = threading.Event(), threading.Event()

        def hold(request):
            if request.method == "PUT" and request.key == "index.html":
                held.set()
                go_on.wait(60)

        proxy.fault = lambda request: ("call", hold)
        run = self.site.start("--yes", "--no-build")
        self.assertTrue(held.wait(60))
        there = moto.files()
        for site in (other, self.site):
            said = site.deploy("--yes", "--no-build", code=4)
            self.assertIn("is being deployed by another run", said)
        self.assertTrue(moto.files() == there, "nothing was written")
        go_on.set()
        said, _ = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, said)
        self.assert_served()

    def test_a_manifest_that_changes_meanwhile_ends_it(self):
        self.edited()
        changed = threading.Event()

        def change(request):
            if request.method == "PUT" and request.key == "robots.txt" or request.key == "index.html":
                if not changed.is_set():
                    changed.set()
                    import gzip, json

                    rows = manifest(moto.files()[MANIFEST]) | {"deploy": "f" * 32}
                    moto.set(moto.files() | {MANIFEST: gzip.compress(json.dumps(rows).encode())})

        proxy.fault = lambda request: ("call", change)
        self.assertIn("another deploy wrote to", self.deploy(code=4))
        self.assertIn("ferry/003-tides/index.html", sorted(moto.files()))

    def test_a_lease_of_another_machine_ends_by_itself(self):
        self.edited()
        there = moto.files()
        moto.set(there | {LEASE: b"f" * 32 + b" 99999999999\n"})
        self.deploy(code=4)
        moto.set(there | {LEASE: b"f" * 32 + b" 1\n"})
        self.deploy()
        self.assert_served()

    def test_no_reader_finds_a_dead_link_during_a_deploy(self):
        lock = threading.Lock()
        n_read = 0

        def read(request):
            nonlocal n_read
            if request.writes:
                with lock:
                    n_read += 1
                    self.assertEqual(missing(moto.files()), [], f"after {request.method} {request.key}")

        lost = []

        def watch(request):
            try:
                read(request)
            except AssertionError as error:
                lost.append(str(error))

        proxy.after = watch
        self.site.deploy()
        self.site.episode(2, "Ropes", "The harbour master.")
        self.site.episode(4, "Locks")
        for name in ("md", "mp3"):
            (self.site.root / f"content/ferry/003-tides.{name}").unlink()
        self.site.write("templates/components/none.html", "")
        self.site.deploy("--yes")
        self.assertEqual(lost, [])
        self.assertGreater(n_read, 100)

