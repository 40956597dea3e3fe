"""What people write around what they have to say: greetings, thanks, closings, links, procedure. Six languages."""

import re

_URL = re.compile(r"(?:https?://|www\.|mailto:)\S+|<[^<>\s]+@[^<>\s]+>|\S+@\S+\.\w+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD = re.compile(r"\w+")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069]")

_NAME = r"(?:[ ,]+(?!we\b|i\b|the\b|this\b|it\b|in\b|as\b)[\w.'’-]+){0,5}?"
_GREETING = re.compile(
    r"(?:"
    rf"(?:dear|hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)){_NAME}\s*[,:!.;—–-]\s+"
    rf"|(?:cher|chère|chers|chères|bonjour|bonsoir|mesdames){_NAME}\s*[,:!.;—–-]\s+"
    rf"|(?:estimad[oa]s?|querid[oa]s?|hola|buenos días|buenas tardes|saludos){_NAME}\s*[,:!.;—–-]\s+"
    rf"|(?:уважаем\w+|дорог(?:ие|ой|ая)|здравствуйте|добрый день|привет){_NAME}\s*[,:!.;—–-]\s+"
    r"|(?:السلام عليكم|تحية طيبة|الزملاء الأعزاء|أعزائي|السادة)[^.،,:!\n]{0,40}\s*[.،,:!]\s+"
    r"|(?:尊敬的|各位|亲爱的|大家好|您好|你好)[^，。,：:！!\n]{0,14}[，。,：:！!]\s*"
    r")+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\W*(?:(?:with )?(?:best|kind|warm|many)(?: \w+)? (?:regards|wishes|thanks)|regards|sincerely|yours|cheers|cordially"
    r"|(?:bien )?cordialement|meilleures salutations|bien à vous|salutations"
    r"|(?:un )?(?:cordial saludo|saludos|atentamente)(?: cordiales)?|с уважением|с наилучшими пожеланиями"
    r"|مع (?:خالص )?(?:التحية|التحيات|تحياتي)|此致|顺颂|祝好|敬礼)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\W*(?:(?:many |again,? |and )*thank(?:s| you)\b|merci\b|(?:muchas )?gracias\b|(?:большое |ещё раз )?(?:спасибо|благодар)"
    r"|شكر[اًا]*\b|أشكر|نشكر|谢谢|感谢|多谢|i (?:would like to|wish to|want to) thank\b|we (?:would like to|wish to) thank\b"
    r"|welcome (?:to|back)\b|bienvenue\b|bienvenid|добро пожаловать)",
    re.IGNORECASE,
)
_PROCEDURE = re.compile(
    r"\W*(?:(?:see|cf\.?|voir|véase|см\.|انظر|见)\s.{0,60}$"
    r"|(?:sorry|apologies|my apologies|désolé|disculp|извините|عذرا|抱歉)\b.{0,80}$"
    r"|(?:i )?(?:fully |totally |completely )?(?:agree|agreed|\+1|ok|okay|yes|no|indeed|exactly|right|great|well said|good point)\W*$"
    r"|(?:please )?(?:find )?(?:attached|enclosed)\b|ci-joint|adjunto|во вложении|مرفق|附件"
    r"|(?:let me|allow me to|permit me to) (?:introduce|start|begin)\b"
    r"|(?:as|like) (?:i|we) (?:said|wrote|mentioned)\W*$"
    r"|(?:sent from my|unsubscribe|to unsubscribe|posted by)\b|(?:any|other) (?:comments|thoughts|views)\?$)",
    re.IGNORECASE,
)
_REQUEST = {
    "en": r"\b(please|could (?:you|we|the|someone|anyone)|would (?:you|the)|we (?:request|ask|invite)|i (?:request|ask)|asks?\b.*\bto\b)",
    "fr": r"\b(veuillez|pourriez-vous|pourrait-on|prière de|nous (?:demandons|invitons)|je demande|merci de bien vouloir)\b",
    "es": r"\b(por favor|podrían?|solicitamos|pedimos|rogamos|invitamos|pido)\b",
    "ru": r"\b(просим|прошу|пожалуйста|предлагаем ответить|не могли бы)\b",
    "ar": r"(نطلب|أطلب|نرجو|أرجو|يرجى|ندعو)",
    "zh": r"(请|希望有关|恳请|要求)",
}
_PROPOSAL = {
    "en": r"\b(should|must|ought|propose[sd]?|recommend(?:s|ed|ation)?|suggest(?:s|ed|ion)?|need(?:s)? to|we call (?:on|for)|let us)\b",
    "fr": r"\b(doit|doivent|devrai(?:t|ent)|devons|il faut|il faudrait|propos(?:e|ons|ent)|recommand\w+|suggér\w+)\b",
    "es": r"\b(deben?|debería[ns]?|debemos|hay que|propon\w+|recom(?:end|iend)\w+|sugerimos|sugiero|es necesario)\b",
    "ru": r"\b(должн\w+|следует|необходимо|нужно|предлага\w+|рекоменд\w+|надо)\b",
    "ar": r"(يجب|ينبغي|نقترح|أقترح|نوصي|أوصي|لا بد|من الضروري)",
    "zh": r"(应当|应该|必须|建议|应|提议|需要|有必要)",
}
_PATTERNS = [
    (kind, {lang: re.compile(rule, re.IGNORECASE) for lang, rule in rules.items()})
    for kind, rules in (("request", _REQUEST), ("proposal", _PROPOSAL))
]


