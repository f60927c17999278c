"""The clinic's phone line: callers are heard, understood and guided by voice.

Three entrances (Twilio Voice, an audio stream, transcripts) share one talk: `speech` says what is
heard and what is said, `talk` decides, `line` joins it with the triage.
"""
