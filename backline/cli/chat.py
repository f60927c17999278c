"""`backline chat`: a conversation in the terminal, with the same agent as the server."""

from __future__ import annotations

import asyncio
import secrets

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from backline.runtime.agent import load_agent
from backline.sanitize import Refused, clean_text
from backline.settings import Settings
from backline.store import create_store


def talk(settings: Settings) -> None:
    """Read lines, answer them, until the input ends."""
    store = create_store(settings.database_url)
    store.upgrade()
    if store.field_encryption.made is not None:
        print(f"What you write is encrypted with a new key, in {store.field_encryption.made}.")
    agent = load_agent(settings)
    conversation = f"terminal-{secrets.token_hex(8)}"
    print("Tell me about your back. Ctrl-D ends the conversation.\n")
    while True:
        try:
            text = clean_text(input("> "))
        except (EOFError, KeyboardInterrupt):
            print()
            return
        except Refused as refused:
            print(refused)
            continue
        answers = CollectingOutputChannel()
        asyncio.run(
            agent.handle_message(UserMessage(text, answers, conversation, input_channel="terminal"))
        )
        for answer in answers.messages:
            if "text" in answer:
                print(f"\n{answer['text']}\n")
            for button in answer.get("buttons") or []:
                print(f"  - {button['title']}")
