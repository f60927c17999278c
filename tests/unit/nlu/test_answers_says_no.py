"""A word of denial, wherever it stands; a doubt is none."""

from __future__ import annotations

import pytest

from backline.nlu.components.replies import says_no


@pytest.mark.parametrize("text", ["haha what. no", "it is not new", "that was nothing"])
def test_a_denial_is_heard_anywhere(text: str) -> None:
    assert says_no(text)


@pytest.mark.parametrize("text", ["not sure", "I'm not certain about that", "yes, not good", "hm"])
def test_a_doubt_is_no_denial(text: str) -> None:
    assert not says_no(text)
