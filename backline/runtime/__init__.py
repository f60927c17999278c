"""Rasa as Backline runs it: one process, actions inside, and what operators need around it."""
