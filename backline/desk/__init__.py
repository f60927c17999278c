"""The clinic's desk: where staff see the people who wrote. Knows nothing of Rasa."""
