"""Review calls that people held, from their transcripts or recordings."""
