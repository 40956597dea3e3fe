"""Small archives with what goes wrong in large ones."""

from __future__ import annotations


def message(headers: str, body: str = "Text.\n", date: str = "Thu Aug 22 12:36:23 2002") -> bytes:
    return f"From someone@example.org  {date}\n{headers.strip()}\n\n{body}\n".encode("utf-8", "surrogateescape")


def simple(
    number: int,
    *,
    subject: str = "Fibre to schools",
    references: str = "",
    answers: str = "",
    body: str = "",
    sender: str = "Jane Doe <jane@example.org>",
) -> bytes:
    lines = [
        f"From: {sender}",
        f"Subject: {subject}",
        f"Message-ID: <{number}@example.org>",
        f"Date: Thu, 22 Aug 2002 12:{number:02}:00 +0200",
    ]
    lines += [f"References: {references}"] if references else []
    lines += [f"In-Reply-To: {answers}"] if answers else []
    return message("\n".join(lines), body or f"Text of message {number}.\n")


TREE = b"".join(
    (
        simple(1, subject="[list] Fibre to schools"),
        simple(2, subject="[list] Re: Fibre to schools", answers="<1@example.org>", sender="amadou@example.net (Amadou Ba)"),
        simple(
            3,
            subject="Re: [list] Fibre to schools",
            references="<1@example.org> <2@example.org>",
            body="On Thu, Amadou Ba <amadou@example.net> wrote:\n> Text of message 2.\n\nI agree, write to jane@example.org\n-- \nJane\njane@example.org\n",
        ),
        simple(4, subject="Re: Fibre to schools", sender='"Li, Wei" <wei@example.cn>'),
        simple(5, subject="[list] Another subject"),
        simple(5, subject="[list] Another subject"),
        message("From: nobody at example.org (No Body)\nSubject: [list] No id\nDate: Thu, 22 Aug 2002 13:00:00 +0200"),
        message(
            "From: x@example.org\nSubject: [list] Picture\nMessage-ID: <pic@example.org>\nContent-Type: image/png\nContent-Transfer-Encoding: base64",
            "iVBORw0KGgo=\n",
        ),
    )
)
