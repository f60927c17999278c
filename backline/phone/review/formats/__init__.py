"""Read the forms in which services and people write transcripts, one module for each family."""
