"""What stands below what a person wrote and says nothing: signatures, "Sent from my …", footers of lists, scanners and lawyers."""

from __future__ import annotations

import re

MAX_SIGNATURE = 12
_DEVICE = (
    r"i-?phone|i-?pad|i-?pod|i-?os|blackberry|android|samsung|galaxy|huawei|honor|xiaomi|redmi|mi phone|oppo|vivo|oneplus|pixel|nexus|nokia|lumia|xperia|htc|moto(?:rola)?|lg"
    r"|windows(?: phone| mobile| 10| 11)?|mobile|mobil|m[óo]vil|cell(?:ular|phone)?|celular|phone|smartphone|tablet|handy|telefoon|telefono|teléfono|téléphone|portable|telefon\w*|gsm"
    r"|outlook|yahoo|gmail|gmx|web\.de|aol|proton ?mail|mail\.ru|yandex|hotmail|k-9|fairemail|thunderbird|mailbird|spark|airmail|mailbox|sparrow|aquamail|bluemail|nine|edison|newton"
    r"|телефон\w*|смартфон\w*|устройств\w*|手机|手機|平板|جوال|هاتف\w*"
)
_SENT = (
    r"sent (?:from|via|with|using|by|on|through)|send from|posted from|get outlook for|download outlook|typed on|written on|envoy[ée]e? (?:de(?:puis)?|avec|via|par|à partir)"
    r"|(?:von|aus) mein\w*|gesendet (?:von|mit|aus|über|via)|(?:diese nachricht wurde|diese e-?mail wurde) von|enviad[oa] (?:desde|de|do|con|com|a partir|mediante|via)"
    r"|inviat[oa] (?:da(?:l)?|con|tramite)|verzonden (?:vanaf|met|via|vanuit)|verstuurd (?:vanaf|met|via)|skickat (?:från|med)|sendt (?:fra|med|via)|lähetetty"
    r"|отправлено (?:с|из|через|от)|відправлено|надіслано (?:з|із)|wysłane? (?:z|przez)|odesláno (?:z|ze)|odoslané (?:z|zo)|küldve|trimis (?:de|din|cu)|στάλθηκε από"
    r"|poslano (?:s|sa|z)|poslato sa|enviat des|saadetud|išsiųsta|sūtīts|发自|發自|从我的|來自我的|从我|傳送自|أرسلت? (?:من|عبر)|أُرسلت? من|تم الإرسال من|مرسلة? من|مُرسل من|נשלח מ|ارسال شده از"
)
_MOBILE = re.compile(rf"^\W{{0,4}}(?:{_SENT})\W{{0,3}}.{{0,90}}$", re.IGNORECASE)
_MOBILE_END = re.compile(
    r"^\W{0,4}.{0,40}(?:i-?phone|i-?pad|android|galaxy|handy|mobil\w*|smartphone)\W?.{0,40}(?:gesendet|gönderildi|から送信|发送|傳送|에서 보냄|lähetetty|küldve)\W{0,3}$",
    re.IGNORECASE,
)
_KNOWN = re.compile(rf"(?<!\w)(?:{_DEVICE})(?!\w)|https?://", re.IGNORECASE)
_HAS_CLAUSE = re.compile(
    r"[,;]\s+(?!please|excuse|sorry|pardon)[^\W\dA-ZÀ-ÞА-Я]{2,}|[!?]\s+\w|\.\s+(?!please|excuse|sorry|pardon|Please|Excuse|Sorry|Pardon)\w"
)
_BREVITY = re.compile(
    r"^\W{0,3}(?:please (?:excuse|forgive|pardon)|excuse|pardon|sorry for|apologies for|merci d['’]excuser|veuillez excuser|bitte entschuldige?n?).{0,60}(?:brevity|typo|spelling|errors?|brièveté|kürze|tippfehler|auto-?correct).{0,40}$",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"mailing list|listinfo|unsubscribe|to post to this group|google groups|subscribed to (?:this|the)|you (?:are receiving|received) this|désinscrire|désabonner|abmelden"
    r"|darse de baja|cancelar (?:la )?suscripci|отписаться|退订|取消订阅|إلغاء الاشتراك|reply to this (?:e-?mail|message)|visit topic|mute the thread|list(?:s)? (?:guidelines|archive)|"
    r"manage (?:your )?(?:notification|subscription|e-?mail)|view (?:it|this) (?:on|in|email|message)|mailman/|/lists/",
    re.IGNORECASE,
)
_SCANNED = re.compile(
    r"(?:scanned|checked) (?:for|by).{0,60}(?:virus|malware|mailscanner|antivirus)|virus-?free|avast|avg\.com|antivirus|no virus found|est garanti sans virus|virenfrei|auf viren (?:überprüft|geprüft)|libre de virus"
    r"|consider(?:er)? the environment before|before printing this|pensez à l['’]environnement|do you yahoo!\?|never miss a thing|free email|hotmail\.com|msn (?:messenger|hotmail)|join the world|express yourself instantly",
    re.IGNORECASE,
)
_LAWYERS = re.compile(
    r"(?:confidential|privileged|confidentiel|vertraulich|confidencial|riservat|конфиденциальн|disclaimer).{0,600}(?:recipient|addressee|destinata?i?r|empfänger|адресат|delete|notify|supprimer|löschen|attachment)"
    r"|intended (?:only|solely|exclusively) for|(?:opinions|views) expressed.{0,60}(?:author|sender|those of)",
    re.IGNORECASE | re.DOTALL,
)
_DELIMITER = re.compile(r"^\s{0,2}(?:--|— ?|–|-- |—-|‐‐) ?$")
_RULE = re.compile(r"^\s*(?:[-_=*~+#—–]\s?){3,}$")
_SAYS = re.compile(r"[\w)][.!?…](?:\s|$)|[。！？؟]")
_CONTACT = re.compile(
    r"@|https?://|www\.|\b(?:tel|phone|mobile|mob|cell|fax|tél|téléphone|telefon|телефон|手机|电话|هاتف)\b|\+?\d[\d ().-]{6,}\d|\||//|\b(?:inc|ltd|llc|gmbh|s\.a\.|b\.v)\b",
    re.IGNORECASE,
)


