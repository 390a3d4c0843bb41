"""The page itself: facts and thumbnails put into the template."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from cytoimagenet_tfds.card.thumbnails import Thumbnail

LIMIT = 15_000_000  # bytes of the whole page
IMAGES = 11_000_000  # of them for thumbnails with their facts
_SCRIPTS = ("kit.js", "images.js", "classes.js", "sections.js")  # one module, in this order
_HOLE = re.compile(r"\{\{(\w+)\}\}")
# What could end a script element, or be taken for markup by a careless reader.
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&'\u2028\u2029"}


def render(facts: dict[str, Any], thumbnails: Sequence[Thumbnail]) -> str:
    """Returns the page as HTML text.

    The data stands in it as JSON, which the script puts into the page as text, never as markup. A
    content security policy allows this one script and no network.
    """
    style, script = _file("card.css"), "\n".join(map(_file, _SCRIPTS))
    values = {
        "title": html.escape(facts["name"]),
        "policy": html.escape(_policy(style, script)),
        "style": style,
        "script": script,
        "facts": as_script(facts),
        "images": as_script(_by_class(thumbnails)),
    }
    # One pass, so that nothing inside the values is taken for a hole.
    return _HOLE.sub(lambda found: values[found.group(1)], _file("template.html"))


def as_script(value: Any) -> str:
    """Returns JSON that may stand inside a script element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return "".join(_UNSAFE.get(character, character) for character in text)


def _by_class(thumbnails: Sequence[Thumbnail]) -> list[list[Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in thumbnails:
        found.setdefault(one.label, []).append({**one.facts, "data": one.data})
    return [list(pair) for pair in found.items()]  # a label may be called `constructor`


def _policy(style: str, script: str) -> str:
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in (style, script)]
    css, js = (f"'sha256-{value.decode()}'" for value in hashes)
    return (
        f"default-src 'none'; style-src {css}; script-src {js}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def _file(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
