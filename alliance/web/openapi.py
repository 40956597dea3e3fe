"""The OpenAPI 3.1 document, made from the operations and their models."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, jsonify
from pydantic import TypeAdapter

from alliance import __version__
from alliance.core import settings
from alliance.web import api

_REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["type", "title", "status", "detail"],
}


def document() -> dict[str, Any]:
    """The whole document."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    paths: dict[str, Any] = {}
    for operation in api.operations:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", operation.rule)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Alliance", "version": __version__, "description": "The same rules as the pages, because the same services."},
        "servers": [{"url": settings.current().base_url + api.PREFIX}],
        "security": [{}, {"bearer": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(operation: api.Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    summary = " ".join((operation.view.__doc__ or "").split("\n\n")[0].split())
    described: dict[str, Any] = {
        "summary": summary,
        "operationId": f"{operation.view.__module__.split('.')[1]}_{operation.view.__name__}",
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(operation.body, schemas)}}}
    if operation.files:
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _multipart(operation.files)}}}
    if operation.method in api.WRITING:
        described["security"] = [{"bearer": [operation.scope]}]
    return described


def _multipart(parts: tuple[str, ...]) -> dict[str, Any]:
    file, *texts = parts
    properties: dict[str, Any] = {file: {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {"type": "object", "properties": properties | {name: {"type": "string"} for name in texts}, "required": [file]}


def _parameters(operation: api.Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    found = [{"name": name, "in": "path", "required": True, "schema": {"type": kind}} for name, kind in api.path_parameters(operation.rule)]
    if operation.query is not None:
        whole = TypeAdapter(operation.query).json_schema(ref_template=_REF)
        schemas.update(whole.pop("$defs", {}))
        required = whole.get("required", [])
        found += [{"name": n, "in": "query", "required": n in required, "schema": s} for n, s in whole["properties"].items()]
    if operation.method == "POST" and not operation.files:
        found.append(
            {"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "minLength": 1, "maxLength": 128}}
        )
    return found


def _responses(operation: api.Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done"}
    if operation.returns is not None:
        good["content"] = {"application/json": {"schema": _schema(operation.returns, schemas)}}
    bad = {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    return {str(operation.status): good, "default": bad}


def _schema(model: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    whole = TypeAdapter(model).json_schema(ref_template=_REF, mode="serialization" if _goes_out(model) else "validation")
    schemas.update(whole.pop("$defs", {}))
    name = re.sub(r"\W+", "_", getattr(model, "__name__", "Schema")).strip("_")
    schemas.setdefault(name, whole)
    return {"$ref": _REF.format(model=name)}


def _goes_out(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, api.Out)


@api.bp.get("/openapi.json")
def openapi() -> Response:
    """The document itself."""
    return jsonify(document())
