"""Reports in a browser: what is drawn, that charts zoom, and that nothing is wrong or asked of the network.

Chromium runs headless; the tests are skipped where there is none (Debian: `apt-get install chromium`).
"""

import json
import pathlib
import shutil
import struct
import subprocess
import zlib

import numpy
import pytest

from conftest import EXAMPLES, WORKER

BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")


def browse(page, *arguments, profile):
    """What the browser writes for a page, and its messages; it has two minutes."""
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
        f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=5000", *arguments,
        pathlib.Path(page).as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def pixels(path):
    """The red, green and blue of a PNG, by row and column (8 bits, not interlaced; PNG specification, 1996)."""
    data = pathlib.Path(path).read_bytes()
    place, parts, header = 8, b"", None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + length]
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        parts += body if kind == b"IDAT" else b""
        place += length + 12
    width, height, depth, color = header[:4]
    assert depth == 8 and color in (2, 6)
    size = 3 if color == 2 else 4
    raw = numpy.frombuffer(zlib.decompress(parts), numpy.uint8).reshape(height, 1 + width * size)
    image = numpy.zeros((height + 1, width + 1, size), numpy.int32)
    for row in range(height):
        line, kind = raw[row, 1:].reshape(width, size).astype(numpy.int32), raw[row, 0]
        above = image[row, 1:]
        if kind == 0:
            image[row + 1, 1:] = line
        elif kind == 2:
            image[row + 1, 1:] = (line + above) % 256
        elif kind == 1:
            image[row + 1, 1:] = numpy.cumsum(line, axis=0) % 256
        else:
            left = numpy.zeros(size, numpy.int32)
            for column in range(width):
                up, corner = above[column], image[row, column]
                if kind == 3:
                    guess = (left + up) // 2
                else:
                    distances = numpy.abs([up - corner, left - corner, left + up - 2 * corner])
                    guess = numpy.where(
                        (distances[0] <= distances[1]) & (distances[0] <= distances[2]), left,
                        numpy.where(distances[1] <= distances[2], up, corner))
                left = (line[column] + guess) % 256
                image[row + 1, column + 1] = left
    return image[1:, 1:, :3]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of two runs of the cascade, and the directories of the runs."""
    home = tmp_path_factory.mktemp("report")
    runs = []
    for name, iterations in [("short", 3), ("long", 12)]:
        runs.append(home / name)
        subprocess.run(
            [WORKER, "train", EXAMPLES / "cascade", "--output", runs[-1], "--iterations", str(iterations), "--simulate", "40"],
            check=True, capture_output=True)
    subprocess.run([WORKER, "report", *runs, "--output", home / "report.html"], check=True, capture_output=True)
    return home / "report.html"


def test_texts_and_marks_are_there_and_nothing_is_wrong(report, tmp_path):
    page, messages = browse(report, "--dump-dom", profile=tmp_path)
    assert not messages
    assert report.stat().st_size < 1_000_000
    for word in ["Convergence", "Comparison", "Storages", "Prices", "Water values", "Diagnosis", "Settings and origin"]:
        assert f">{word}" in page, word
    # Names of plants, months, and each chart with axes, bands and lines.
    data = json.loads(report.read_text().split('id="data">')[1].split("</script>")[0])
    charts = [part for section in data["sections"] for part in section["parts"] if "chart" in part]
    assert page.count("<svg") == len(charts) >= 10
    lines = sum(any(isinstance(value, (int, float)) for value in line["values"]) for part in charts for line in part["lines"])
    assert page.count('fill="none" stroke="#') >= lines + len(charts)
    hydros = json.loads((EXAMPLES / "cascade/system/hydros.json").read_text())["hydros"]
    assert all(f"Storage at the end, {hydro['name']}" in page for hydro in hydros)
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_picture_has_size_and_colours(report, tmp_path):
    shot = tmp_path / "shot.png"
    _, messages = browse(report, f"--screenshot={shot}", "--window-size=1000,4000", profile=tmp_path / "p")
    assert not messages
    image = pixels(shot)
    assert image.shape == (4000, 1000, 3)
    white = (image == 255).all(axis=2).mean()
    assert 0.5 < white < 0.98, white
    # The lines of both runs: #0072b2 and #d55e00.
    for color in [(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)]:
        assert (abs(image - numpy.array(color)).max(axis=2) <= 2).sum() > 500, color


def test_it_can_be_printed(report, tmp_path):
    paper = tmp_path / "report.pdf"
    browse(report, f"--print-to-pdf={paper}", "--no-pdf-header-footer", profile=tmp_path / "p")
    content = paper.read_bytes()
    pages = content.count(b"/Type /Page\n") + content.count(b"/Type /Page/")
    assert content.startswith(b"%PDF") and 3 <= pages <= 60, pages


def test_charts_zoom(report, tmp_path):
    """A pointer is drawn over the middle of the first chart; then it shows fewer iterations, and all after a double click."""
    script = """
    <script>
    const first = document.querySelector("svg");
    const words = () => [...first.querySelectorAll("text")].map(x => x.textContent).join("|");
    const out = document.createElement("pre");
    out.id = "seen";
    document.body.appendChild(out);
    const seen = [words()];
    const bounds = first.getBoundingClientRect();
    const at = share => ({clientX: bounds.left + bounds.width * share, clientY: bounds.top + 100, bubbles: true});
    first.dispatchEvent(new PointerEvent("pointerdown", at(0.4)));
    first.dispatchEvent(new PointerEvent("pointermove", at(0.6)));
    first.dispatchEvent(new PointerEvent("pointerup", at(0.6)));
    seen.push(words());
    first.dispatchEvent(new MouseEvent("dblclick", at(0.5)));
    seen.push(words());
    out.textContent = JSON.stringify(seen);
    </script></body>"""
    copy = tmp_path / "zoom.html"
    copy.write_text(report.read_text().replace("</body>", script))
    page, messages = browse(copy, "--dump-dom", profile=tmp_path / "p")
    assert not messages
    before, zoomed, after = json.loads(page.split('id="seen">')[1].split("</pre>")[0].replace("&amp;", "&"))
    assert before == after != zoomed
    assert "|12" in before and len(zoomed.split("|")) < len(before.split("|"))


def test_the_app_shows_what_its_host_gives_it(report, start, runs_dir, tmp_path):
    """A host of our own: it shows the page of the server in a frame, and answers as SEP-1865 says."""
    server = start("--allow-dir", str(EXAMPLES))
    run = server.call("train", {
        "case_dir": str(EXAMPLES / "single-hydro"), "iterations": 3, "simulate_scenarios": 10, "num_workers": 1,
        "wait_seconds": 30}, timeout=60)["structuredContent"]
    result = server.call("report", {"run_ids": [run["run_id"]]}, timeout=60)

    def read(uri):
        return server.request("resources/read", {"uri": uri}, timeout=60)["result"]["contents"][0]

    app = read("ui://cobre/report")
    assert app["mimeType"] == "text/html;profile=mcp-app"
    data = read(result["structuredContent"]["resource"] + "/data")

    def text(value):
        return json.dumps(value).replace("<", "\\u003c")

    host = tmp_path / "host.html"
    host.write_text(f"""<!DOCTYPE html><body><pre id="seen"></pre><iframe id="view"></iframe>
    <script>
    const page = {text(app["text"])}, result = {text(result)}, data = {text(data)};
    const view = document.getElementById("view"), asked = [];
    const send = message => view.contentWindow.postMessage({{jsonrpc: "2.0", ...message}}, "*");
    window.addEventListener("message", event => {{
      const message = event.data;
      asked.push(message.method);
      if (message.method === "ui/initialize")
        send({{id: message.id, result: {{protocolVersion: "2026-01-26", hostInfo: {{}}, hostCapabilities: {{serverResources: {{}}}}, hostContext: {{}}}}}});
      if (message.method === "ui/notifications/initialized") {{
        send({{method: "ui/notifications/tool-input", params: {{arguments: {{}}}}}});
        send({{method: "ui/notifications/tool-result", params: result}});
      }}
      if (message.method === "resources/read") {{
        asked.push(message.params.uri);
        send({{id: message.id, result: {{contents: [data]}}}});
        setTimeout(() => {{
          const inner = view.contentDocument;
          document.getElementById("seen").textContent = JSON.stringify(
            [asked, inner.querySelector("h1").textContent, inner.querySelectorAll("svg").length]);
        }}, 1000);
      }}
    }});
    view.srcdoc = page;
    </script></body>""")
    shown, messages = browse(host, "--dump-dom", profile=tmp_path / "p")
    assert not messages
    asked, title, charts = json.loads(shown.split('id="seen">')[1].split("</pre>")[0].replace("&amp;", "&"))
    assert asked[0] == "ui/initialize" and result["structuredContent"]["resource"] + "/data" in asked
    assert title.startswith("Report of ") and charts >= 5
