"""To whom a proposal or request is addressed: stakeholder types and organizations named where the one who is to act stands.

A documented lexical rule, no understanding: who is named before the word that obliges ("Governments should …") or after the one
that calls ("we call upon the Union to …"), in the six languages. Whoever is named elsewhere in the sentence is not addressed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from alliance.core.vocabulary import STAKEHOLDER_TYPES

REACH = 90  # characters before the word that obliges, or after the one that calls
_OBLIGES = re.compile(
    r"\b(?:should|must|shall|need(?:s)? to|ought to|devrai(?:t|ent)|doi(?:t|vent)|deber[ií]an?|debe[n]?|tienen? que"
    r"|должн\w+|следует|необходимо)\b|يجب|ينبغي|应当|应该|必须|需要|应",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"\b(?:calls? (?:up)?on|urges?|requests?|invites?|asks?|recommends? (?:that|to)|appelons?|invitons?|demandons?|recommandons?|exhort\w+|pedimos|"
    r"instamos|invitamos|recomendamos|призыва\w+|прос\w+|рекоменду\w+)\b|ندعو|نطلب|نوصي|نحث|呼吁|请求|建议|敦促",
    re.IGNORECASE,
)
_WORDS = {
    "government": r"\b(?:governments?|member states?|states|ministr(?:y|ies)|gouvernements?|états|gobiernos?|estados|правительств\w*|государств\w*)\b"
    r"|حكوم|الدول|政府|各国|会员国",
    "private_sector": r"\b(?:private sector|business(?:es)?|compan(?:y|ies)|operators?|industry|secteur privé|entreprises?|opérateurs?|sector privado"
    r"|empresas?|operadoras?|частн\w+ сектор\w*|компани\w+|оператор\w*)\b|القطاع الخاص|الشركات|私营部门|企业|运营商",
    "civil_society": r"\b(?:civil society|non-governmental organi[sz]ations?|NGOs?|société civile|ONG|sociedad civil|гражданск\w+ обществ\w*|НПО)\b"
    r"|المجتمع المدني|民间社会",
    "international_organization": r"\b(?:international organi[sz]ations?|united nations|agencies|donors?|organisations internationales|nations unies"
    r"|organizaciones internacionales|naciones unidas|международн\w+ организаци\w+)\b|المنظمات الدولية|الأمم المتحدة|国际组织|联合国",
    "academia_technical": r"\b(?:academia|universit(?:y|ies)|researchers|technical community|universités?|chercheurs|universidades|университет\w*"
    r"|научн\w+ сообществ\w*)\b|الجامعات|学术界|大学|技术界",
    "media": r"\b(?:media|journalists|press|médias|presse|medios de comunicación|prensa|журналист\w*|сми|пресс\w+)\b|وسائل الإعلام|媒体",
}
_TYPES = {kind: re.compile(words, re.IGNORECASE) for kind, words in _WORDS.items()}


def addressed(text: str, names: Iterable[str] = ()) -> list[str]:
    """The stakeholder types, in official order, and of these names (of organizations) those a sentence asks to act."""
    places = [text[max(0, found.start() - REACH) : found.start()] for found in _OBLIGES.finditer(text)]
    places += [text[found.end() : found.end() + REACH] for found in _CALLS.finditer(text)]
    types = [kind for kind in STAKEHOLDER_TYPES if any(_TYPES[kind].search(place) for place in places)]
    return types + [name for name in names if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", place) for place in places)]
