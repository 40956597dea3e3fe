"""A digest as a document in the language of the reader: chapters, numbered paragraphs, footnotes, tables.

One source for the page, the PDF, the DOCX, the plain text and the JSON.
"""

from __future__ import annotations

from alliance.core import i18n
from alliance.core.i18n import gettext as _
from alliance.digests import annex, chapters, charts, wording
from alliance.digests.models import Digest
from alliance.digests.paper import Builder, Chapter, Document, Paragraph

NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")


def build(digest: Digest) -> Document:
    """The document of a digest, in the current language."""
    builder = Builder(digest)
    space = builder.spaces.get(digest.space_id or 0)
    period = _("%(start)s to %(end)s", start=i18n.format_date(digest.period_start), end=i18n.format_date(digest.period_end))
    document = Document(
        digest=digest,
        title=wording.title(space),
        subtitle=_("Digest of the discussions in the period from %(start)s to %(end)s",
                   start=i18n.format_date(digest.period_start), end=i18n.format_date(digest.period_end)),
        period=period,
        summary=wording.summary(digest),
    )  # fmt: skip
    for name, title, groups in chapters.chapters(builder):
        if groups:
            document.chapters.append(Chapter(NUMERALS[len(document.chapters)], name, title, groups))
    document.tables = annex.tables(builder.figures, builder.spaces)
    document.charts = charts.charts(builder.figures)
    document.method = wording.method(digest)
    document.contributors = [wording.contributor(row) for row in digest.figures["contributors"]]
    return document


def by_point(digest: Digest) -> dict[int, Paragraph]:
    """Every paragraph, used or not, by its key point."""
    builder = Builder(digest)
    return {point.id: builder.key_point(point) for point in digest.gathered}


def unused_of(digest: Digest) -> list[Paragraph]:
    """What was gathered and not used, numbered by itself."""
    builder = Builder(digest)
    return [builder.key_point(point) for point in digest.unused]
