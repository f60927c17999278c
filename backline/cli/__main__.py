"""`python -m backline.cli` is the `backline` command."""

from backline.cli.main import main

main()
