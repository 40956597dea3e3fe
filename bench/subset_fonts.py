"""Make the fonts of alliance/data/fonts again (needs fonttools, Debian's fonts-noto-core, and fonts-noto-cjk unpacked).

python bench/subset_fonts.py NOTO_TTF_FOLDER NOTO_CJK_FOLDER OUTPUT_FOLDER
"""

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

NOTO, CJK, OUT = map(Path, sys.argv[1:4])
SCRIPTS = ("Devanagari", "Bengali", "Tamil", "Thai", "Hebrew", "Georgian", "Armenian", "Ethiopic")
PLAIN_LAYOUT = ["locl", "ccmp", "liga", "kern", "halt", "palt", "chws"]


def table(encoding: str, first: range, second: range) -> set[int]:
    """The code points of a part of a double-byte character set."""
    found = set()
    for a in first:
        for b in second:
            try:
                found.add(ord(bytes([a, b]).decode(encoding)))
            except (UnicodeDecodeError, TypeError):
                continue
    return {point for point in found if point >= 0x2000}


def write(font: TTFont, points: set[int], name: str, layout: list[str]) -> None:
    """Reduce a font to these code points and write it."""
    options = subset.Options(layout_features=layout, name_IDs=["*"], notdef_outline=True, hinting=False, glyph_names=False)
    options.drop_tables += ["DSIG", "vhea", "vmtx", "VORG"]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=points)
    worker.subset(font)
    font.save(OUT / name)


LATIN = {*range(0x20, 0x530), *range(0x1E00, 0x20D0), *range(0x2100, 0x2300), 0xFFFD, 0xFEFF, 0x25CC, 0x25CB, 0x25CF, 0x25A0, 0x2605}
HIGH = range(0xA1, 0xFF)
GB2312 = table("gb2312", range(0xA1, 0xF8), HIGH) | {*range(0x3000, 0x3100), *range(0xFF00, 0xFFF0)}
LEVEL_1 = table("gb2312", range(0xB0, 0xD8), HIGH)
MORE = table("big5", range(0xA4, 0xC7), range(0x40, 0xFF)) | table("euc_kr", range(0xB0, 0xC9), HIGH)

for style in ("Regular", "Bold", "Italic", "BoldItalic"):
    write(TTFont(NOTO / f"NotoSerif-{style}.ttf"), LATIN, f"NotoSerif-{style}.ttf", ["*"])
for style in ("Regular", "Bold"):
    arabic = TTFont(NOTO / f"NotoNaskhArabic-{style}.ttf")
    write(arabic, set(arabic.getBestCmap()), f"NotoNaskhArabic-{style}.ttf", ["*"])
    fonts = TTCollection(CJK / f"NotoSerifCJK-{style}.ttc").fonts
    chinese = next(font for font in fonts if "SC" in font["name"].getDebugName(1))
    bold = {point for point in GB2312 if not 0x4E00 <= point <= 0x9FFF or point in LEVEL_1}
    write(chinese, GB2312 | MORE if style == "Regular" else bold, f"NotoSerifSC-{style}.otf", PLAIN_LAYOUT)
for script in SCRIPTS:
    font = TTFont(NOTO / f"NotoSerif{script}-Regular.ttf")
    write(font, {point for point in font.getBestCmap() if point > 0x2AF}, f"NotoSerif{script}-Regular.ttf", ["*"])
symbols = TTFont(NOTO / "NotoSansSymbols2-Regular.ttf")
kept = {point for point in symbols.getBestCmap() if 0x2190 <= point <= 0x2BFF or 0x1F300 <= point <= 0x1FAFF}
write(symbols, kept, "NotoSansSymbols2-Regular.ttf", ["*"])

covered: set[int] = set()
for file in sorted(OUT.glob("*.?tf")):
    if "Bold" not in file.name and "Italic" not in file.name:
        covered |= set(TTFont(file).getBestCmap())
ranges: list[list[int]] = []
for point in sorted(covered):
    if ranges and ranges[-1][1] == point - 1:
        ranges[-1][1] = point
    else:
        ranges.append([point, point])
(OUT / "coverage.json").write_text(json.dumps(ranges, separators=(",", ":")), "utf-8")
