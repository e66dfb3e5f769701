"""A folder in which real servers are started, and rz is asked about them: for scripts/show_checks."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time

PYTHON = "/usr/bin/python3"  # That of Debian's packages.
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


class Missing(Exception):
    """A program is not installed."""


def program(*names):
    for name in names:
        found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/lib/nagios/plugins:/usr/lib/postgresql/15/bin")
        if found:
            return found
    raise Missing(names[0])


def unused_port():
    """A port of 127.0.0.1 that is free for TCP and UDP; somebody else may take it before a server does."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


def row(*cells):
    print("| " + " | ".join(str(each).replace("|", "\\|") for each in cells) + " |", flush=True)


class Workshop:
    """A folder, the servers that run in it, and the rows of the table."""

    def __init__(self, rz, folder):
        self.rz = rz
        self.folder = folder
        self.running = []
        self.type = ""
        self.closed = unused_port()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, *argv, port=None, file=None, **options):
        """Starts a server; waits until it takes connections at `port`, or has written `file`."""
        with open(self.path("log"), "ab") as log:
            server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **options)
        self.running.append(server)
        end = time.monotonic() + 60
        while not self.serves(port, file):
            if time.monotonic() > end or server.poll() is not None:
                raise RuntimeError(f"{argv[0]} does not serve; see {self.path('log')}")
            time.sleep(0.05)
        return server

    @staticmethod
    def serves(port, file):
        if file and not os.path.exists(file):
            return False
        try:
            if port:
                socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def stop(self, server=None):
        for each in [server] if server else list(self.running):
            each.send_signal(signal.SIGKILL)
            each.wait()
            self.running.remove(each)

    @contextlib.contextmanager
    def paused(self, server):
        server.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server.send_signal(signal.SIGCONT)

    def run(self, *arguments, **environment):
        return subprocess.run([self.rz, *arguments], capture_output=True, check=False,
                              env={**os.environ, "HOME": self.folder, **environment})

    def ask(self, *checks, storage=None, **environment):
        """What rz says of the last of `checks`."""
        url = storage or f"sqlite:{self.path('rz.db')}"
        text = f'storage: {{url: "{url}", timeout: 1s, max_retries: 0}}\nhealth:\n  checks:\n'
        config = self.write("rz.yaml", text + "".join(f"    - {{{each}}}\n" for each in checks))
        ran = self.run("health", "--config", config, "--format", "json", **environment)
        if any(byte < 32 and byte != 10 for byte in ran.stdout):
            return {"status": "broken", "message": "the report has control bytes in it"}
        report = json.loads(ran.stdout)
        return report["checks"][-1] if "checks" in report else {"status": "refused", "message": report["error"]["message"]}

    def show(self, real, broken, check, *others, **options):
        """A row: what rz says of the check of this type with the keys `check`."""
        found = self.ask(*others, f"type: {self.type}, name: it, {check}", **options)
        row(self.type, real, broken, found["status"], found["message"])

    def certificate(self, name, subject, *options):
        """A certificate of the folder's authority, as `NAME.pem` and `NAME.key`."""
        openssl = program("openssl")
        run = lambda *argv: subprocess.run([openssl, *argv], check=True, capture_output=True, cwd=self.folder)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        if not os.path.exists(self.path("ca.pem")):
            run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "90", "-subj", "/CN=authority")
        if name == "self":
            run("req", "-x509", *key, "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=self", "-addext",
                f"subjectAltName={subject}")
            return
        run("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        names = self.write("names", f"subjectAltName={subject}\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem",
            "-extfile", names, *options)
