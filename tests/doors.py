"""The doors that are open to a guest. A route that is not here must send a guest to sign in, or refuse."""

from __future__ import annotations

# GET, by rule: what everybody may read.
READING = frozenset(
    {
        "/",
        "/about",
        "/about/design",
        "/about/privacy",
        "/settings/display",
        "/settings/live",
        "/action-lines",
        "/action-lines/<code>",
        "/groups",
        "/groups/<slug>",
        "/groups/<slug>/charter",
        "/groups/<slug>/members",
        "/groups/<slug>/documents",
        "/groups/<slug>/documents/<int:document_id>",
        "/groups/<slug>/meetings",
        "/groups/<slug>/meetings.ics",
        "/consensus/<int:call_id>",
        "/d/<int:discussion_id>",
        "/d/<int:discussion_id>/<slug>",
        "/p/<int:post_id>/reply",
        "/p/<int:post_id>/quote",
        "/p/<int:post_id>",
        "/p/<int:post_id>/history",
        "/p/<int:post_id>/branch",
        "/d/<int:discussion_id>/<slug>/all",
        "/d/<int:discussion_id>/<slug>.txt",
        "/p/<int:post_id>/fold",
        "/p/<int:post_id>/positions",
        "/p/<int:post_id>/poll",
        "/p/<int:post_id>/cut",
        "/latest",
        "/topics",
        "/api/v1/topics",
        "/feeds/topics/<key>.atom",
        "/feeds/<code>.atom",
        "/feeds/discussion/<int:discussion_id>.atom",
        "/people",
        "/people/<handle>",
        "/organizations/<slug>",
        "/search",
        "/search.atom",
        "/search/similar",
        "/search/suggestions",
        "/digests",
        "/digests/<int:digest_id>",
        "/digests/<int:digest_id>/unused",
        "/digests/<int:digest_id>.json",
        "/digests/<int:digest_id>.docx",
        "/digests/schema.json",
        "/digests.atom",
        "/digests/<int:digest_id>/inquiry",
        "/.well-known/alliance-digest-key.pem",
        "/digests/<int:digest_id>.pdf",
        "/digests/<int:digest_id>.txt",
        "/moderation/log",
        "/moderation/log.atom",
        "/attachments/<key>/<name>",
        "/attachments/<key>/thumbnail",
    }
)
# GET: signing in and what comes before it; health; files.
SERVICE = frozenset(
    {
        "/sign-in",
        "/register",
        "/register/sent",
        "/confirm/<token>",
        "/forgotten-password",
        "/reset-password/<token>",
        "/sign-in/code",
        "/sign-in/oidc",  # where ALLIANCE_OIDC_ISSUER says so; else not found
        "/sign-in/oidc/back",
        "/register/oidc",
        "/unsubscribe/<token>",
        "/searches/stop/<token>",
        "/moderation/by-mail/<token>",
        "/groups/invitations/<token>",
        "/robots.txt",
        "/sitemap.xml",
        "/healthz",
        "/metrics",  # where ALLIANCE_METRICS says so; else not found
        "/news",
        "/readyz",
        "/static/<path:filename>",
        "/static/alliance.css",
        "/static/scripts/<language>/<bundle>.js",
        "/worker.js",
        "/offline",
        "/manifest/<language>",
    }
)
# GET: the same reading, for programs.
API = frozenset(
    {
        "/api/v1/openapi.json",
        "/api/v1/spaces",
        "/api/v1/spaces/<code>",
        "/api/v1/groups",
        "/api/v1/groups/<slug>",
        "/api/v1/groups/<slug>/charter",
        "/api/v1/groups/<slug>/members",
        "/api/v1/groups/<slug>/consensus",
        "/api/v1/groups/<slug>/documents",
        "/api/v1/groups/<slug>/documents/<int:document_id>",
        "/api/v1/groups/<slug>/meetings",
        "/api/v1/groups/<slug>/milestones",
        "/api/v1/consensus/<int:call_id>",
        "/api/v1/spaces/<code>/closed",
        "/api/v1/spaces/<code>/discussions",
        "/api/v1/discussions",
        "/api/v1/discussions/<int:discussion_id>",
        "/api/v1/discussions/<int:discussion_id>/posts",
        "/api/v1/discussions/<int:discussion_id>/balance",
        "/api/v1/people",
        "/api/v1/people/<handle>",
        "/api/v1/people/<handle>/contributions",
        "/api/v1/organizations/<slug>",
        "/api/v1/organizations/<slug>/contributions",
        "/api/v1/posts/<int:post_id>",
        "/api/v1/posts/<int:post_id>/revisions",
        "/api/v1/search",
        "/api/v1/digests",
        "/api/v1/digests/<int:digest_id>",
        "/api/v1/events",
        "/api/v1/moderation/log",
        "/api/v1/attachments/<key>",
    }
)
PUBLIC = READING | SERVICE | API

# What a guest may send: the choice of language and theme, and what signing in takes.
OPEN_POSTS = frozenset(
    {
        ("POST", "/settings/theme"),
        ("POST", "/settings/language"),
        ("POST", "/settings/live"),
        ("POST", "/settings/offline"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("POST", "/register"),
        ("POST", "/confirm/<token>"),
        ("POST", "/forgotten-password"),
        ("POST", "/reset-password/<token>"),
        ("POST", "/sign-in/code"),
        ("POST", "/sign-in/passkey/ask"),
        ("POST", "/sign-in/passkey"),
        ("POST", "/sign-in/key/ask"),
        ("POST", "/sign-in/key"),
        ("POST", "/register/oidc"),
        ("POST", "/unsubscribe/<token>"),
        ("POST", "/searches/stop/<token>"),
        ("POST", "/moderation/by-mail/<token>"),
    }
)
# One-click unsubscription (RFC 8058) is sent by mail programs: the address itself is the proof. Theme and language are cookies of
# this browser and change nothing else; without a token, pages of guests are the same for all of them.
WITHOUT_CSRF = frozenset(
    {
        ("POST", "/unsubscribe/<token>"),
        ("POST", "/searches/stop/<token>"),
        ("POST", "/settings/theme"),
        ("POST", "/settings/language"),
        ("POST", "/settings/live"),
        ("POST", "/settings/offline"),
    }
)
