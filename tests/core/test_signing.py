"""DKIM: what leaves is signed as receivers check it, over all that a reader sees, and nothing can be changed or added after it."""

from __future__ import annotations

import base64
import email
import email.policy
import subprocess
from dataclasses import replace
from pathlib import Path

import dkim
import pytest

from alliance.core import mail, transports
from alliance.core.errors import SettingsError
from alliance.core.settings import Settings
from tests.badly import BadServer, Talk

DRAFT = mail.Draft(
    to="jane@example.org", to_name="Jäne Doe", subject="Wer zahlt für die letzte Meile?", text="Grüße\n.\nFrom here\n" + "x" * 1200 + "\n",
    html="<p>Grüße</p>\n", message_id="a@example.org", in_reply_to="b@example.org", references=("c@example.org", "b@example.org"), list_id="c5.example.org",
    archive_url="https://example.org/d/1", unsubscribe_url="https://example.org/unsubscribe/" + "t" * 150, reply_to="r.1.2@example.org",
    feedback_id="reply:post:alliance:example.org",
)  # fmt: skip


@pytest.fixture(scope="module", params=["genrsa", "genrsa -traditional"])
def key(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A key as openssl makes one, and what is to stand in the DNS."""
    file = tmp_path_factory.mktemp("keys") / "key.pem"
    subprocess.run(["openssl", *request.param.split(), "-out", str(file), "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", str(file), "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return file, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def rules(key: Path, **more: object) -> Settings:
    return replace(Settings(mail_from="Alliance <mail@alliance.example>", mail_dkim_key=str(key), mail_dkim_selector="s1"), **more)  # type: ignore[arg-type]


def sent(settings: Settings, draft: mail.Draft = DRAFT) -> bytes:
    """The mail as a server takes it over the wire."""

    def take(talk: Talk) -> None:
        talk.greet("SMTPUTF8")
        talk.take()
        talk.hear()

    with BadServer(take) as server, transports.connect(replace(settings, smtp_url=server.url)) as door:
        door.send(mail.compose(draft, settings))
        return server.taken[0].replace(b"\r\n..", b"\r\n.")


def holds(content: bytes, record: bytes) -> bool:
    """Whether a receiver finds the signature good, with this in the DNS of the sender's domain."""
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    try:
        return bool(dkim.DKIM(content).verify(dnsfunc=dns))
    except dkim.DKIMException:
        return False
    finally:
        assert set(asked) <= {b"s1._domainkey.alliance.example."}


def test_what_leaves_is_signed_for_the_domain_of_its_sender(key: tuple[Path, bytes]) -> None:
    content = sent(rules(key[0]))
    assert holds(content, key[1])
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert read["Feedback-ID"] == "reply:post:alliance:example.org"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_body(("plain",)).get_content().startswith("Grüße\r\n.\r\nFrom here")  # type: ignore[union-attr]
    signed = "".join(str(read["DKIM-Signature"]).split())
    covered = set(signed.partition(";h=")[2].partition(";")[0].split(":"))
    assert {name.lower() for name in read} - {"dkim-signature", "x-auto-response-suppress", "x-alliance-loop", "list-archive"} <= covered
    assert "d=alliance.example;" in signed


def test_it_holds_for_addresses_in_letters_of_their_own_script(key: tuple[Path, bytes]) -> None:
    assert holds(sent(rules(key[0]), replace(DRAFT, to="用户@例え.jp")), key[1])


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Subject: ", b"Subject: Urgent "),
        (b"To: ", b"To: evil@example.net, "),
        (b"<a@example.org>", b"<z@example.org>"),
        (b"\r\n\r\n", b"\r\n\r\nPay here\r\n"),
        (b"Reply-To: <r", b"Reply-To: <evil"),
        (b"\r\nFrom: ", b"\r\nFrom: Evil <evil@alliance.example>\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: Another\r\nSubject: "),
    ],
)
def test_what_was_changed_or_added_on_the_way_is_noticed(key: tuple[Path, bytes], was: bytes, becomes: bytes) -> None:
    content = sent(rules(key[0]))
    assert was in content
    assert not holds(content.replace(was, becomes, 1), key[1])


def test_without_a_key_nothing_is_signed(key: tuple[Path, bytes]) -> None:
    assert b"DKIM-Signature" not in sent(Settings())


@pytest.mark.parametrize("content", [None, b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_cannot_be_used_is_one_clear_sentence(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match="ALLIANCE_MAIL_DKIM_KEY"), transports.connect(rules(file, data_dir=tmp_path)):
        pass
