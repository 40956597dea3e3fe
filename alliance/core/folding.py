"""Texts and patterns in one form in which they can be compared: whatever the case, accents, width, marks and invisible letters.

A folded text is its words between single blanks (" free money now "). What is written without spaces (ideographs, kana, Thai …) stands
apart from what is not, so that a word beside it begins and ends somewhere.
"""

from __future__ import annotations

import html
import re
import unicodedata

_SOLID = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\u0e01-\u0e33\u0e40-\u0e46\u0e81-\u0eb3\u1000-\u102a\u1780-\u17b3々〇"
# Accents, vocalisation and pointing; the lengthening stroke; what cannot be seen.
_LOOSE = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0591-\u05c7\u0640\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_EMPHASIS = re.compile(r"(?<=\w)(?:[*~`\\]+|_{2,})(?=\w)")
_LETTERS = str.maketrans("أإآٱکیگےىةœæøłđıß", "ااااكيكييهoaoldis")
# Vowel signs that belong to the letter they stand on, of the scripts in which they are no letters by themselves.
_SIGNS = "".join(chr(point) for point in range(0x0900, 0x1200) if unicodedata.category(chr(point))[0] == "M")
_BETWEEN = re.compile(rf"[^\w{_SIGNS}]+|_+")
_SOLID_RUN = re.compile(f"[{_SOLID}][{_SOLID}{_SIGNS}]*")
_IS_SOLID = re.compile(f"[{_SOLID}]")


# Letters of Cyrillic, Armenian and Greek that read as Latin ones; the small capitals and script letters of phonetics.
_ALIKE = "аa вb сc ԁd еe һh іi јj кk ӏl мm нh оo рp ԛq гr ѕs тt ԝw хx уy үy αa βb εe ιi κk νv οo ρp τt υu χx հh ոn ցg սu օo"
_TWINS = str.maketrans({pair[0]: pair[1] for pair in _ALIKE.split()})
_TWINS_BACK = str.maketrans({pair[1]: pair[0] for pair in "аa вb сc еe кk мm нh оo рp тt хx уy".split()})
_RUSSIAN = re.compile("[а-я]")
_SMALL = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢɑɡɩ", "abcdefghijklmnopqrstuvwyzagi")
_TWIN, _LATIN, _WORD = re.compile(f"[{''.join(map(chr, _TWINS))}]"), re.compile("[a-z]"), re.compile(r"[^\W_]+")


def letters(text: str) -> str:
    """A text in small letters without accents; what stands between words stays."""
    if not text.isascii():
        text = _LOOSE.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        return unicodedata.normalize("NFC", text)
    return text.lower()


def fold(text: str) -> str:
    """A text (Markdown as it is written) as its folded words, a blank before and after each."""
    said = html.unescape(text) if "&" in text else text
    said = letters(_EMPHASIS.sub("", said))
    if not said.isascii():
        said = _alike(_SOLID_RUN.sub(r" \g<0> ", said))
    return f" {_BETWEEN.sub(' ', said).strip()} ".replace("  ", " ")


def _alike(said: str) -> str:
    """Words in which letters of another script stand for those they look like, in the letters of one script throughout."""
    said = said.translate(_SMALL)
    return _WORD.sub(_of_one_script, said) if _LATIN.search(said) and _TWIN.search(said) else said


def _of_one_script(word: re.Match[str]) -> str:
    latin, other = set(_LATIN.findall(word[0])), {letter for letter in word[0] if letter.isalpha() and not letter.isascii()}
    if not latin or not other:
        return word[0]
    if all(ord(letter) in _TWINS for letter in other):
        return word[0].translate(_TWINS)
    # Cyrillic with a Latin letter in it; a word that is really of two scripts stays as it is.
    return word[0].translate(_TWINS_BACK) if _RUSSIAN.search(word[0]) and all(ord(letter) in _TWINS_BACK for letter in latin) else word[0]


def is_solid(letter: str) -> bool:
    """Whether a letter is of those written without spaces."""
    return _IS_SOLID.match(letter) is not None
