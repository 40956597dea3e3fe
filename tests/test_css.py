"""The stylesheet: one for both directions, small, strict, and readable in every theme."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parents[1]
CSS = ROOT / "static" / "css"
# Pages and their parts. A mail has no stylesheet to link to and carries its own.
TEMPLATES = sorted(
    path
    for path in (ROOT / "templates").rglob("*.html")
    if path.parent.name != "mailing" or '"base.html"' in path.read_text(encoding="utf-8")
)
SHEETS = sorted(CSS.rglob("*.css"))
BUNDLE = (CSS / "bundle.txt").read_text(encoding="utf-8").split()
LAYERS = {"reset", "tokens", "base", "layout", "components", "utilities"}
WRITTEN_ON = ("ink", "muted", "accent", "visited", "danger", "warning", "success")
STAKEHOLDERS = ("government", "private_sector", "civil_society", "international_organization", "academia_technical", "media", "none")


def _rules(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _declarations(css: str) -> list[tuple[str, str]]:
    return re.findall(r"(?<![\w-])(-{0,2}[a-z][\w-]*)\s*:\s*([^;{}]+)[;}]", css)


def _themes() -> dict[str, dict[str, str]]:
    css = _rules(CSS / "tokens.css")
    blocks = {
        "light": css.split(":root {", 1)[1].split("}", 1)[0],
        "dark by system": css.split(':root:not([data-theme="light"]) {', 1)[1].split("}", 1)[0],
        "dark by choice": css.split(':root[data-theme="dark"] {', 1)[1].split("}", 1)[0],
    }
    return {name: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\b", block)) for name, block in blocks.items()}


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


class TestBundle:
    def test_every_sheet_is_in_it_once(self) -> None:
        assert sorted(BUNDLE) == [str(path.relative_to(CSS)) for path in SHEETS]

    def test_the_order_of_layers_comes_first(self) -> None:
        assert _rules(CSS / BUNDLE[0]).strip().startswith("@layer reset, tokens, base, layout, components, utilities;")

    def test_it_is_small(self) -> None:
        whole = b"\n".join((CSS / name).read_bytes() for name in BUNDLE)
        assert len(brotli.compress(whole)) <= 10_000


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
class TestSheets:
    def test_everything_is_in_a_layer(self, path: Path) -> None:
        css = _rules(path)
        assert set(re.findall(r"@layer\s+(\w+)\s*{", css)) <= LAYERS
        depth = 0
        for line in re.sub(r"@layer [\w, ]+;", "", css).splitlines():
            assert depth or not line.strip() or line.startswith("@layer"), line
            depth += line.count("{") - line.count("}")
        assert depth == 0

    def test_sides_are_logical(self, path: Path) -> None:
        """No physical property or side, so that right-to-left needs no second sheet."""
        physical = re.compile(
            r"^(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)(?:-.+)?|left|right|top|bottom"
            r"|(?:min-|max-)?(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius|overflow-[xy])$"
        )
        allowed = {("overflow-x", "auto")}
        for name, value in _declarations(re.sub(r"@media[^{]+", "", _rules(path))):
            assert not physical.match(name) or (name, value.strip()) in allowed, f"{name}: {value}"
            if name in {"text-align", "float", "clear"}:
                assert value.strip() not in {"left", "right"}, f"{name}: {value}"
            if name in {"margin", "padding", "inset"}:
                assert len(re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", value).split()) <= 3, f"{name}: {value} says left and right"

    def test_nothing_is_forced(self, path: Path) -> None:
        assert "!important" not in _rules(path)
        assert "@import" not in _rules(path)

    def test_colours_are_tokens(self, path: Path) -> None:
        """Shadows may be a transparent black; everything else has its name in tokens.css."""
        if path.name == "tokens.css":
            return
        css = re.sub(r"#000[0-9a-f]\b", "", _rules(path))
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*{)", css) == []
        assert re.findall(r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(", css) == []
        named = re.compile(r"\b(?:white|black|red|green|blue|gr[ae]y|silver|orange|yellow|navy|teal|maroon|purple)\b")
        assert [value for name, value in _declarations(css) if not name.startswith("--") and named.search(value)] == []

    def test_tokens_exist(self, path: Path) -> None:
        defined = set(re.findall(r"--[\w-]+(?=\s*:)", "".join(_rules(sheet) for sheet in SHEETS)))
        assert set(re.findall(r"var\((--[\w-]+)\)", _rules(path))) <= defined


class TestThemes:
    def test_the_dark_theme_is_the_same_by_system_and_by_choice(self) -> None:
        themes = _themes()
        assert themes["dark by system"] == themes["dark by choice"]
        assert set(themes["dark by choice"]) == set(themes["light"])

    @pytest.mark.parametrize("theme", ["light", "dark by choice"])
    def test_text_can_be_read(self, theme: str) -> None:
        tokens = _themes()[theme]
        for text in [*WRITTEN_ON, *(f"st-{kind}" for kind in STAKEHOLDERS)]:
            for ground in ("paper", "surface"):
                assert contrast(tokens[text], tokens[ground]) >= 4.5, f"{text} on {ground}"
        for text, ground in [
            ("accent-ink", "accent"),
            ("mark-ink", "mark"),
            ("ink", "sunken"),
            ("muted", "sunken"),
            ("accent", "accent-wash"),
            ("muted", "accent-wash"),
            *((state, f"{state}-wash") for state in ("danger", "warning", "success")),
            *(("ink", f"{state}-wash") for state in ("danger", "warning", "success", "accent")),
        ]:
            assert contrast(tokens[text], tokens[ground]) >= 4.5, f"{text} on {ground}"

    @pytest.mark.parametrize("theme", ["light", "dark by choice"])
    def test_controls_and_focus_can_be_seen(self, theme: str) -> None:
        tokens = _themes()[theme]
        for line in ("control", "focus"):
            for ground in ("paper", "surface"):
                assert contrast(tokens[line], tokens[ground]) >= 3, f"{line} on {ground}"

    def test_every_stakeholder_type_has_a_shape_of_its_own(self) -> None:
        css = _rules(CSS / "components" / "stakeholder_badge.css")
        shapes = {kind: re.search(rf"\.stakeholder-{kind}::before {{([^}}]*)}}", css) for kind in STAKEHOLDERS}
        drawn = [shape.group(1) if shape else "square" for shape in shapes.values()]
        assert len(set(drawn)) == len(STAKEHOLDERS)


# A mail has no style sheet to link to: its frame carries the few styles it has.
PAGES = [path for path in TEMPLATES if path.parent.name != "mailing" or path.name not in {"letter.html", "_frame.html"}]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
class TestTemplates:
    def test_nothing_is_written_inline(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", text, re.IGNORECASE)
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(?:ld\+)?json\")", text, re.IGNORECASE)

    def test_no_blank_page_is_opened(self, path: Path) -> None:
        assert 'target="_blank"' not in path.read_text(encoding="utf-8")
