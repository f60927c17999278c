"""Rasa SDK actions, thin: what the tracker holds -> one call of backline -> events."""
