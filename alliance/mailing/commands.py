"""What can be asked for by mail in a word: in the subject, or as the first and only line."""

from __future__ import annotations

import re

_WORDS = {
    "subscribe": r"subscribe|abonner|s'abonner|suscribir|suscribirme|подписаться|подписка|订阅|اشتراك",
    "unsubscribe": r"unsubscribe|se désabonner|désabonner|cancelar suscripción|darse de baja|baja|отписаться|退订|取消订阅|إلغاء الاشتراك",
    "digest on": r"digest on|weekly on|digest oui|resumen sí|дайджест вкл|摘要 开|الملخص تشغيل",
    "digest off": r"digest off|weekly off|digest non|resumen no|дайджест выкл|摘要 关|الملخص إيقاف",
    "help": r"help|aide|ayuda|помощь|справка|帮助|مساعدة|commands?",
}
_COMMAND = {name: re.compile(rf"\W{{0,3}}(?:{words})\W{{0,3}}", re.IGNORECASE) for name, words in _WORDS.items()}
_PREFIX = re.compile(r"^\s*(?:re|aw|tr|fwd?)\s*:\s*", re.IGNORECASE)


def command_of(subject: str, text: str) -> str:
    """The command a mail gives, "" when it says something else. A subject counts only when nothing is said below it."""
    above = re.split(r"(?m)^--\s*$", text)[0]
    lines = [line.strip() for line in above.split("\n") if line.strip()]
    said = lines[0] if len(lines) == 1 else ""
    for name, words in _COMMAND.items():
        if said and words.fullmatch(said):
            return name
        if not lines and words.fullmatch(_PREFIX.sub("", subject)):
            return name
    return ""
