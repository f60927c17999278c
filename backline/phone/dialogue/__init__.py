"""The talk by voice: what is asked, confirmed and told. Pure: no sound, no server, no store."""
