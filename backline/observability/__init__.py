"""Logs, metrics and what is measured of Rasa, without a word of any patient."""
