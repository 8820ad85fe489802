"""The recipes for nginx and Caddy, loaded into these servers: each file arrives as a deploy to a bucket describes it."""

import http.client
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from archive import MANIFEST, PODLEAF, Site, manifest, tree
from servers import free_port, wait_for

# What players on other sites read.
SHARED = re.compile(r"(^|/)(feed\.xml|atom\.xml|feed\.json|turns\.json|(transcript|chapters)\.[a-z]+)$")
# Two names for one thing: RFC 7303 §4.2, RFC 9239 §6.
SAME = {"text/xml": "application/xml", "application/javascript": "text/javascript"}


def kind(text: str) -> str:
    bare, *rest = text.lower().split(";")
    return ";".join([SAME.get(bare, bare), *rest])


class WebServer:
    """A deployed folder behind a server."""

    maxDiff = None
    program: str
    recipe: str

    def setUp(self):
        self.work = Path(tempfile.mkdtemp(prefix="podleaf-web-"))
        self.addCleanup(shutil.rmtree, self.work, True)
        self.work.chmod(0o755)
        self.folder = self.work / "www"
        site = Site(f'[deploy.www]\nkind = "folder"\npath = "{self.folder}"\n')
        self.addCleanup(site.remove)
        site.write("static/words.js", "export const one = 1;\n")
        site.deploy()
        self.port = free_port()
        print_recipe = [PODLEAF, "deploy", "--print", self.recipe]
        recipe = subprocess.run(print_recipe, check=True, capture_output=True, text=True).stdout
        program = shutil.which(self.program, path=f"{os.environ['PATH']}:/usr/sbin")
        self.assertTrue(program, f"needs Debian's {self.program}")
        log = (self.work / "log").open("wb")
        self.addCleanup(log.close)
        environment = os.environ | {"HOME": str(self.work), "XDG_DATA_HOME": str(self.work)}
        arguments = self.arguments(recipe)
        server = subprocess.Popen([program, *arguments], cwd=self.work, env=environment, stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        try:
            wait_for(self.port)
        except AssertionError:
            self.fail((self.work / "log").read_text())

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path, headers={"Host": "example.org"})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def test_each_file_arrives_as_it_is_meant(self):
        files = tree(self.folder)
        listed = manifest(files[MANIFEST])["files"]
        wrong = []
        for name, _, _, meant, cache, *_ in listed:
            if name == "_headers":
                continue
            address = "/" + name.removesuffix("index.html")
            status, headers, body = self.get(address)
            found = (status, kind(headers.get("content-type", "")), headers.get("cache-control"))
            if found != (200, kind(meant), cache):
                wrong.append(f"{address}: {found} in place of {meant}, {cache}")
            if body != files[name]:
                wrong.append(f"{address}: other bytes")
            if (headers.get("access-control-allow-origin") == "*") != bool(SHARED.search(name)):
                wrong.append(f"{address}: may it be read from elsewhere?")
        self.assertEqual("\n".join(wrong), "")
        self.assertGreater(sum(bool(SHARED.search(name)) for name, *_ in listed), 10)

    def test_what_is_no_page_is_the_page_of_the_missing(self):
        missing = (self.folder / "404.html").read_bytes()
        for address in ("/none/", "/ferry/none.html", "/_headers", "/_redirects", "/.podleaf-site.json.gz"):
            status, headers, body = self.get(address)
            self.assertEqual((status, body == missing), (404, True), address)
            self.assertEqual(headers["content-type"].lower(), "text/html; charset=utf-8")


class Nginx(WebServer, unittest.TestCase):
    program = "nginx"
    recipe = "nginx"

    def arguments(self, recipe: str) -> list[str]:
        recipe = recipe.replace("listen 80;", f"listen 127.0.0.1:{self.port};").replace("    listen [::]:80;\n", "")
        recipe = recipe.replace("/srv/www/archive;", f"{self.folder};").replace("mime.types", "/etc/nginx/mime.types")
        paths = [f"{name}_temp_path temp-{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
        main = "daemon off;\nuser root;\npid pid;\nerror_log stderr;\nevents { }\n"
        http = f"http {{\naccess_log off;\n{' '.join(paths)}\n{recipe}\n}}\n"
        (self.work / "nginx.conf").write_text(main + http)
        return ["-p", str(self.work), "-c", str(self.work / "nginx.conf")]


class Caddy(WebServer, unittest.TestCase):
    program = "caddy"
    recipe = "caddy"

    def arguments(self, recipe: str) -> list[str]:
        recipe = recipe.replace("\nexample.org {", f"\nhttp://example.org:{self.port} {{")
        recipe = re.sub(r"root \* \S+", f"root * {self.folder}", recipe)
        (self.work / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + recipe)
        return ["run", "--config", str(self.work / "Caddyfile"), "--adapter", "caddyfile"]
