"""The JSON Schema of a results file, from the types that read and write it."""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from verify.engine.results import SCHEMA, Document


def json_schema() -> dict[str, Any]:
    """Draft 2020-12; fields may be added in later versions of the same schema number."""
    schema = msgspec.json.schema(Document)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"verify results file, schema {SCHEMA}"
    schema["$defs"]["Document"]["properties"]["schema"] = {"const": SCHEMA}
    for definition in schema["$defs"].values():
        if "description" in definition:
            # Versions of the library differ in whether they leave the indentation of the source.
            definition["description"] = inspect.cleandoc(definition["description"])
    return schema


def text() -> str:
    """The schema as the file ``docs/results.schema.json`` holds it."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
