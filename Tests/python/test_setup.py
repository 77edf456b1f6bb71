"""What a user does before the first conversation: install, doctor, plugin, image."""

import json
import os
import pty
import re
import subprocess

import pytest

from conftest import ROOT, SERVER


def run(*words, home, cwd=ROOT, **more):
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], **more}
    return subprocess.run(
        [SERVER, *map(str, words)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


def test_install_enters_what_starts_and_takes_it_out_again(tmp_path):
    home, cases = tmp_path / "home", tmp_path / "cases"
    (home / ".codex").mkdir(parents=True)
    (home / ".cursor").mkdir()
    cases.mkdir()
    cursor = home / ".cursor" / "mcp.json"
    cursor.write_text('{"mcpServers": {"other": {"command": "x"}}}')
    before = json.loads(cursor.read_text())
    planned = run("install", "--allow-dir", cases, "--dry-run", home=home)
    assert planned.returncode == 0 and "[mcp_servers.cobre]" in planned.stdout
    assert json.loads(cursor.read_text()) == before and not (home / ".codex" / "config.toml").exists()
    done = run("install", "--allow-dir", cases, "--runs-dir", tmp_path / "runs", home=home)
    assert done.returncode == 0, done
    entry = json.loads(cursor.read_text())["mcpServers"]["cobre"]
    assert json.loads(cursor.read_text())["mcpServers"]["other"] == {"command": "x"}
    tomllib = pytest.importorskip("tomllib")
    codex = tomllib.loads((home / ".codex" / "config.toml").read_text())["mcp_servers"]["cobre"]
    assert codex == {"command": entry["command"], "args": entry["args"]}
    # What was written starts a server that may use the directory.
    asked = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}\n'
    answer = subprocess.run([entry["command"], *entry["args"]], input=asked, capture_output=True, text=True, timeout=60)
    assert str(cases) in json.loads(answer.stdout)["result"]["instructions"]
    undone = run("install", "--undo", home=home)
    assert undone.returncode == 0 and json.loads(cursor.read_text()) == before
    assert not (home / ".codex" / "config.toml").exists()


def test_install_without_a_client_prints_the_block(tmp_path):
    nothing = run("install", home=tmp_path)
    assert nothing.returncode == 69 and '"mcpServers"' in nothing.stdout
    project = run("install", "--project", tmp_path / "work", "--client", "claude-code", home=tmp_path)
    assert project.returncode == 0
    assert json.loads((tmp_path / "work" / ".mcp.json").read_text())["mcpServers"]["cobre"]["type"] == "stdio"


def test_doctor_says_what_is_wrong(tmp_path):
    good = run("doctor", "--runs-dir", tmp_path / "runs", "--allow-dir", tmp_path, home=tmp_path)
    assert good.returncode == 0, good.stdout
    assert "[ok] worker" in good.stdout and "backend shm" in good.stdout and "shared memory" in good.stdout
    bad = run("doctor", "--worker", "/nonexistent", "--allow-dir", tmp_path / "nowhere", home=tmp_path)
    assert bad.returncode == 1
    assert "[bad] worker" in bad.stdout and "no such directory" in bad.stdout and "→" in bad.stdout


def test_on_a_terminal_the_server_says_what_it_is(tmp_path):
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [SERVER, "--runs-dir", str(tmp_path)], stdin=child, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(child)
    line = process.stderr.readline().decode()
    assert "waits for an MCP client" in line and "cobre-mcp install" in line
    os.close(parent)
    process.wait(timeout=20)
    assert process.stdout.read() == b""


def test_the_project_of_claude_code_is_allowed(tmp_path):
    asked = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}\n'
    answer = subprocess.run(
        [SERVER, "--runs-dir", str(tmp_path / "runs")], input=asked, capture_output=True, text=True, timeout=60, cwd="/",
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "CLAUDE_PROJECT_DIR": str(tmp_path)})
    text = json.loads(answer.stdout)["result"]["instructions"]
    assert f"may lie under {tmp_path}" in text and f"Relative paths start at {tmp_path}" in text


def test_the_plugin_is_complete(tmp_path):
    plugin = json.loads((ROOT / "plugin/.claude-plugin/plugin.json").read_text())
    market = json.loads((ROOT / ".claude-plugin/marketplace.json").read_text())
    assert plugin["name"] == "cobre" and [one["source"] for one in market["plugins"]] == ["./plugin"]
    assert json.loads((ROOT / "plugin/.mcp.json").read_text())["mcpServers"]["cobre"]["command"] == "cobre-mcp"
    written = run("skills", tmp_path / "skills", home=tmp_path)
    assert written.returncode == 0
    ours = {path.relative_to(tmp_path / "skills"): path.read_text() for path in (tmp_path / "skills").rglob("SKILL.md")}
    theirs = {path.relative_to(ROOT / "plugin/skills"): path.read_text() for path in (ROOT / "plugin/skills").rglob("*.md")}
    assert len(ours) == 4 and ours == theirs


def test_the_image_and_its_description_agree_with_the_server(tmp_path):
    text = (ROOT / "Dockerfile").read_text()
    flags = set(re.findall(r'"(--[a-z-]+)"', text.split("ENTRYPOINT")[1]))
    assert flags and all(flag in run("--help", home=tmp_path).stdout for flag in flags)
    # The packages that setup.sh installs for building, but for MPI and what the image has already.
    needed = set(re.findall(r"need (lib\S+-dev|nettle-dev|zlib1g-dev|coinor\S+-dev)", (ROOT / "scripts/setup.sh").read_text()))
    missing = {package for package in needed if package not in text and "mpi" not in package and "highs" not in package}
    assert not missing
    described = json.loads((ROOT / "server.json").read_text())
    version = run("--version", home=tmp_path).stdout.strip()
    assert described["version"] == version and described["packages"][0]["identifier"].endswith(f":{version}")
    assert json.loads((ROOT / "plugin/.claude-plugin/plugin.json").read_text())["version"] == version


def test_a_terminal_calls_tools(tmp_path):
    made = run("call", "create_case", json.dumps({"template": "single-hydro", "directory": str(tmp_path / "case")}),
               "--runs-dir", tmp_path / "runs", "--allow-dir", tmp_path, home=tmp_path)
    assert made.returncode == 0 and (tmp_path / "case/config.json").exists(), made
    listed = run("call", "list_runs", "--json", "--runs-dir", tmp_path / "runs", home=tmp_path)
    assert listed.returncode == 0 and json.loads(listed.stdout)["runs"] == []
    for arguments, word in [(["lst_runs"], "list_runs"), (["plot", "{"], "JSON object"), (["plot"], "kind")]:
        refused = run("call", *arguments, "--runs-dir", tmp_path / "runs", home=tmp_path)
        assert refused.returncode == 65 and word in refused.stderr, refused
