"""Scripts: the modules of `static/js` joined to a few files by purpose, each with what it says in the language of the page.

`static/js/bundles.txt` says which modules begin each file; what they import comes with them. A module becomes a function
that is called once, so that its names stay its own. There is no build step: a process joins a file when it is first asked for.
"""

from __future__ import annotations

import functools
import json
import posixpath
import re

from flask import Blueprint, Response

from alliance.core import i18n, shipped
from alliance.core.errors import NotFound
from alliance.web import assets, words

bp = Blueprint("scripts", __name__)
FIRST = "reading"  # the file every page names; it knows the addresses of those it fetches when they are wanted
FETCHES = "wanted.js"
_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|async function|function|class) (\w+))", re.MULTILINE)
_REMARKS = (re.compile(r"^\s*/\*\*.*?\*/\n?", re.MULTILINE | re.DOTALL), re.compile(r"^\s*//.*\n?", re.MULTILINE))
_INDENTED = re.compile(r"^\s+", re.MULTILINE)
_SAID = re.compile(r"\bwords\.(?!js\b)(\w+)")


@functools.cache
def bundles() -> dict[str, tuple[str, ...]]:
    """The modules each file begins with."""
    lines = (shipped.path("static") / "js" / "bundles.txt").read_text(encoding="utf-8").splitlines()
    return {name: tuple(modules.split()) for name, _colon, modules in (line.partition(":") for line in lines)}


@functools.cache
def _source(module: str) -> str:
    return (shipped.path("static") / "js" / module).read_text(encoding="utf-8")


def _imports(module: str) -> list[tuple[str, str]]:
    """The names a module takes, and from which."""
    return [
        (names, posixpath.normpath(posixpath.join(posixpath.dirname(module), path))) for names, path in _IMPORT.findall(_source(module))
    ]


def modules_of(bundle: str) -> list[str]:
    """The modules of a file, each behind those it imports."""
    found: list[str] = []

    def take(module: str) -> None:
        if module not in found:
            for _names, other in _imports(module):
                take(other)
            found.append(module)

    for module in bundles()[bundle]:
        take(module)
    return found


def _called(module: str) -> str:
    return "$" + re.sub(r"\W", "_", module.removesuffix(".js"))


def _joined(module: str) -> str:
    """A module as a function that is called once and gives what the module exports."""
    taken = "".join(f"const {{{names.replace(' as ', ':').strip()}}} = {_called(other)};\n" for names, other in _imports(module) if names)
    body = _IMPORT.sub("", _source(module))
    given = ", ".join(_EXPORT.findall(body))
    body = _EXPORT.sub("", body)
    body = _INDENTED.sub("", functools.reduce(lambda text, remark: remark.sub("", text), _REMARKS, body))
    return f"const {_called(module)} = (() => {{\n{taken}{body}\nreturn {{{given}}};\n}})();\n"


@functools.cache
def joined(bundle: str, language: str) -> bytes:
    """A file of scripts, with what it says in a language."""
    modules = modules_of(bundle)
    said = {name for module in modules for name in _SAID.findall(_source(module))}
    table = json.dumps(words.table(language, said), ensure_ascii=False)
    others = {one: address(one, language) for one in bundles() if one in _fetched()} if bundle == FIRST else {}
    return "".join((f"const WORDS = {table}, FILES = {json.dumps(others)};\n", *map(_joined, modules))).encode()


def _fetched() -> set[str]:
    """The files the first one fetches; others are named by the pages that need them."""
    return set(re.findall(r'"(\w+)"', _source(FETCHES)))


def address(bundle: str, language: str | None = None) -> str:
    """The address of a file of scripts, in the language of the page unless another is named."""
    spoken = language or i18n.current_locale()
    return f"/static/scripts/{spoken}/{bundle}.js?v={assets.fingerprint(joined(bundle, spoken))}"


@bp.get("/static/scripts/<language>/<bundle>.js")
def script(language: str, bundle: str) -> Response:
    """Scripts for one purpose, in one language."""
    if language not in i18n.LANGUAGES or bundle not in bundles():
        raise NotFound
    return assets.packed(f"{bundle}.{language}.js", joined(bundle, language), "text/javascript; charset=utf-8")
