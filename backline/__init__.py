"""Backline: conversational triage for back pain."""

__version__ = "0.2.0"
