"""Sound of a call: frames, where speech begins and ends, recognition, voices."""
