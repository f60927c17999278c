"""The `backline` command, and what it says in a terminal."""
