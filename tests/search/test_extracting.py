"""The text of attached documents, from strangers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from alliance.attachments import services as attachments
from alliance.discussions import services as discussions
from alliance.policy import Actor
from alliance.search import extracting, files, finding, services
from alliance.search.extracting import DOCX, ODT, PDF, TXT, Unreadable
from alliance.search.finding import Wish
from tests.attachments import samples
from tests.search.conftest import Forum

BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'


def packed(part: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    return made.getvalue()


def pdf(text: str) -> bytes:
    """A page with a line of text, as small as can be."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    parts = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >> stream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)


DOCUMENT = '<w:document xmlns:w="w"><w:p><w:t>Zeppelins</w:t><w:t> carry</w:t></w:p><w:p><w:t>антенны</w:t></w:p></w:document>'.encode()
CONTENT = '<o:document xmlns:o="o"><o:h>Zeppelins</o:h><o:p>carry <o:span>أبراج</o:span></o:p></o:document>'.encode()


@pytest.mark.parametrize(
    ("media_type", "data", "text"),
    [
        (DOCX, packed("word/document.xml", DOCUMENT), "Zeppelins carry\nантенны"),
        (ODT, packed("content.xml", CONTENT), "Zeppelins\ncarry أبراج"),
        (PDF, pdf("Zeppelins carry masts"), "Zeppelins carry masts"),
        (TXT, "Zeppelins\x00 信息".encode(), "Zeppelins\ufffd 信息"),
        (TXT, "\ufeffZeppelins".encode("utf-16-le"), "Zeppelins"),
    ],
    ids=["docx", "odt", "pdf", "utf-8", "utf-16"],
)
def test_text_is_read(tmp_path: Path, media_type: str, data: bytes, text: str) -> None:
    (tmp_path / "file").write_bytes(data)
    assert extracting.text_of(tmp_path / "file", media_type).strip() == text


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        (DOCX, packed("word/document.xml", BOMB)),
        (DOCX, packed("other.xml", b"<a/>")),
        (DOCX, b"no archive"),
        (ODT, packed("content.xml", b"<a><b>")[:40]),
        (PDF, b"%PDF-1.7\n" + bytes(2000)),
    ],
    ids=["bomb", "no document", "no archive", "half an archive", "no page"],  # archives know when they were packed: names must not
)
def test_what_cannot_be_read_says_so(tmp_path: Path, media_type: str, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(Unreadable):
        extracting.text_of(tmp_path / "file", media_type)


def test_a_locked_pdf_and_one_without_end(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(tmp_path / "locked")
    with pytest.raises(Unreadable):
        extracting.text_of(tmp_path / "locked", PDF)
    (tmp_path / "long").write_bytes(packed("word/document.xml", b"<a>" + b"word " * 2_000_000 + b"</a>"))
    assert len(extracting.text_of(tmp_path / "long", DOCX)) == extracting.MOST_CHARACTERS


def test_attached_documents_are_found_by_their_text(forum: Forum, drain: Callable[[], int]) -> None:
    file = attachments.receive(forum.amina, "report.txt", io.BytesIO(b"Zeppelins carry antennas."))
    post = forum.open("With a file", f"See [the report](/attachments/{file.key}/{file.name}).")
    other = samples.office()
    broken = attachments.receive(forum.amina, "broken.docx", io.BytesIO(other))
    forum.reply(post, f"And [this](/attachments/{broken.key}/{broken.name}).", forum.amina)
    drain()
    files.read_files()
    drain()
    guest = Actor.guest()
    query, _wrong = finding.ask(guest, "zeppelins", {})
    [found] = finding.look(guest, query, Wish(kinds=None, grouped=True, facets=True)).results
    assert (found.kind, found.thing.post_id, "Zeppelins" in found.excerpt) == ("document", post, True)
    query, _wrong = finding.ask(guest, "see has:attachment", {})
    assert [result.post.id for result in finding.find(guest, query).results] == [post]
    forum.withdraw(post, forum.amina)
    query, _wrong = finding.ask(guest, "zeppelins", {})
    assert finding.look(guest, query, Wish(kinds=None, facets=True)).total == 0


def test_a_file_that_is_taken_out_of_its_post_is_found_no_more(forum: Forum, drain: Callable[[], int]) -> None:
    file = attachments.receive(forum.amina, "report.txt", io.BytesIO(b"Zeppelins carry antennas."))
    link = f"[the report](/attachments/{file.key}/{file.name})"
    post = forum.open("With a file", f"See {link}.")
    drain()
    files.read_files()
    drain()

    def total(actor: Actor) -> tuple[int | None, int]:
        found = finding.look(actor, finding.ask(actor, "zeppelins", {})[0], Wish(kinds=None, facets=True))
        return found.total, len(found.results)

    assert total(Actor.guest()) == total(forum.amina) == (1, 1)
    discussions.edit_post(forum.amina, forum.post(post), "See nothing.", expected_revision=1)
    assert total(Actor.guest()) == total(forum.amina) == (0, 0)
    drain()
    assert total(Actor.guest()) == total(forum.amina) == (0, 0)
    assert not services.compare()
    reply = forum.reply(post, f"Here it is: {link}.", forum.amina)
    drain()
    assert total(Actor.guest()) == (1, 1)
    discussions.edit_post(forum.amina, forum.post(reply), "See nothing.", expected_revision=1)
    forum.reply(post, f"There it is: {link}.", forum.amina)
    assert total(Actor.guest()) == (1, 1)  # in another post before the index has heard of it
