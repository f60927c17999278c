"""docs/policy.md has the rules as the code has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backline.cli import policy_page
from backline.policy import POLICY_VERSION, RULES
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "policy.md").read_text(encoding="utf-8")


def test_the_page_has_the_table_that_the_code_gives() -> None:
    assert policy_page.renewed(PAGE) == PAGE, "`make policy` writes it"


def test_writing_renews_the_table_and_keeps_what_stands_around_it(tmp_path: Path) -> None:
    page = tmp_path / "policy.md"
    rows = "\n".join([*policy_page.HEAD, "| E1 | what was | once / there | somewhere |"])
    page.write_text(f"# Head\n\nBy hand.\n\n{rows}\n\nBehind.\n", encoding="utf-8")
    policy_page.write(page)
    table = policy_page.table()
    assert page.read_text("utf-8") == f"# Head\n\nBy hand.\n\n{table}\n\nBehind.\n"
    assert table.count("\n") == len(RULES) + 1


def test_a_file_without_the_table_is_not_written(tmp_path: Path) -> None:
    page = tmp_path / "other.md"
    page.write_text("# Other\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no table"):
        policy_page.write(page)
    assert page.read_text("utf-8") == "# Other\n"


def test_the_example_of_the_api_has_this_version() -> None:
    page = (PROJECT / "docs" / "http.md").read_text(encoding="utf-8")
    assert f'"policy_version": "{POLICY_VERSION}"' in page
