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