def is_mobile(line: str) -> bool:
    """Whether a line is what a telephone or a mail program says of itself."""
    line = line.strip()
    if len(line) > 140 or _HAS_CLAUSE.search(re.sub(r"https?://\S+|\bmail\.\w+|web\.de", "", line)):
        return bool(_BREVITY.match(line))
    if _MOBILE_END.match(line) or _BREVITY.match(line):
        return True
    # A line of one's own may begin so: it is one when it goes on as a sentence.
    return bool(_MOBILE.match(line)) and (
        bool(_KNOWN.search(line)) or (len(line.split()) <= 8 and not re.search(r"[,.;:!?]", line) and line.lower().startswith("sent from"))
    )


def strip_end(lines: list[str]) -> bool:
    """Take one footer off the end of the lines; whether there was one."""
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines or _signs_a_word(lines):
        return False
    return _strip_mobile(lines) or _strip_list(lines) or _strip_signature(lines) or _strip_notice(lines)


def _keeps(lines: list[str], at: int) -> bool:
    """Something is left above."""
    return any(line.strip() and not line.lstrip().startswith(">") for line in lines[:at])


def _cut(lines: list[str], at: int) -> bool:
    if not _keeps(lines, at):
        return False
    del lines[at:]
    return True


def _strip_mobile(lines: list[str]) -> bool:
    for length in (1, 2):  # the sentence may be broken over two lines
        if len(lines) >= length and is_mobile(" ".join(line.strip() for line in lines[-length:])) and (length == 1 or lines[-2].strip()):
            at = len(lines) - length
            if length == 2 and not re.match(rf"^\W{{0,4}}(?:{_SENT})", lines[at], re.IGNORECASE):
                continue
            above = next((n for n in range(at - 1, -1, -1) if lines[n].strip()), None)
            if above is not None and (_DELIMITER.match(lines[above]) or _RULE.match(lines[above])):
                at = above
            return _cut(lines, at)
    return False


def _strip_list(lines: list[str]) -> bool:
    """A rule, and below it what a mailing list or a service adds."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 16), -1):
        line = lines[at]
        rest = [one for one in lines[at + 1 :] if one.strip()]
        if (_RULE.match(line) or _DELIMITER.match(line)) and rest and any(_LIST.search(one) for one in rest[:6]):
            return not any(one.startswith(">") for one in rest) and _cut(lines, at)
    return False


def _strip_signature(lines: list[str]) -> bool:
    """What stands below "-- ", or below a longer rule when it is plainly a card; what reads as prose stays."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 24), -1):
        line = lines[at]
        rest = [one for one in lines[at + 1 :] if one.strip()]
        if any(one.lstrip().startswith(">") for one in rest[-1:]):
            return False
        proper = line.rstrip() in {"--", "- -", "—", "–", "--­"} or bool(_DELIMITER.match(line))
        if not proper and not _RULE.match(line):
            continue
        if proper and len(rest) <= MAX_SIGNATURE + 3 and _is_card(rest, lenient=True):
            return _cut(lines, at)
        if not proper and rest and len(rest) <= 8 and (_is_card(rest, lenient=False)):
            return _cut(lines, at)
        if not rest:
            return _cut(lines, at)
    return False


def _signs_a_word(lines: list[str]) -> bool:
    """Of an answer of a single word the signature says half: "Agreed / -- / Jane Doe, for the NGO forum"."""
    at = next((n for n, line in enumerate(lines) if _DELIMITER.match(line)), len(lines))
    words = " ".join(lines[:at]).split()
    rest = [line for line in lines[at + 1 :] if line.strip()]
    return len(words) == 1 and words[0].isalpha() and 0 < len(rest) <= 4 and not all(is_mobile(line) for line in rest)


def _is_card(lines: list[str], *, lenient: bool) -> bool:
    """Short lines with names, numbers and addresses; below "-- " anything that is not several paragraphs of prose."""
    prose = [line for line in lines if len(line) > 60 and _SAYS.search(line) and not _CONTACT.search(line)]
    if lenient:
        return len(prose) <= 4
    return not prose and any(_CONTACT.search(line) for line in lines) and all(len(line) <= 90 for line in lines)


def _strip_notice(lines: list[str]) -> bool:
    """The last paragraph, when a scanner, an advertiser or a lawyer wrote it."""
    at = next((n + 1 for n in range(len(lines) - 1, -1, -1) if not lines[n].strip()), 0)
    paragraph = " ".join(lines[at:])
    if paragraph.lstrip().startswith(">"):
        return False
    if (len(paragraph) < 400 and _SCANNED.search(paragraph)) or (len(paragraph) > 100 and _LAWYERS.search(paragraph)):
        above = next((n for n in range(at - 1, -1, -1) if lines[n].strip()), 0)
        return _cut(lines, above if above and (_RULE.match(lines[above]) or _DELIMITER.match(lines[above])) else at)
    return False
