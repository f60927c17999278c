"""`python -m tests.phone.serving PORT`: a server that answers calls of the audio stream."""

from __future__ import annotations

import os
import sys

from backline.channels.credentials import load_seal
from backline.phone.line import PhoneLine
from backline.phone.streaming import audio_stream, load_stream_settings
from backline.server import logs
from backline.server.agent import load_agent
from backline.server.app import create_app
from backline.settings import load_settings
from backline.store import create_store


def main(port: int) -> None:
    settings = load_settings()
    logs.configure(logs.load_log_settings(level="info"))
    phone = settings.clinic.phone_line
    stream = load_stream_settings(os.environ["BACKLINE_PHONE_TOKEN"])
    assert phone is not None and stream is not None
    store = create_store(settings.database_url)
    store.upgrade()
    agent = load_agent(settings)
    app = create_app(settings, agent, store)
    line = PhoneLine(agent, store, settings.clinic, load_seal())
    app.blueprint(audio_stream(line, phone, stream))
    app.run(host="127.0.0.1", port=port, access_log=False, motd=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
