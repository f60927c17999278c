"""Fetches a model that recognises speech."""

from __future__ import annotations

from pathlib import Path

from backline.failures import Told

MODELS = ("tiny.en", "base.en", "small.en", "distil-small.en", "medium.en")
"""Whisper's models for English by size: the larger, the fewer mistakes, and the slower."""


class FetchError(Told):
    """The model could not be fetched; the text says why, and what to do."""


def fetch(name: str, folder: Path) -> None:
    """Download a model from Hugging Face into a folder.

    Raises:
        FetchError: the packages for speech are missing, or it cannot be downloaded.
    """
    try:
        from faster_whisper import download_model
    except ImportError:
        raise FetchError(
            "the packages for speech are not installed; `make setup-speech` installs them"
        ) from None
    try:
        download_model(name, output_dir=str(folder))
    except Exception as error:  # noqa: BLE001 - the libraries below have many
        raise FetchError(
            f"the model {name} cannot be downloaded from huggingface.co ({type(error).__name__}). "
            "Where this machine may not reach it, run the command on one that may, and copy the "
            f"folder here"
        ) from None
