"""What mail programs put between what a person wrote and what they answer: "On … wrote:", header blocks, "Original Message".

The words are those of the languages people write in; the shapes (dates, times, addresses, colons) are the same in all.
"""

from __future__ import annotations

import re

MAX_LINES = 5
MAX_LENGTH = 400

# To write, in the forms mail programs use.
_WROTE = (
    r"wrote|writes|has written|schrieb|schrieben|geschrieben|hat geschrieben|a [ée]crit|[ée]crivait|[ée]crit|escribi[óo]|escribe|ha escrit|va escriure"
    r"|ha scritto|scrisse|scrive|escreveu|escribiu|schreef|geschreven|skrev|skreiv|kirjoitti|kirjoittanut|написал(?:\(а\)|а)?|писал(?:\(а\)|а)?|пишет"
    r"|написав(?:\(ла\)|ла)?|пише|написа|напісаў|napisał(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?|nap[íi]sal(?:\(a\)|a)?|napisao(?:/la)?|napisala|je napisa[ol]"
    r"|írta|ezt írta|a scris|yazdı|yazmış|έγραψε|a écrit|parašė|rašė|rakstīja|kirjutas|shkroi|đã viết|menulis|ditulis|skrifaði|scríobh|zapisal"
    r"|写道|写到|寫道|写了|のメール|書きました|wrote|작성|씀|썼습니다|보냄|كتب|كتبت|كتابة ما يلي|نوشت|כתב|כתבה|כתב|เขียน|लिखा"
)
WROTE = re.compile(
    rf"(?<!\w)(?:{_WROTE})(?!\w)|写道|写到|寫道|のメール|書きました|님이 작성|작성|>\s?(?:wrote|schrieb|écrit|escribió|ha scritto)\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"^\W{0,6}(?:on|am|le|el|il|il giorno|op|den|em|w dniu|dnia|dne|dňa|в|на|у|în|la|στις|la|a|al|in data|på|pe|em|em|em|na|di|pada|vào|ang|le mer|lör"
    r"|quoting|citando|citeren van|zitat von|quote from|selon|citat|at|в ответ|în data de|2\d\d\d|\d{1,2}[./ -]|ב|في|بتاريخ|在|於|于|於|\d{4}年)(?!\w)",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}|\bmailto:", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}\s?[:h.٫]\s?[0-5]\d\b|\d{1,2}[:：][0-5]\d|[٠-٩]{1,2}:[٠-٩]{2}|\b\d{1,2}\s?(?:am|pm|uhr)\b", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}\s?年|\d{1,2}\s?月\s?\d{1,2}\s?日|\b\d{1,2}\.? (?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}\b|[٠-٩]{4}",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[:：]\s*[*_\]]{0,2}\s*$")
_SHORT = re.compile(r"^\s*\W{0,2}\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\b.{0,160}<[^<>\s]{3,100}@[^<>\s]{1,100}>\s*:?\s*$")

