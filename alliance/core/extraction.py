"""For `make messages`: the sentences of the permission sheet are docstrings, which Babel does not look at by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import IO, Any


def sentences(source: IO[bytes], _keywords: Any, _comment_tags: Any, options: Any) -> Iterator[tuple[int, None, str, list[str]]]:
    """Babel's extractor interface: (line, function, message, comments) of every function decorated with `@action`."""
    for node in ast.parse(source.read()).body:
        if isinstance(node, ast.FunctionDef) and any(_is_action(d) for d in node.decorator_list):
            yield node.lineno, None, " ".join((ast.get_docstring(node) or "").split()), []


def _is_action(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "action"
