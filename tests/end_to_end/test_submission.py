"""The workflows that verify a submission: safe, and made of commands that work here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = REPOSITORY / ".github" / "workflows"


def workflow(name: str) -> dict[Any, Any]:
    """Read a workflow; YAML 1.1 reads its key `on` as true."""
    found: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    return {("on" if key is True else key): value for key, value in found.items()}


def steps(name: str) -> list[dict[str, Any]]:
    """Return the steps of a workflow's only job."""
    (job,) = workflow(name)["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


VERIFY, COMMENT = "verify-submission.yml", "comment-submission.yml"


def test_a_strangers_code_never_meets_a_token_that_writes() -> None:
    """The job that reads a pull request cannot write; the one that writes checks nothing out."""
    verifying, commenting = workflow(VERIFY), workflow(COMMENT)

    assert set(verifying["on"]) == {"pull_request"}
    assert verifying["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in verifying["jobs"].values())
    assert set(commenting["on"]) == {"workflow_run"}
    assert commenting["on"]["workflow_run"]["workflows"] == [verifying["name"]]
    assert commenting["permissions"] == {}
    assert not any("checkout" in step.get("uses", "") for step in steps(COMMENT))
    assert not re.search(r"\{\{\s*secrets", "".join(f.read_text() for f in WORKFLOWS.iterdir()))


def test_the_verifier_is_the_base_branchs() -> None:
    """What judges a submission is installed from the base branch, and the submission is data."""
    (trusted, submission) = [s for s in steps(VERIFY) if "checkout" in s.get("uses", "")]
    (install,) = [s["run"] for s in steps(VERIFY) if "pip install" in s.get("run", "")]

    assert trusted["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert trusted["with"]["path"] == "trusted"
    assert submission["with"]["path"] == "submission"
    assert all(step["with"]["persist-credentials"] is False for step in (trusted, submission))
    assert install.split()[-1] == "./trusted"


def test_actions_are_pinned_and_nothing_of_a_stranger_stands_in_a_script() -> None:
    """Full versions, and no expression within a `run` or a `script`."""
    for step in (*steps(VERIFY), *steps(COMMENT)):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", step["uses"])
        script = step.get("run", "") + str(step.get("with", {}).get("script", ""))
        assert "${{" not in script


ASKED = """
const fs = require('fs');
const said = [];
const pulls = JSON.parse(process.env.PULLS), comments = JSON.parse(process.env.COMMENTS);
const context = {repo: {owner: 'o', repo: 'r'}, payload: {workflow_run: {
  head_sha: 'a'.repeat(40), head_branch: 'mine', head_repository: {owner: {login: 'me'}},
  conclusion: 'failure', html_url: 'https://log'}}};
const github = {paginate: async () => comments, rest: {
  pulls: {list: async (asked) => { said.push(['list', asked]); return {data: pulls}; }},
  issues: {listComments: null,
    createComment: async (made) => said.push(['create', made]),
    updateComment: async (made) => said.push(['update', made])}}};
(async () => { SCRIPT })().then(() => fs.writeSync(1, JSON.stringify(said)));
"""


def commented(folder: Path, summary: str, *, pulls: Any, comments: Any = ()) -> list[Any]:
    """Run the commenting script with a made-up GitHub; return what it asked of it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    (folder / "summary.md").write_text(summary)
    (script,) = [s["with"]["script"] for s in steps(COMMENT) if "github-script" in s["uses"]]
    (folder / "run.js").write_text(ASKED.replace("SCRIPT", script))
    done = subprocess.run(
        [node, "run.js"],
        cwd=folder,
        env={"PULLS": json.dumps(pulls), "COMMENTS": json.dumps(list(comments))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


PULL = {"number": 7, "head": {"sha": "a" * 40}}


def test_the_comment_cannot_leave_its_code_block(tmp_path: Path) -> None:
    """Whatever the result holds, it is text: no mention, picture, link or HTML."""
    summary = "```\n@everyone ![x](https://evil/x.png) <img src=x>\n````\nverified"

    _, (kind, made) = commented(tmp_path, summary, pulls=[PULL])

    lines = made["body"].split("\n")
    assert (kind, made["issue_number"]) == ("create", 7)
    assert "**failure**" in lines[1]
    assert lines[3] == "`````text"
    assert lines[-1] == "`````"
    assert lines.count("`````") == 1


def test_the_comment_is_cut_and_renewed(tmp_path: Path) -> None:
    """One comment a pull request, of a length that GitHub takes."""
    old = [
        {"id": 1, "user": {"type": "User"}, "body": "<!-- gazebench verify --> mine"},
        {"id": 2, "user": {"type": "Bot"}, "body": "<!-- gazebench verify -->\nold"},
    ]

    _, (kind, made) = commented(tmp_path, "x" * 10**6, pulls=[PULL], comments=old)

    assert (kind, made["comment_id"]) == ("update", 2)
    assert len(made["body"]) < 65_536


def test_a_result_of_another_commit_is_not_posted(tmp_path: Path) -> None:
    """The pull request is found by the event, and its head has to be what was verified."""
    moved = {"number": 7, "head": {"sha": "b" * 40}}

    (asked,) = commented(tmp_path, "ok", pulls=[moved])

    assert asked == ["list", {"owner": "o", "repo": "r", "state": "open", "head": "me:mine"}]
