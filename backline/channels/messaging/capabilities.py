"""What each messaging service can show: the one table that rendering goes by."""

from __future__ import annotations

from dataclasses import dataclass

from backline.delivery_errors import WINDOW_HOURS


@dataclass(frozen=True)
class Capabilities:
    """Limits as the service documents them; 0 means that it has no such thing.

    Attributes:
        text: characters of a message.
        controlled_text: characters of a message that carries buttons or a list.
        buttons: most buttons under a message; `button` is the length of a title.
        rows: most rows of a list; `row` and `row_note` are the lengths of title and description.
        toggles: whether a checklist can be ticked in place.
        scale: whether a row of numbers fits.
        numbered: whether the options are numbered and a number is an answer.
        window_hours: how long after a person's message one may write to them; None for ever.
    """

    text: int
    controlled_text: int
    buttons: int = 0
    button: int = 0
    rows: int = 0
    row: int = 0
    row_note: int = 0
    toggles: bool = False
    scale: bool = False
    numbered: bool = False
    window_hours: int | None = None


CAPABILITIES = {
    # https://core.telegram.org/bots/api: sendMessage, InlineKeyboardMarkup
    "telegram": Capabilities(
        text=4096,
        controlled_text=4096,
        buttons=100,
        button=64,
        toggles=True,
        scale=True,
    ),
    # https://developers.facebook.com/docs/whatsapp/cloud-api: messages, interactive
    "whatsapp": Capabilities(
        text=4096,
        controlled_text=1024,
        buttons=3,
        button=20,
        rows=10,
        row=24,
        row_note=72,
        numbered=True,
        window_hours=WINDOW_HOURS["whatsapp"],
    ),
    # https://www.twilio.com/docs/whatsapp: free-form text; buttons need approved templates
    "twilio": Capabilities(
        text=1600, controlled_text=0, numbered=True, window_hours=WINDOW_HOURS["twilio"]
    ),
}
