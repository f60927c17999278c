"""Words that stand alone in a message and are meant for the channel."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from backline.channels.messages import Kind

_FILE = Path(__file__).with_name("keywords.yml")
_PUNCTUATION = re.compile(r"[^\w\s-]+")


@lru_cache(maxsize=1)
def _keywords() -> dict[str, Kind]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {word: Kind(kind) for kind, words in data.items() for word in words}


def keyword(text: str) -> Kind | None:
    """STOP, START or HELP, if the whole message is one of their words."""
    return _keywords().get(_PUNCTUATION.sub("", text.lower()).strip())
