"""The servers that sites are deployed to: moto's S3 over HTTP, a proxy with faults before it, and sshd."""

import getpass
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable

import boto3
from botocore.config import Config

from archive import ACCESS_KEY, SECRET_KEY

BUCKET = "archive"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at port {port}")


class Moto:
    """An S3 server in a process of its own."""

    def __init__(self):
        self.port = free_port()
        program = "from moto.server import main; import sys; sys.exit(main(['-H', '127.0.0.1', '-p', sys.argv[1]]))"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([sys.executable, "-c", program, str(self.port)], **quiet)
        wait_for(self.port)
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(s3={"addressing_style": "path"}),
        )
        self.known: dict[str, tuple[str, bytes]] = {}

    def empty(self) -> None:
        """An empty bucket."""
        names = [bucket["Name"] for bucket in self.client.list_buckets()["Buckets"]]
        if BUCKET not in names:
            self.client.create_bucket(Bucket=BUCKET)
        for name in self.files():
            self.client.delete_object(Bucket=BUCKET, Key=name)

    def files(self) -> dict[str, bytes]:
        """All objects by key. What has the same ETag as before is not fetched again."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        found = {}
        for item in (item for page in pages for item in page.get("Contents", [])):
            key, tag = item["Key"], item["ETag"]
            if self.known.get(key, ("", b""))[0] != tag:
                try:
                    body = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
                except self.client.exceptions.NoSuchKey:
                    continue
                self.known[key] = (tag, body)
            found[key] = self.known[key][1]
        return found

    def set(self, files: dict[str, bytes]) -> None:
        """Makes the bucket hold these files and no others."""
        there = self.files()
        for name in there.keys() - files.keys():
            self.client.delete_object(Bucket=BUCKET, Key=name)
        for name, body in files.items():
            if there.get(name) != body:
                self.client.put_object(Bucket=BUCKET, Key=name, Body=body)

    def head(self, name: str) -> tuple[str, str]:
        """Type and caching of an object."""
        found = self.client.head_object(Bucket=BUCKET, Key=name)
        return found["ContentType"], found.get("CacheControl", "")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@dataclass
class Request:
    """A request that came through the proxy."""

    number: int
    method: str
    path: str
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    body: bytes = b""

    @property
    def key(self) -> str:
        """The key of the object."""
        from urllib.parse import unquote

        return unquote(self.path.split("?")[0]).removeprefix(f"/{BUCKET}").removeprefix("/")

    @property
    def writes(self) -> bool:
        return self.method in ("PUT", "POST", "DELETE")


# What happens to a request: `None` lets it pass.
#   ("answer", status, headers, body)  the server is not asked; there may be no body
#   ("cut",)                           the connection ends, and the server is not asked
#   ("cut after",)                     the server is asked, and the connection ends in place of the answer
#   ("call", function)                 the function is called with the request, and it passes
Fault = Callable[[Request], tuple | None]


class Proxy:
    """A server before moto that has the faults that it is told to have, and remembers all requests."""

    def __init__(self, moto: Moto):
        self.fault: Fault = lambda request: None
        self.after: Callable[[Request], None] = lambda request: None
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Without it each answer waits for the acknowledgement of its head.
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, ValueError):
                    self.close_connection = True

            def relay(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with proxy.lock:
                    request = Request(len(proxy.requests), self.command, self.path, dict(self.headers))
                    request.body = body
                    proxy.requests.append(request)
                fault = proxy.fault(request)
                kind = fault[0] if fault else ""
                if kind == "answer":
                    return self.answer(request, fault[1], fault[2], *fault[3:] or (b"",))
                if kind == "cut":
                    return self.cut()
                if kind == "call":
                    fault[1](request)
                server = http.client.HTTPConnection("127.0.0.1", moto.port)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "transfer-encoding")}
                server.request(self.command, self.path, body, headers)
                response = server.getresponse()
                text = response.read()
                request.status = response.status
                server.close()
                proxy.after(request)
                if kind == "cut after":
                    return self.cut()
                hidden = ("connection", "transfer-encoding", "content-length")
                kept = [(k, v) for k, v in response.getheaders() if k.lower() not in hidden]
                length = response.getheader("Content-Length") if self.command == "HEAD" else None
                self.answer(request, response.status, kept, text, length)

            def answer(self, request, status, headers, text, length=None):
                request.status = status
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", length or str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                self.wfile.flush()

            def cut(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = relay

        ThreadingHTTPServer.daemon_threads = True
        ThreadingHTTPServer.request_queue_size = 64
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        """Without faults, and as if nothing had happened."""
        self.fault = lambda request: None
        self.after = lambda request: None
        self.requests = []

    def sent(self) -> list[str]:
        """The keys of the site's files that were written, in order."""
        puts = [request.key for request in self.requests if request.method == "PUT" and request.status == 200]
        return [key for key in puts if not key.startswith(".podleaf-")]

    def table(self, name: str = "bucket") -> str:
        """The table of podleaf.toml for the bucket behind it."""
        return (
            f'[deploy.{name}]\nkind = "s3"\nbucket = "{BUCKET}"\npath_style = true\n'
            f'endpoint = "http://127.0.0.1:{self.port}"\nregion = "us-east-1"\n'
        )

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Sshd:
    """An sshd of our own with one key, for whoever runs the tests."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="podleaf-sshd-"))
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        (self.folder / "config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.folder}/user.pub\nStrictModes no\nPasswordAuthentication no\n"
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        program = shutil.which("sshd") or "/usr/sbin/sshd"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([program, "-D", "-e", "-f", self.folder / "config"], **quiet)
        wait_for(self.port)

    def environment(self) -> dict[str, str]:
        known = f"-o UserKnownHostsFile={self.folder}/known -o StrictHostKeyChecking=accept-new"
        return {"RSYNC_RSH": f"ssh -p {self.port} -i {self.folder}/user -o BatchMode=yes {known}"}

    def destination(self, path: Path) -> str:
        return f"{getpass.getuser()}@127.0.0.1:{path}/"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


class GitHost:
    """A host of git repositories over HTTP. Its first requests fail: `faults` of each kind that is asked for."""

    def __init__(self, folder: Path, faults: int):
        left: dict[str, int] = {}

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                left[path + query] = left.get(path + query, faults) - 1
                if left[path + query] >= 0:
                    self.send_error(503)
                    return
                asked = {
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                run = ["git", "http-backend"]
                said = subprocess.run(run, input=body, capture_output=True, check=True, env=os.environ | asked).stdout
                head, _, body = said.partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.send_response(int(headers.pop("Status", "200")[:3]))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.left = left
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
