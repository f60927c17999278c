"""`make sbom` lists what is installed to run, and nothing of the tests' tools."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tests.conftest import PROJECT


def test_the_list_holds_the_packages_of_the_runtime_lock_and_fits_its_schema(
    tmp_path: Path,
) -> None:
    target = tmp_path / "backline.cdx.json"
    subprocess.run(["scripts/bootstrap.sh", "sbom"], cwd=PROJECT, check=True)
    # The command ends with an error if the schema says anything against the document.
    subprocess.run([".tools/sbom/bin/python", "scripts/sbom", target], cwd=PROJECT, check=True)
    document = json.loads(target.read_text(encoding="utf-8"))
    listed = {re.sub("[-_.]+", "-", part["name"]).lower() for part in document["components"]}
    lock = (PROJECT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    everywhere = set(re.findall(r"^([a-z0-9-]+)==[^ ;]+ \\$", lock, re.MULTILINE))
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert document["bomFormat"] == "CycloneDX"
    assert everywhere <= listed <= locked
    assert all(part.get("licenses") for part in document["components"] if part["name"] == "rasa")
