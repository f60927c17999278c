"""The ways in: one module a channel, on the shared contract of question markers."""
