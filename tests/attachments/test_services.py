"""What files are taken, as what, and whose they are then."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from alliance.attachments import documents, queries, services, store
from alliance.attachments.models import Attachment
from alliance.core import db as database
from alliance.core import settings as settings_module
from alliance.core.errors import Invalid, NotFound, Refused, TooLarge
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.moderation import services as moderation
from alliance.policy import Actor
from tests import discussing
from tests.attachments import samples
from tests.people import People


def take(actor: Actor, data: bytes, name: str = "a", alternative: str = "") -> Attachment:
    made = services.receive(actor, name, io.BytesIO(data), alternative)
    database.session().refresh(made)
    database.session().expunge(made)
    return made


def kept(one: Attachment, part: str = store.FILE) -> bytes:
    return store.path(one.key, part).read_bytes()


def row(one: Attachment) -> Attachment:
    return database.session().scalars(select(Attachment).where(Attachment.key == one.key).execution_options(populate_existing=True)).one()


def readable(actor: Actor, one: Attachment) -> bool:
    try:
        return queries.get(actor, one.key) is not None
    except NotFound:
        return False


@pytest.mark.parametrize(
    ("data", "name", "media_type", "shown"),
    [
        (samples.picture("JPEG"), "IMG_1.JPEG", "image/jpeg", "IMG_1.JPEG"),
        (samples.picture("JPEG", mode="CMYK", colour=(0, 0, 0, 0)), "scan", "image/jpeg", "scan.jpg"),
        (samples.picture("PNG"), "x.exe", "image/png", "x.png"),
        (samples.picture("PNG", mode="RGBA", colour=(1, 2, 3, 4)), "x.png", "image/png", "x.png"),
        (samples.picture("PNG", mode="P", colour=1), "x.png", "image/png", "x.png"),
        (samples.picture("PNG", mode="I;16", colour=32768), "x.png", "image/png", "x.png"),
        (samples.picture("GIF", mode="P", colour=1), "x.gif", "image/png", "x.png"),
        (samples.picture("WEBP"), "x.webp", "image/webp", "x.webp"),
        (samples.PDF, "Rapport final.PDF", "application/pdf", "Rapport final.PDF"),
        (samples.PDF, "report v1.2", "application/pdf", "report v1.2.pdf"),
        (samples.office(), "a.docx", documents.OFFICE["word/document.xml"].media_type, "a.docx"),
        (samples.office("xl/workbook.xml", "spreadsheetml.sheet"), "a.zip", documents.OFFICE["xl/workbook.xml"].media_type, "a.xlsx"),
        (
            samples.office("ppt/presentation.xml", "presentationml.presentation"),
            "a.pptx",
            documents.OFFICE["ppt/presentation.xml"].media_type,
            "a.pptx",
        ),
        (samples.open_document(), "a.odt", "application/vnd.oasis.opendocument.text", "a.odt"),
        (samples.open_document("spreadsheet"), "a.ods", "application/vnd.oasis.opendocument.spreadsheet", "a.ods"),
        (b"name,country\nAmina,KE\n", "list.csv", "text/csv", "list.csv"),
        ("تقرير\nsecond line".encode(), "evil.bat", "text/plain", "evil.txt"),
        ("текст".encode("utf-16"), "notes.txt", "text/plain", "notes.txt"),
    ],
)
def test_the_content_says_what_a_file_is(people: People, data: bytes, name: str, media_type: str, shown: str) -> None:
    one = take(people.participant(), data, name)
    assert (one.media_type, one.name) == (media_type, shown)
    assert one.size == len(kept(one))
    if one.kind == "image":
        with Image.open(io.BytesIO(kept(one))) as made, Image.open(io.BytesIO(kept(one, store.THUMBNAIL))) as small:
            assert made.size == (one.width, one.height)
            assert small.format == "WEBP"
            assert made.get_format_mimetype() == media_type
    else:
        assert kept(one) == data


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "empty.pdf", "The file is empty."),
        (samples.EXE, "invoice.pdf", "not taken"),
        (samples.SVG, "drawing.svg", "not taken"),
        (samples.SVG, "drawing.png", "not taken"),
        (samples.HTML, "page.txt", "not taken"),
        (b"\xef\xbb\xbf  " + samples.HTML, "page.csv", "not taken"),
        (b"\xff\xfe\x00", "half.txt", "not taken"),
        (b"caf\xe9", "latin.txt", "not taken"),
        (b"%!PS-Adobe-3.0\x00", "a.pdf", "not taken"),
        (b"PK\x03\x04 and nothing more", "a.docx", "not taken"),
        (samples.packed({"a.txt": b"x"}), "a.docx", "not taken"),
        (samples.office(kind="wordprocessingml.template"), "a.docx", "not taken"),
        (samples.EXE + samples.office(), "a.docx", "not taken"),
        (samples.office(**{"word/vbaProject.bin": b"x"}), "a.docx", "macros"),
        (samples.office(kind="macroEnabled"), "a.docm", "macros"),
        (samples.open_document(**{"Basic/Standard/Module1.xml": b"x"}), "a.odt", "macros"),
        (samples.office(**{"word/big.xml": bytes(301 * 2**20)}), "a.docx", "unpacks"),
        (samples.packed({f"{n}": b"" for n in range(5001)}), "a.docx", "unpacks"),
        (samples.picture("JPEG")[:400], "cut.jpg", "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "broken.png", "broken"),
        (b"GIF89a", "short.gif", "broken"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\xff" * 20, "huge.webp", "too many pixels"),
        (samples.picture("JPEG") + b"\xff\xda" * 200, "slow.jpg", "broken"),
        (samples.picture("WEBP", (4001, 4000)), "large.webp", "too many pixels"),
        (samples.bomb(), "bomb.png", "too many pixels"),
        (samples.bomb(5_001, 5_000), "bomb.png", "too many pixels"),
        (samples.bomb(30_000, 1), "line.png", "too many pixels"),
    ],
)
def test_what_is_not_taken_leaves_nothing(people: People, data: bytes, name: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        take(people.participant(), data, name)
    assert [file for file in store.folder().rglob("*") if file.is_file()] == []
    assert database.session().scalars(select(Attachment)).all() == []


def test_a_bomb_is_refused_before_it_is_decoded(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_arguments: Any) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "thumbnail", decoded)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    with pytest.raises(Invalid, match="too many pixels"):
        take(people.participant(), samples.bomb())


def test_a_photo_keeps_nothing_but_what_one_sees(people: People) -> None:
    one = take(people.participant(), samples.photo_with_place(), "photo.jpg")
    assert (one.width, one.height) == (40, 80)  # upright
    for data in (kept(one), kept(one, store.THUMBNAIL)):
        with Image.open(io.BytesIO(data)) as made:
            assert dict(made.getexif()) == {}
            assert not made.info.keys() & {"exif", "icc_profile", "comment", "xmp"}
        assert b"ecret" not in data
        assert b"Exif" not in data


def test_what_hides_behind_a_picture_is_gone(people: People) -> None:
    one = take(people.participant(), samples.picture("PNG") + samples.HTML, "both.html")
    assert one.name == "both.png"
    assert b"script" not in kept(one)


def test_large_pictures_become_as_large_as_a_screen(people: People) -> None:
    one = take(people.participant(), samples.picture("PNG", (4000, 1000)), "wide.png")
    assert (one.width, one.height) == (2560, 640)
    with Image.open(io.BytesIO(kept(one, store.THUMBNAIL))) as small:
        assert small.size == (640, 160) == queries.small_size(one)


def test_a_photo_sent_as_png_is_kept_as_a_photo(people: People) -> None:
    out = io.BytesIO()
    Image.merge("RGB", [Image.effect_noise((1200, 1000), 90) for _channel in "RGB"]).save(out, "PNG")
    one = take(people.participant(), out.getvalue(), "photo.png")
    assert (one.name, one.media_type) == ("photo.webp", "image/webp")
    assert one.size < 2 * 2**20


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\Report.pdf", "Report.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("photo\u202efdp.exe", "photofdp.pdf"),
        ("\ud800x.pdf", "x.pdf"),
        ("a\r\nContent-Type: text/html.pdf", "html.pdf"),
        ("x" * 5000 + ".pdf", "x" * 116 + ".pdf"),
        ("تقرير ٢٠٢٦.pdf", "تقرير ٢٠٢٦.pdf"),
        ("a.tar.gz", "a.tar.pdf"),
        (".htaccess", "htaccess.pdf"),
    ],
)
def test_names_are_one_harmless_line(people: People, name: str, shown: str) -> None:
    one = take(people.participant(), samples.PDF, name)
    assert one.name == shown
    assert re.fullmatch("[0-9a-f]{32}", one.key)
    assert store.path(one.key).parent.parent == store.folder()


def test_sizes_and_volumes_are_bounded(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_module.use(replace(settings_module.current(), upload_megabytes=1))
    author = people.participant()
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        take(author, samples.PDF + bytes(2**20))
    monkeypatch.setattr(services, "DAILY", 0.001)
    take(author, samples.PDF + bytes(900))
    with pytest.raises(Invalid, match="within a day"):
        take(author, samples.PDF + bytes(901))
    take(people.participant(), samples.PDF)


def test_only_those_who_may_act_attach(actors: dict[str, Actor]) -> None:
    for name in ("guest", "unconfirmed", "suspended", "system"):
        with pytest.raises(Refused):
            take(actors[name], samples.PDF)


def test_sent_again_it_is_the_same_file(people: People) -> None:
    author = people.participant()
    first, second = take(author, samples.PDF, "a.pdf"), take(author, samples.PDF, "a.pdf", "words")
    assert first.key == second.key
    assert take(author, samples.PDF, "b.pdf").key != first.key
    assert take(people.participant(), samples.PDF, "a.pdf").key != first.key


def test_a_post_takes_the_files_it_refers_to(people: People) -> None:
    author, other, guest = people.participant(), people.participant(), Actor.guest()
    mine, kept_back, theirs = take(author, samples.picture()), take(author, samples.PDF), take(other, samples.PDF)
    assert readable(author, mine)
    assert not readable(other, mine)
    assert not readable(guest, mine)
    body = f"Look: ![a red \\[field\\]](/attachments/{mine.key}/a.png) and [theirs](/attachments/{theirs.key}/a.pdf)"
    found = discussing.discussion(author, body=body)
    post_id = discussing.opening(found).id
    assert row(mine).post_id == post_id
    assert row(mine).alternative == "a red [field]"
    assert row(theirs).post_id is None
    assert row(kept_back).post_id is None
    assert readable(guest, mine)
    assert not readable(guest, theirs)
    assert not readable(author, theirs)
    html = discussing.opening(found).html
    assert f'<img src="/attachments/{mine.key}/thumbnail" alt="a red [field]" width="40" height="30" loading="lazy">' in html
    assert f'href="/attachments/{mine.key}/a.png"' in html
    assert ">theirs</a>" in html  # nothing is told of a file that is not the author's

    # Another post shows it, but does not take it; the first one decides who may see it.
    again = discussing.reply(author, found, body=body)
    assert row(mine).post_id == post_id
    assert "<img" in again.html
    discussions.withdraw_post(author, database.session().get_one(Post, post_id))
    assert not readable(guest, mine)
    assert not readable(author, mine)


def test_an_edit_takes_and_gives_back(people: People) -> None:
    author = people.participant()
    first, second = take(author, samples.PDF, "one.pdf"), take(author, samples.PDF + b" ", "two.pdf")
    found = discussing.discussion(author, body=f"[one](/attachments/{first.key}/one.pdf)")
    post = discussing.opening(found)
    assert "one (PDF, 1 kB)</a>" in post.html
    discussions.edit_post(author, post, f"[two](/attachments/{second.key}/two.pdf)", expected_revision=1)
    assert row(first).post_id is None
    assert row(second).post_id == post.id
    assert not readable(Actor.guest(), first)
    assert readable(author, first)
    assert "two (PDF, 1 kB)</a>" in discussing.opening(found).html


def test_hidden_by_a_moderator_only_moderators_see_it(people: People) -> None:
    author, moderator = people.participant(), people.moderator()
    one = take(author, samples.picture())
    post = discussing.reply(author, discussing.discussion(author), body=f"![](/attachments/{one.key}/a.png)")
    moderation.hide(moderator, post.id, "off topic")
    assert not readable(Actor.guest(), one)
    assert not readable(people.participant(), one)
    assert readable(moderator, one)


def test_a_post_has_at_most_ten(people: People) -> None:
    author = people.participant()
    files = [take(author, samples.PDF + b" " * n) for n in range(11)]
    found = discussing.discussion(author)
    with pytest.raises(Invalid, match="at most 10"):
        discussing.reply(author, found, body=" ".join(f"/attachments/{one.key}/a.pdf" for one in files))
    assert {row(one).post_id for one in files} == {None}
    discussing.reply(author, found, body=" ".join(f"/attachments/{one.key}/a.pdf" for one in files[:10]))
    assert None not in {row(one).post_id for one in files[:10]}
