"""The phone line's ways in: Twilio Voice, an audio stream, transcripts."""