# ---- "Original Message" and what announces a forwarded one.
_ORIGINAL = (
    r"original(?:[ -]?(?:message|nachricht|e-?mail|appointment))?|(?:urspr(?:ü|ue)ngliche|originale?|weitergeleitete) nachricht"
    r"|message (?:d['’]origine|original|initial|transf[ée]r[ée]|r[ée]exp[ée]di[ée])|(?:forwarded|original|replied) (?:message|mail)(?: follows)?|mensaje (?:original|reenviado)"
    r"|mensagem (?:original|encaminhada)|messaggio (?:originale|inoltrato)|(?:oorspronkelijk|doorgestuurd) bericht|исходное сообщение|пересылаемое сообщение"
    r"|пересланное сообщение|первоначальное сообщение|оригінальне повідомлення|wiadomość oryginalna|oryginalna wiadomość|(?:wiadomość|treść) przekazana|původní zpráva"
    r"|pôvodná správa|přeposlaná zpráva|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|oprindelig meddelelse|opprinnelig melding"
    r"|videresendt (?:melding|besked)|alkuperäinen viesti|välitetty viesti|eredeti üzenet|továbbított üzenet|mesaj(?:ul)? (?:original|ini[țt]ial|redirec[țt]ionat)"
    r"|orijinal (?:mesaj|ileti)|özgün ileti|iletilen mesaj|αρχικό μήνυμα|προωθημένο μήνυμα|originalna poruka|izvorna poruka|missatge original"
    r"|原始邮件|原郵件|原始郵件|转发邮件|轉寄郵件|转发的邮件|邮件原件|回复的原邮件|元のメッセージ|転送されたメッセージ|원본 메시지|전달된 메시지|원본 메일"
    r"|الرسالة الأصلية|رسالة أصلية|رسالة معاد توجيهها|الرسالة المُعاد توجيهها|הודעה מקורית|הודעה שהועברה|پیام اصلی"
)
ORIGINAL = re.compile(
    rf"^\s*[>*]?\s*[-_=~—–]{{2,}}\s*(?:{_ORIGINAL})\s*[:：]?\s*[-_=~—–]{{2,}}\s*$|^\s*(?:{_ORIGINAL})\s*[-_]{{4,}}\s*$", re.IGNORECASE
)
FORWARDED = re.compile(
    r"^\s*(?:begin forwarded message|début du message (?:réexpédié|transféré)|anfang der weitergeleiteten nachricht|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato|início da mensagem (?:encaminhada|reencaminhada)|begin doorgestuurd bericht|начало переадресованного сообщения|вложенное сообщение"
    r"|vidarebefordrat brev|videresendt meddelelse|początek przekazywanej wiadomości|下面是被转发的邮件|بداية الرسالة المعاد توجيهها)\s*[:：]\s*$",
    re.IGNORECASE,
)
ABOVE = re.compile(
    r"^\W{0,8}(?:(?:please )?(?:type|write|enter)? ?your reply above (?:this|the) line|(?:please )?reply above (?:this|the) line"
    r"|veuillez répondre au-dessus de cette ligne|répondre au-dessus de cette ligne|responda por encima de esta línea|antworten sie oberhalb dieser zeile"
    r"|bitte antworten sie oberhalb dieser linie|ответ(?:ьте)? выше этой (?:линии|строки)|请在此行上方回复|اكتب ردك فوق هذا السطر)\W{0,8}$",
    re.IGNORECASE,
)

# ---- Header blocks, by field.
_FIELDS = {
    "from": r"from|von|de|da|van|fr[åa]n|fra|l[äa]hett[äa]j[äa]|от(?: кого)?|від|from address|od|felad[óo]|kimden|g[öo]nderen|από|发件人|發件人|寄件者|差出人|送信者|보낸 ?사람|من|المرسل|מאת"
    r"|expéditeur|remitente|remetente|mittente|afzender|absender|expeditor|nadawca|odesílatel|odosielateľ|de la|saatja|nuo|no|šalje",
    "date": r"date|sent|sent at|datum|gesendet(?: am)?|envoy[ée](?: le)?|enviado(?: el| em)?|fecha|data|inviato|verzonden|skickat|sendt|dato|l[äa]hetetty|p[äa]iv[äa]m[äa][äa]r[äa]"
    r"|дата|отправлено|надіслано|wys[łl]ano|odesl[áa]no|odoslan[ée]|elk[üu]ldve|d[áa]tum|trimis|tarih|g[öo]nderilme(?: tarihi)?|gönderildi|ημερομηνία|στάλθηκε|发送时间|發送時間|日期|时间"
    r"|寄件日期|日時|送信日時|보낸 ?날짜|날짜|تاريخ|التاريخ|أرسل(?:ت)?|الإرسال|תאריך|נשלח|poslano|saadetud|išsiųsta",
    "to": r"to|an|à|a|para|per|aan|till|til|vastaanottaja|кому|до|do|komu|c[íi]mzett|kime|alıcı|προς|收件人|收件者|宛先|받는 ?사람|إلى|אל|destinataire|destinatario|destinatari|empfänger"
    r"|c[ăa]tre|pentru|za|ontvanger|mottagare|modtager|kam",
    "subject": r"subject|betreff|betrifft|objet|sujet|asunto|assunto|oggetto|onderwerp|[äa]mne|emne|aihe|тема|temat|p[řr]edm[ěe]t|predmet|t[áa]rgy|subiect|konu|θέμα|主题|主題|主旨|件名|제목"
    r"|الموضوع|موضوع|נושא|assumpte|teema|tema",
    "cc": r"cc|bcc|kopie|copie(?: à)?|c[óo]pia|copia|kopia|kopio|копия|копія|kopi|dw|抄送|副本|참조|نسخة|نسخة إلى|m[áa]solat|bilgi|reply-to|importance|priority|attachments?|anlagen|pièces? jointes?",
}
_FIELD = re.compile(
    "^[\\s|]*[*_]{0,2}(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _FIELDS.items())
    + r")\s?[*_]{0,2}\s?[:：]\s?[*_]{0,2}(?:\s|\S|$)",
    re.IGNORECASE,
)
RULE = re.compile(r"^\s*(?:[-_=*~#—–]\s?){3,}\s*$")


