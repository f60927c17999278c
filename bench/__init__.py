"""Measures Backline on this machine; run with `make bench`."""
