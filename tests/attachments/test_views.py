"""Sending and getting files: by form, by script; what browsers are told."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from alliance.accounts import passwords
from alliance.attachments import store
from alliance.attachments.models import Attachment
from alliance.core import db as database
from alliance.discussions import services as discussions
from alliance.discussions.models import Post
from alliance.policy import Actor
from tests import discussing
from tests.attachments import samples
from tests.people import PASSWORD, People

PICTURE = samples.picture()


@pytest.fixture
def author(client: FlaskClient, people: People) -> Actor:
    """The person the client is signed in as."""
    person = people.person(email="a@example.org", name="Amina", password_hash=passwords.make(PASSWORD))
    actor = people.actor(person)
    client.post("/sign-in", data={"email": "a@example.org", "password": PASSWORD})
    return actor


def sent(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def upload(client: FlaskClient, data: bytes = PICTURE, name: str = "photo.png") -> dict[str, Any]:
    answer = client.post("/attachments", data={"file": sent(data, name)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def row(key: str) -> Attachment:
    return database.session().scalars(select(Attachment).where(Attachment.key == key)).one()


def body_in(page: str) -> str:
    found = re.search(r"<textarea[^>]*name=\"body\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return found[1].strip()


def test_a_file_sent_by_script(client: FlaskClient, author: Actor) -> None:
    answer = upload(client)
    assert answer["markdown"] == f"![](/attachments/{answer['key']}/photo.png)"
    assert answer["facts"] == "PNG, 1 kB"
    document = upload(client, samples.PDF, "Our [plan] تقرير.pdf")
    assert document["markdown"] == f"[Our \\[plan\\] تقرير.pdf](/attachments/{document['key']}/our-plan-تقرير.pdf)"


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({}, 422, "Choose a file."),
        ({"file": (io.BytesIO(samples.EXE), "a.pdf")}, 422, "not taken"),
        ({"file": (io.BytesIO(b""), "a.pdf")}, 422, "empty"),
        ({"file": (io.BytesIO(samples.PDF + bytes(10 * 2**20)), "a.pdf")}, 413, "larger than 10 MB"),
        ({"file": (io.BytesIO(samples.PDF + bytes(15 * 2**20)), "a.pdf")}, 413, "too large"),
    ],
)
def test_what_is_not_taken_is_told(client: FlaskClient, author: Actor, data: dict[str, Any], status: int, said: str) -> None:
    answer = client.post("/attachments", data=data, content_type="multipart/form-data")
    assert answer.status_code == status
    assert said in answer.text


def test_guests_send_nothing(client: FlaskClient, author: Actor) -> None:
    client.post("/sign-out")
    assert client.post("/attachments", data={"file": sent(PICTURE, "a.png")}).status_code == 401
    assert client.post("/attachments", data={"file": sent(bytes(5 * 2**20), "a.png")}).status_code == 413
    assert not store.folder().exists()


def test_other_doors_stay_as_narrow_as_they_were(client: FlaskClient, author: Actor) -> None:
    assert client.post("/preview", data={"body": "x", "file": sent(bytes(5 * 2**20), "a.png")}).status_code == 413


def test_a_token_is_asked_for(app: Flask, client: FlaskClient, author: Actor) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post("/attachments", data={"file": sent(PICTURE, "a.png")}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_picture_is_shown_and_runs_nothing(client: FlaskClient, author: Actor) -> None:
    key = upload(client)["key"]
    for path, media_type in ((f"/attachments/{key}/photo.png", "image/png"), (f"/attachments/{key}/thumbnail", "image/webp")):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.content_type == media_type
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["Cache-Control"] == "no-cache, private"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_a_document_is_a_download(client: FlaskClient, author: Actor) -> None:
    for data, name, media_type in (
        (samples.PDF, "a «b» тест.pdf", "application/pdf"),
        (b"plain " * 500, "n.txt", "application/octet-stream"),
    ):
        key = upload(client, data, name)["key"]
        answer = client.get(f"/attachments/{key}/whatever.html", headers={"Accept-Encoding": "br"})
        assert answer.data == data
        assert answer.content_type == media_type
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        part = client.get(f"/attachments/{key}/a.pdf", headers={"Range": "bytes=0-7"})
        assert (part.status_code, part.data) == (206, data[:8])
        assert client.get(f"/attachments/{key}/thumbnail").status_code == 404
    assert (
        "filename*=UTF-8''a%20%C2%ABb%C2%BB%20"
        in client.get(f"/attachments/{row_of('a «b» тест.pdf')}/x.pdf").headers["Content-Disposition"]
    )


def row_of(name: str) -> str:
    return database.session().scalars(select(Attachment.key).where(Attachment.name == name)).one()


@pytest.mark.parametrize(
    "path", ["x/y", f"{'0' * 32}/a.png", f"{'0' * 32}/thumbnail", "..%2f..%2fsecret_key/a", "%00/thumbnail", f"{'A' * 32}/a"]
)
def test_what_is_no_key_is_not_found(client: FlaskClient, author: Actor, path: str) -> None:
    assert client.get(f"/attachments/{path}").status_code == 404


def test_nobody_else_sees_it_before_it_is_published_nor_after_it_is_gone(app: Flask, client: FlaskClient, author: Actor) -> None:
    key = upload(client)["key"]
    guest = app.test_client()
    doors = (f"/attachments/{key}/photo.png", f"/attachments/{key}/thumbnail", f"/api/v1/attachments/{key}")
    assert [guest.get(door).status_code for door in doors] == [404, 404, 404]
    found = discussing.discussion(author)
    post_id = discussing.reply(author, found, body=f"![](/attachments/{key}/photo.png)").id
    assert [guest.get(door).status_code for door in doors] == [200, 200, 200]
    answer = guest.get(doors[0])
    assert answer.headers["Cache-Control"] == "no-cache, public"
    discussions.withdraw_post(author, database.session().get_one(Post, post_id))
    assert [guest.get(door).status_code for door in doors] == [404, 404, 404]
    assert guest.get(doors[0], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 404
    assert [client.get(door).status_code for door in doors] == [404, 404, 404]


def test_attached_without_script(client: FlaskClient, author: Actor) -> None:
    discussing.space()
    here = "/action-lines/c2/new"
    assert 'enctype="multipart/form-data"' in client.get(here).text
    fields = {"title": "Masts", "body": "Where do they stand?"}
    page = client.post(here, data=fields | {"attach": "1", "files": [sent(PICTURE, "map.png"), sent(samples.PDF, "plan.pdf")]})
    assert page.status_code == 200
    body = body_in(page.text)
    map_key, plan_key = re.findall(r"/attachments/([0-9a-f]{32})/", body)
    assert body == f"Where do they stand?\n\n![](/attachments/{map_key}/map.png)\n\n[plan.pdf](/attachments/{plan_key}/plan.pdf)"
    assert f'name="alt-{map_key}"' in page.text
    assert f'name="alt-{plan_key}"' not in page.text
    assert "Masts" in page.text

    # A form that is rejected has them still; so has a draft.
    described = {"body": body, f"alt-{map_key}": "A map [of masts]", f"was-{map_key}": ""}
    page = client.post(here, data={"title": ""} | described)
    assert page.status_code == 422
    body = body_in(page.text)
    assert f"![A map \\[of masts\\]](/attachments/{map_key}/map.png)" in body
    assert 'value="A map [of masts]"' in page.text
    assert client.post(here, data={"title": "Masts", "body": body, "save": "1", "files": sent(PICTURE, "more.png")}).status_code == 303
    assert len(re.findall(r"/attachments/[0-9a-f]{32}/[a-z]+\.png", body_in(client.get(here).text))) == 2

    answer = client.post(here, data={"title": "Masts", "body": body})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert f'<img src="/attachments/{map_key}/thumbnail" alt="A map [of masts]"' in page.text
    assert "plan.pdf (PDF, 1 kB)</a>" in page.text
    assert row(map_key).post_id is not None
    assert row(plan_key).post_id is not None


def test_published_at_once_with_its_files(client: FlaskClient, author: Actor) -> None:
    found = discussing.discussion(author)
    where = f"/d/{found.id}/{found.slug}/reply"
    answer = client.post(where, data={"body": "", "files": sent(PICTURE, "map.png")})
    assert answer.status_code == 303
    assert "/thumbnail" in client.get(answer.location, follow_redirects=True).text


def test_a_file_that_is_not_taken_rejects_the_form_and_keeps_the_others(client: FlaskClient, author: Actor) -> None:
    found = discussing.discussion(author)
    count = database.session().scalars(select(Post.id)).all()
    files = [sent(PICTURE, "map.png"), sent(samples.EXE, "run\u202e.exe"), sent(samples.PDF + bytes(10 * 2**20), "big.pdf")]
    page = client.post(f"/d/{found.id}/{found.slug}/reply", data={"body": "My text", "files": files})
    assert page.status_code == 422
    assert "\u2068run.exe\u2069: A file of this type is not taken." in page.text
    assert "\u2068big.pdf\u2069: The file is larger than 10 MB." in page.text
    assert body_in(page.text).startswith("My text\n\n![](/attachments/")
    assert database.session().scalars(select(Post.id)).all() == count
    page = client.post(f"/d/{found.id}/{found.slug}/reply", data={"body": "x", "files": [sent(PICTURE, f"{n}.png") for n in range(11)]})
    assert page.status_code == 422
    assert "at most 10 attached files" in page.text


def test_words_for_a_picture_changed_in_both_places_stay_those_of_the_text(client: FlaskClient, author: Actor) -> None:
    key = upload(client)["key"]
    found = discussing.discussion(author)
    body = f"![from the text](/attachments/{key}/photo.png)"
    sent_form = {"body": body, f"alt-{key}": "from the field", f"was-{key}": "", "preview": "1"}
    page = client.post(f"/d/{found.id}/{found.slug}/reply", data=sent_form)
    assert body_in(page.text) == body
    assert 'alt="from the text"' in page.text  # the preview


def test_edited_without_script(client: FlaskClient, author: Actor) -> None:
    key = upload(client)["key"]
    post = discussing.reply(author, discussing.discussion(author), body=f"![old](/attachments/{key}/photo.png)")
    post_id = post.id
    page = client.get(f"/p/{post_id}/edit").text
    assert f'name="alt-{key}" value="old"' in page
    data = {"revision": "1", "body": body_in(page), f"alt-{key}": "new", f"was-{key}": "old", "files": sent(samples.PDF, "b.pdf")}
    assert client.post(f"/p/{post_id}/edit", data=data).status_code == 303
    database.release()
    html = database.session().get_one(Post, post_id).html
    assert 'alt="new"' in html
    assert "b.pdf (PDF, 1 kB)" in html
    assert row(key).alternative == "new"


def test_a_missing_file_is_not_found(client: FlaskClient, author: Actor) -> None:
    key = upload(client)["key"]
    store.path(key).unlink()
    assert client.get(f"/attachments/{key}/photo.png").status_code == 404


def test_quoted_by_others_it_is_shown_too(client: FlaskClient, author: Actor, people: People) -> None:
    key = upload(client)["key"]
    found = discussing.discussion(author, body=f"![map](/attachments/{key}/photo.png)")
    other = discussing.reply(people.participant(), found, body=f"> ![map](/attachments/{key}/photo.png)\n\nI see.")
    assert "<img" in other.html
    assert row(key).post_id == discussing.opening(found).id


def test_nothing_executable_lies_on_the_disk(client: FlaskClient, author: Actor) -> None:
    upload(client)
    upload(client, samples.PDF, "a.pdf")
    files = [file for file in Path(store.folder()).rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".file", ".thumbnail"}
    assert all(file.stat().st_mode & 0o111 == 0 for file in files)
