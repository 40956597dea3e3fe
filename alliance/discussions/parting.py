"""What was said by somebody who closed their account: the name goes where the platform wrote it, statements are their organization's.

Each step is a transaction of its own and finds nothing to do when it is done again.
"""

from __future__ import annotations

import re
from collections import defaultdict

from sqlalchemy import ColumnElement, and_, select

from alliance.accounts.models import Person
from alliance.core import clock, db, nameless, outbox
from alliance.discussions import attributing, counters, quoting, recounting, retracting
from alliance.discussions.models import Post, PostRevision, Quote
from alliance.events import DiscussionChanged, PostEdited
from alliance.stakeholders.models import Affiliation, Organization

PART = 500


def give_statements(person_id: int) -> None:
    """Let the organizations somebody spoke for, as was verified, stand at what they said for them."""
    theirs = select(Post.discussion_id).join(Affiliation, Affiliation.id == Post.affiliation_id).where(_stated(person_id)).distinct()
    for discussion_id in db.session().scalars(theirs.order_by(Post.discussion_id)).all():
        with db.transaction():
            _give_in(discussion_id, person_id)


def _stated(person_id: int) -> ColumnElement[bool]:
    return and_(Post.author_id == person_id, Post.organization_id.is_not(None), Affiliation.status == "verified")


def _give_in(discussion_id: int, person_id: int) -> None:
    session = db.session()
    discussion = counters.hold(session, discussion_id)
    said: dict[int, list[int]] = defaultdict(list)
    columns = select(Post.id, Post.organization_id).join(Affiliation, Affiliation.id == Post.affiliation_id)
    for post_id, organization_id in session.execute(columns.where(_stated(person_id), Post.discussion_id == discussion_id)).all():
        said[int(organization_id or 0)].append(post_id)
    stand_ins = {one: _stands_for(one) for one in said}
    for organization_id, post_ids in said.items():
        attributing.show(post_ids, person_id, stand_ins[organization_id].id)
    attributing.follow_opening(discussion)
    recounting.recount_discussion(discussion_id)
    recounting.recount_people(discussion.space_id, sorted({person_id, *(one.id for one in stand_ins.values())}))
    outbox.publish(DiscussionChanged(discussion_id, discussion.space_id))


def _stands_for(organization_id: int) -> Person:
    """An organization, as the author of what was stated for it."""
    session, handle = db.session(), nameless.of_organization(organization_id)
    known = session.scalar(select(Person).where(Person.handle == handle))
    if known is None:
        name = session.get_one(Organization, organization_id).name[:120]
        known = Person(handle=handle, name=name, claimed=False, participant=nameless.NOBODY, created_at=clock.now())
        session.add(known)
        session.flush()
    return known


def unname_quotations(person_id: int) -> None:
    """Take a name out of what the platform wrote above quotations of what they said, whatever the name was then."""
    session, last = db.session(), (0, 0)
    quoted = select(Quote.post_id, Quote.quoted_post_id).join(Post, Post.id == Quote.quoted_post_id).where(Post.author_id == person_id)
    pairs = quoted.distinct().order_by(Quote.post_id, Quote.quoted_post_id).limit(PART)
    while found := session.execute(
        pairs.where((Quote.post_id > last[0]) | ((Quote.post_id == last[0]) & (Quote.quoted_post_id > last[1])))
    ).all():
        for post_id, quoted_id in found:
            _unname(post_id, quoted_id)
        last = (found[-1][0], found[-1][1])


def _unname(post_id: int, quoted_id: int) -> None:
    line = re.compile(rf"^(\[#\d+\]\(/p/{quoted_id}\)) [^\n]+:[ ]*$", re.MULTILINE)
    instead = rf"\1 {quoting.escaped(nameless.FORMER)}:"
    with db.transaction() as session:
        for revision in session.scalars(select(PostRevision).where(PostRevision.post_id == post_id)):
            revision.body = line.sub(instead, revision.body)
        post = session.get_one(Post, post_id)
        if line.sub(instead, post.body) == post.body:
            return
        post = counters.touch(post_id)
        post.body = line.sub(instead, post.body)
        session.flush()
        post.html = retracting.rendered(post.id, post.body, post.language).html
        outbox.publish(PostEdited(post.id, post.discussion_id, post.space_id))


def unlink_mentions(handle: str) -> None:
    """Take the links to somebody's page out of what others wrote; their words stay."""
    session, last = db.session(), 0
    naming = select(Post.id).where(Post.html.contains(f'href="/people/{handle}"', autoescape=True)).order_by(Post.id).limit(PART)
    while found := session.scalars(naming.where(Post.id > last)).all():
        for post_id in found:
            retracting.render_again(post_id)
        last = found[-1]
