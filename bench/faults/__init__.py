"""Faults, injected into a whole system on this machine, while patients talk with it."""
