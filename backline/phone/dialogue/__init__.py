"""Manage the dialogue by voice: what is asked, confirmed and told. Pure: no sound, no store."""
