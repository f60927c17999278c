"""From a message to findings: what it tells of the patient, and what has to be set aside."""

from backline.nlu.pipeline import Understander

__all__ = ["Understander"]
