"""A private Postfix, set up as `deploy/postfix/README.md` says, and a milter in the place of rspamd."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import smtplib
import socketserver
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services import free_port

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "deploy" / "postfix" / "README.md"
READY_SECONDS = 60
OWN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
alias_maps =
local_recipient_maps =
default_transport = discard:
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD LD_LIBRARY_PATH FAKEROOTKEY
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
"""
# Of the library's master.cf, without chroot and without what a test does not need.
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def example() -> str:
    """What the README says main.cf has to hold."""
    found = re.search(r"^`main\.cf`:\n\n((?:    .*\n|\n)+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return re.sub(r"^    ", "", found[1], flags=re.MULTILINE)


@dataclass(slots=True)
class Postfix:
    """A running one.

    Attributes:
        port: where it takes mail.
        folder: of its settings, queue and log.
        lmtp: where it hands over what is for us.
    """

    port: int
    folder: Path
    lmtp: int

    def send(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Hand it a mail, as any server would."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.sendmail(sender, recipients, raw, mail_options=["SMTPUTF8"] if not all(one.isascii() for one in recipients) else [])

    def waiting(self) -> list[str]:
        """The mails in its queue."""
        folders = ("incoming", "active", "deferred", "maildrop")
        return [str(one) for name in folders for one in (self.folder / "spool" / name).rglob("*") if one.is_file()]

    def log(self) -> str:
        """What it wrote down."""
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def until(self, done: Any) -> None:
        """Wait for something."""
        end = time.monotonic() + READY_SECONDS
        while not done():
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)


class _Rspamd(socketserver.StreamRequestHandler):
    """What a milter does that checks senders: findings of others in our name go, its own come; here, whoever writes from example.org is proven."""

    def handle(self) -> None:
        """One mail after another."""
        said: list[tuple[str, str]] = []
        while len(head := self.rfile.read(4)) == 4:
            packet = self.rfile.read(struct.unpack("!I", head)[0])
            command, data = packet[:1], packet[1:]
            if command == b"Q":
                return
            if command == b"O":
                offered = struct.unpack("!III", data)
                self._say(b"O", struct.pack("!III", 6, 0x01 | 0x10, offered[2] & 0x35F))  # all steps left out but the headers and the end
            elif command == b"L":
                name, value = data.split(b"\0")[:2]
                said.append((name.decode().lower(), value.decode("utf-8", "replace")))
                self._say(b"c")
            elif command == b"E":
                self._judge(said)
                said = []
            elif command not in {b"D", b"A"}:
                self._say(b"c")

    def _judge(self, said: list[tuple[str, str]]) -> None:
        results = [value for name, value in said if name == "authentication-results"]
        for place in range(len(results), 0, -1):
            if results[place - 1].strip().startswith("mx.example.org"):
                self._say(b"m", struct.pack("!I", place) + b"Authentication-Results\0\0")
        good = any(name == "from" and "@example.org" in value for name, value in said)
        self._say(b"h", f"Authentication-Results\0mx.example.org; dmarc={'pass' if good else 'fail'}\0".encode())
        self._say(b"c")

    def _say(self, command: bytes, data: bytes = b"") -> None:
        self.wfile.write(struct.pack("!I", 1 + len(data)) + command + data)


@contextmanager
def milter() -> Iterator[int]:
    """A milter; yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Rspamd) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@contextmanager
def postfix() -> Iterator[Postfix]:
    """A Postfix of the test's own, as the README has it but for the ports."""
    program = Path("/usr/lib/postfix/sbin/master")
    fake = [] if os.geteuid() == 0 else ["fakeroot-tcp", "--"]  # Postfix is started by root only, or by who thinks to be
    if not program.exists() or (fake and shutil.which(fake[0]) is None):
        raise RuntimeError("the tests need postfix (and fakeroot, where one is not root): make system")
    with tempfile.TemporaryDirectory(prefix="alliance-test-") as made, milter() as milter_port:
        folder = Path(made)
        running = Postfix(free_port(), folder, free_port())
        _set_up(running, milter_port)
        settings = str(folder / "conf")
        checked = subprocess.run([*fake, "/usr/sbin/postfix", "-c", settings, "check"], capture_output=True, text=True, check=False)
        if checked.returncode:
            raise RuntimeError(f"Postfix does not take its settings: {checked.stdout}{checked.stderr}{running.log()}")
        process = subprocess.Popen([*fake, str(program), "-c", settings, "-d"], cwd="/", start_new_session=True, stdin=subprocess.DEVNULL)
        try:
            running.until(lambda: _answers(running.port))
            yield running
        finally:
            with contextlib.suppress(OSError, ValueError):  # the master alone: fakeroot clears up after it
                os.kill(int((folder / "spool/pid/master.pid").read_text()), signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _set_up(running: Postfix, milter_port: int) -> None:
    folder = running.folder
    folder.chmod(0o755)
    for name in ("conf", "spool", "data"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    wanted = example()
    for documented, real in (("127.0.0.1:8024", f"127.0.0.1:{running.lmtp}"), ("127.0.0.1:11332", f"127.0.0.1:{milter_port}")):
        assert documented in wanted
        wanted = wanted.replace(documented, real)
    (folder / "conf/main.cf").write_text(OWN.format(folder=folder).lstrip() + wanted)
    (folder / "conf/master.cf").write_text(MASTER.format(port=running.port).lstrip())
    if os.geteuid() == 0:
        shutil.chown(folder / "data", "postfix")


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
            return client.ehlo()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False
