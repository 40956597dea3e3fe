"""What the choices of a group are called."""

from __future__ import annotations

from alliance.core.i18n import lazy_gettext as _l

VISIBILITIES = {
    "public": _l("Everybody"),
    "members": _l("Members only; everybody sees that the group exists, its charter and its chairs"),
    "private": _l("Members only; nobody else is told that the group exists"),
}
JOINING = {
    "open": _l("Whoever wants to joins"),
    "request": _l("By asking; a chair decides"),
    "invitation": _l("By invitation only"),
}
POSTING = {
    "members": _l("Members"),
    "verified": _l("Whoever speaks for an organization, as verified by the secretariat"),
    "everyone": _l("Everybody with an account"),
    "chairs": _l("Chairs only (announcements)"),
}
ATTRIBUTIONS = {
    "named": _l("With their names"),
    "type": _l("By their stakeholder type only"),
    "closed": _l("With their names, to members only; others read a summary the chairs write"),
}
LINE_ATTRIBUTIONS = {
    "named": ATTRIBUTIONS["named"],
    "type": ATTRIBUTIONS["type"],
    "closed": _l("With their names, to those who speak for an organization, as verified; others read public summaries"),
}
ROLES = {
    "chair": _l("Chair"),
    "moderator": _l("Moderator"),
    "rapporteur": _l("Rapporteur"),
    "member": _l("Member"),
}
STATUSES = {
    "proposed": _l("proposed"),
    "active": _l("active"),
    "closed": _l("closed"),
    "refused": _l("refused"),
}
SHORT_VISIBILITIES = {"members": _l("members only"), "private": _l("private")}
