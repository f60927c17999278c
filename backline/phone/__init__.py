"""The clinic's phone line: callers are heard, understood and guided by voice.

Three ways in (`gateways`) share one talk: `events` says what is heard and what is said, `dialogue`
decides, `calls` joins it with the triage.
"""
