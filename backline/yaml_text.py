"""Files of words, as `data/` holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# libyaml reads what a server needs at its start in a tenth of the time; not every build has it.
_Texts = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_words(path: Path) -> Any:
    """What a YAML file says, every scalar a text, so that "no" and "on" stay words."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Texts)  # noqa: S506 - no objects


class PlacedText(str):
    """A text of a file, which knows where it stands there.

    Attributes:
        file: the file's name.
        line, column: of its first character, each from 1.
    """

    file: str
    line: int
    column: int


def read_placed_words(path: Path) -> Any:
    """Read as `read_words` does; the items of lists know their place (`PlacedText`).

    So do the `pattern` of a map in a list, and the keys of such a map.
    """
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Texts)
    return None if node is None else _held(node, path.name)


def _held(node: Any, file: str) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.MappingNode):
        return {key.value: _held(held, file) for key, held in node.value}
    return [_item(child, file) for child in node.value]


def _item(node: Any, file: str) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _placed(node, file)
    if not isinstance(node, yaml.MappingNode):
        return _held(node, file)
    return {
        _placed(key, file): _placed(held, file) if key.value == "pattern" else _held(held, file)
        for key, held in node.value
    }


def _placed(node: Any, file: str) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return _held(node, file)
    text, begin = PlacedText(node.value), node.start_mark
    text.file, text.line = file, begin.line + 1
    text.column = begin.column + 1 + (node.style in ("'", '"'))
    return text
