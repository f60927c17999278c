"""From a message to findings: what it tells of the patient, and what has to be set aside."""

from backline.understanding.reader import Understander

__all__ = ["Understander"]
