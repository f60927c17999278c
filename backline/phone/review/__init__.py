"""Calls that people held, reviewed from their transcripts or recordings."""