def field_of(line: str) -> str:
    """Which header a line looks like ("from", "date", …), "" when none."""
    found = _FIELD.match(line)
    return str(found.lastgroup) if found else ""


def header_block(lines: list[str], at: int) -> int:
    """How many lines the block of headers has that begins here; 0 when there is none.

    A sender, and two more of date, recipient and subject, close together: nobody writes that by hand.
    """
    if not field_of(lines[at]):
        return 0
    seen: set[str] = set()
    end, strangers = at, 0
    for number in range(at, min(len(lines), at + 16)):
        kind = field_of(lines[number])
        if kind and not (kind in seen and kind in {"from", "date", "subject"}):
            seen.add(kind)
            end, strangers = number + 1, 0
        elif lines[number].strip():
            # Long headers go on in the next line; a blank one between fields comes from HTML.
            strangers += 1
            if strangers > 2 or len(seen) == 4 or (kind and kind in seen) or "subject" in seen:
                break
        elif "subject" in seen and "from" in seen:
            break
    return end - at if "from" in seen and len(seen & {"date", "to", "subject"}) >= 2 else 0


def attribution(lines: list[str], at: int) -> int:
    """How many lines the attribution has that begins here; 0 when there is none. One alone must look like one by itself."""
    first = lines[at]
    if not first.strip() or len(first) > MAX_LENGTH:
        return 0
    joined = ""
    for count, line in enumerate(lines[at : at + MAX_LINES], 1):
        if not line.strip():
            break
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > MAX_LENGTH:
            break
        if _is_attribution(joined) and (count == 1 or _begins(first)):
            return count
    return 0


def _begins(line: str) -> bool:
    return bool(_BEGINS.match(line.strip()) or _DATE.search(line) or ADDRESS.search(line))


def _is_attribution(text: str) -> bool:
    if _SHORT.match(text):
        return True
    certain = ADDRESS.search(text) is not None or _TIME.search(text) is not None
    if _ENDS.search(text):
        return bool(WROTE.search(text) and (certain or (_DATE.search(text) and _begins(text)))) or bool(
            certain and _DATE.search(text) and ADDRESS.search(text) and _begins(text)
        )
    return bool(re.search(rf"(?:{_WROTE})\s*$", text, re.IGNORECASE) and _DATE.search(text) and certain and _begins(text))


def is_certain(text: str) -> bool:
    """Whether an attribution is a program's beyond doubt: it has a time of day or an address."""
    return bool((_DATE.search(text) and _TIME.search(text)) or ADDRESS.search(text))


def introduces(line: str) -> bool:
    """Whether a line right above a quote only says whose it is: "Jane Doe wrote:", "Jane <jane@example.org>:"."""
    line = line.strip()
    return (
        len(line) <= 200
        and bool(_ENDS.search(line))
        and bool(WROTE.search(line) or ADDRESS.search(line) or (_DATE.search(line) and _TIME.search(line)))
    )
