"""What is understood of every text: the findings, and what the trained model makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.recordings import product, texts
from bench.recordings.product import Product


def findings(running: Product) -> Iterator[dict[str, Any]]:
    """A record for each text under tests/understanding and each one in another language."""
    for text in sorted({*texts.everything(), *texts.in_other_languages()}):
        understood = running.understood(text)
        yield {
            "text": text,
            "findings": product.findings_of(text),
            "intent": understood["intent"],
            "confidence": understood["confidence"],
        }
