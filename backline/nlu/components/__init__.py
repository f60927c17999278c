"""Readers for what is counted: how long, how bad, how old, how many."""

from backline.nlu.components.ages import read_ages
from backline.nlu.components.counts import (
    read_massage_sessions,
    read_numbers,
    read_unit_correction,
)
from backline.nlu.components.durations import read_durations
from backline.nlu.components.severities import read_severities

__all__ = [
    "read_ages",
    "read_durations",
    "read_massage_sessions",
    "read_numbers",
    "read_severities",
    "read_unit_correction",
]
