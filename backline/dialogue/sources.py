"""Sources of findings that count in some places only."""

from __future__ import annotations

from backline.facts import Finding

LATER = "answers:later"
"""Source of a no that is a sentence behind other words: it answers a list, and nothing else."""
NEVER_WAS, IS_OVER = "taken_back:wrong", "taken_back:over"
"""Sources of what is named as wrong ("remove belly") and as over ("legs fine now"): it takes back
what is known, and tells nothing where that is not known."""


def is_taken_back(finding: Finding) -> bool:
    """Tell whether something is named as wrong or over."""
    return finding.source in (NEVER_WAS, IS_OVER)
