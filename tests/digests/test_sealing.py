"""Whether a file in hand is what was signed: a changed letter is found, a retraction breaks nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskClient

from alliance.core import shipped
from alliance.core.errors import Invalid
from alliance.digests import queries, render, sealing, services, signing, states
from alliance.digests.models import Digest
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.policy import Actor
from tests.digests.conftest import Forum
from tests.digests.test_services import JUNE
from tests.people import People

SYSTEM = Actor.system()


@pytest.fixture
def signed(forum: Forum, people: People) -> Digest:
    forum.six_languages()
    made = services.compile_digest(SYSTEM, *JUNE)
    states.submit(people.moderator(), made)
    states.sign(people.moderator(), queries.get_digest(SYSTEM, made.id))
    return queries.get_digest(SYSTEM, made.id)


def as_file(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def test_json_is_what_was_signed(signed: Digest) -> None:
    document = sealing.published(signed)
    found = sealing.verify(as_file(document), signing.public_pem())
    assert (found.genuine, found.symbol, found.retracted) == (True, signed.symbol, 0)
    schema = json.loads(shipped.data("reference", "digest.schema.json").read_text())
    assert set(schema["required"]) <= set(document)
    assert set(document) <= set(schema["properties"])
    citation = schema["properties"]["points"]["items"]["properties"]["citations"]["items"]
    assert set(citation["required"]) <= set(document["points"][0]["citations"][0]) <= set(citation["properties"])


@pytest.mark.parametrize("place", ["quote", "sentence", "point", "figure", "citation", "signature", "dropped"])
def test_a_changed_letter_is_found(signed: Digest, place: str) -> None:
    document = json.loads(as_file(sealing.published(signed)))
    point = document["points"][0]
    if place == "quote":
        point["citations"][0]["quote"] += "."
    elif place == "sentence":
        point["sentences"][0]["shown"] += "."
    elif place == "point":
        point["text"] += "."
    elif place == "figure":
        document["figures"]["posts"] += 1
    elif place == "citation":
        point["citations"][0]["stakeholder_type"] = "media"
    elif place == "signature":
        document["signature"]["value"] = "A" * 86 + "=="
    else:
        document["points"].pop()
    assert not sealing.verify(as_file(document), signing.public_pem()).genuine


def test_what_is_retracted_leaves_the_document_and_the_seal_holds(signed: Digest, db: Any) -> None:
    cited = signed.points[0].citations[0]
    quote = cited.quote
    discussions.withdraw_post(SYSTEM, db.session().get_one(Post, cited.post_id))
    document = sealing.published(queries.get_digest(SYSTEM, signed.id))
    assert quote not in json.dumps(document, ensure_ascii=False)
    found = sealing.verify(as_file(document), signing.public_pem())
    assert found.genuine
    assert found.retracted >= 2


def test_pdf_is_what_was_signed(signed: Digest) -> None:
    pdf = sealing.stamp(signed, render.pdf(signed), "en")
    assert sealing.verify(pdf, signing.public_pem()).genuine
    assert not sealing.verify(pdf.replace(b"/Type", b"/Tipe", 1), signing.public_pem()).genuine
    with pytest.raises(Invalid):
        sealing.verify(render.pdf(signed), signing.public_pem())


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"not json", b"%PDF-1.7\n", b"\xff\xfe\x00", b'{"signature": 3}', b"[" * 100_000])
def test_what_is_no_digest_is_one_clear_error(settings: Any, content: bytes) -> None:
    with pytest.raises(Invalid):
        sealing.verify(content, signing.public_pem())


def test_another_key_does_not_hold(signed: Digest, settings: Any) -> None:
    document = as_file(sealing.published(signed))
    (settings.data_dir / signing.FILE).unlink()
    assert not sealing.verify(document, signing.public_pem()).genuine
    with pytest.raises(Invalid):
        sealing.verify(document, b"no key")


def test_by_command_and_by_page(signed: Digest, client: FlaskClient, cli: Callable[..., Result], tmp_path: Path) -> None:
    for ending in ("json", "pdf"):
        file = tmp_path / f"digest.{ending}"
        file.write_bytes(client.get(f"/digests/{signed.id}.{ending}").data)
        done = cli("digest", "verify", str(file))
        assert done.exit_code == 0, done.output
        assert signed.symbol in done.output
        file.write_bytes(file.read_bytes().replace(b"2026", b"2027"))
        done = cli("digest", "verify", str(file))
        assert done.exit_code == 1
        assert "is not what was signed" in done.output
    assert client.get("/.well-known/alliance-digest-key.pem").data == signing.public_pem()
    assert client.get("/digests/schema.json").json["title"]
    assert sealing.checksum(signed) in client.get(f"/digests/{signed.id}").text


def test_the_key_is_nobody_elses_to_read(settings: Any, signed: Digest) -> None:
    assert (settings.data_dir / signing.FILE).stat().st_mode & 0o077 == 0