_LEANS = re.compile(
    r"\W*(?:(?:this|that|these|those|it|he|she|they|him|his|her|their|here|there|but|and|so|then|however|also|instead|otherwise|still"
    r"|what (?:worked|you)|i\b|my|me|on (?:cost|that)|as \w+ (?:said|says|writes)|speaking)\b"
    r"|(?:c['’]est|cela|ça|ce|cet|cette|ces|ceux|il|elle|ils|elles|mais|et|donc|or|car|je|mon|ma|j['’]|celui|celle)\b"
    r"|(?:esto|eso|este|esta|ese|esa|estos|esos|él|ella|ellos|pero|y|así|entonces|también|yo|mi|lo|la de)\b"
    r"|(?:это|этот|эта|эти|тот|он|она|они|оно|но|и|а|поэтому|также|так|я|мой|мы с)\b"
    r"|(?:هذا|هذه|ذلك|تلك|هو|هي|هم|لكن|ولكن|أنا|لذلك|كما)\b|(?:这|那|它|他|她|但|而且|所以|因此|我(?!们)))",
    re.IGNORECASE,
)


def leans(text: str) -> bool:
    """Whether a sentence begins by pointing at what went before, or at its author: it stands less well alone."""
    return bool(_LEANS.match(text))


def greeting_length(text: str) -> int:
    """How many characters of the text greet somebody before the sentence proper."""
    found = _GREETING.match(text)
    return found.end() if found else 0


def is_closing(paragraph: str) -> bool:
    """Whether a paragraph is the farewell: what follows it is a signature."""
    return len(paragraph) < 160 and bool(_CLOSING.match(paragraph))


def words(text: str) -> int:
    """How many words; two Chinese characters, or Japanese or Korean ones, count as a word."""
    wide = len(_WIDE.findall(text))
    return len(_WORD.findall(_WIDE.sub(" ", text))) + (wide + 1) // 2


def is_material(text: str) -> bool:
    """Whether a sentence says something of substance."""
    if _BIDI.search(text) and not _balanced(text):
        return False
    bare = _URL.sub(" ", text).strip()
    letters = len(_LETTER.findall(bare))
    enough = letters + len(_WIDE.findall(bare)) >= 8 and words(bare) >= 4
    if not enough or letters * 2 < len(bare.replace(" ", "")):
        return False
    if _THANKS.match(bare) or _GREETING.fullmatch(bare + " ") or _PROCEDURE.match(bare):
        return False
    return len(bare) * 3 > len(text)


def _balanced(text: str) -> bool:
    """Whether every direction mark opened in the sentence is closed in it: otherwise it could disguise its neighbours."""
    depth = 0
    for mark in _BIDI.findall(text):
        depth += -1 if mark in "\u202c\u2069" else 1
        if depth < 0:
            return False
    return depth == 0


def kind_of(text: str, language: str) -> str:
    """statement, question, proposal or request, by the words that mark it."""
    if text.rstrip(" \"'”»*_)").endswith(("?", "؟", "？")):
        return "question"
    for kind, rules in _PATTERNS:
        if language in rules and rules[language].search(text):
            return kind
    return "statement"
