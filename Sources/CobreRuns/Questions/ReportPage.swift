internal import CobreBase
internal import CobreEngine

/// The page of a report: style, script, and the place for its data.
enum ReportPage {
  /// - Parameter document: what the script draws: a title, and sections of texts, tables and charts.
  /// - Returns: a whole HTML file.
  static func html(_ document: JSONObject) -> String {
    // Within a script element only "<" could end it.
    page(
      document["title"]?.string ?? "Report", data: JSONValue.object(document).text().replacing("<", with: "\\u003c"),
      script: script)
  }

  /// The page without data, which it gets from a host.
  static var app: String { page("Report", data: "", script: script + appScript) }

  private static func page(_ title: String, data json: String, script: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <link rel="icon" href="data:,">
    <style>\(style)</style>
    </head>
    <body>
    <main id="page"><noscript>The charts of this report are drawn by a script, which this viewer does not run.</noscript></main>
    <script type="application/json" id="data">\(json)</script>
    <script>\(script)</script>
    </body>
    </html>

    """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private static let style = """
    body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}
    main{max-width:980px;margin:0 auto;padding:24px}
    h1{font-size:26px}h2{font-size:20px;border-bottom:1px solid #ccc;margin-top:36px}h3{font-size:15px;margin:16px 0 4px}
    nav a{margin-right:12px}
    table{border-collapse:collapse;margin:8px 0;font-size:13px}
    th,td{border-bottom:1px solid #ddd;padding:3px 10px 3px 0;text-align:left;vertical-align:top;max-width:520px;
    overflow-wrap:anywhere}
    td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    figure{margin:14px 0;break-inside:avoid}figcaption{font-weight:600}
    svg{width:100%;height:auto;display:block;touch-action:none;cursor:crosshair}
    .hint{color:#555;font-size:12px;min-height:18px}
    @media print{main{max-width:none;padding:0}.hint,nav{display:none}h2{break-after:avoid}tr{break-inside:avoid}}
    """

  private static let script = #"""
    "use strict";
    const page = document.getElementById("page");
    const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444", "#7f7f00"];
    function make(name, parent, text) {
      const node = document.createElement(name);
      if (text !== undefined) node.textContent = text;
      parent.appendChild(node);
      return node;
    }
    function number(value) {
      if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en");
      const size = Math.abs(value);
      if (size >= 1e15 || size < 1e-4) return value.toExponential(3);
      return value.toLocaleString("en", {maximumSignificantDigits: 6});
    }
    function word(value) {
      if (value === null || value === undefined) return "–";
      if (typeof value === "number") return number(value);
      if (typeof value === "boolean") return value ? "yes" : "no";
      if (typeof value === "object") return JSON.stringify(value);
      return String(value);
    }
    function table(part, parent) {
      const node = make("table", parent);
      if (part.columns.some(name => name !== "")) {
        const head = make("tr", make("thead", node));
        for (const name of part.columns) make("th", head, String(name).replaceAll("_", " "));
      }
      const body = make("tbody", node);
      for (const row of part.rows) {
        const line = make("tr", body);
        for (const cell of row) make("td", line, word(cell)).className = typeof cell === "number" ? "n" : "";
      }
    }
    function svg(name, attributes, parent, text) {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const key in attributes) node.setAttribute(key, attributes[key]);
      if (text !== undefined) node.textContent = text;
      parent.appendChild(node);
      return node;
    }
    function steps(low, high, count) {
      const raw = (high - low) / count, power = Math.pow(10, Math.floor(Math.log10(raw)));
      const step = [1, 2, 2.5, 5, 10].map(x => x * power).find(x => x >= raw * 0.999);
      const marks = [];
      for (let mark = Math.ceil(low / step - 1e-9); mark * step <= high + 1e-9 * step; mark++) marks.push(mark * step);
      return marks;
    }
    let clips = 0;
    function chart(part, parent) {
      const figure = make("figure", parent);
      make("figcaption", figure, part.chart + (part.unit ? " (" + part.unit + ")" : ""));
      const W = 960, H = 360, left = 86, right = 14, bottom = 46;
      const series = part.bands.map(x => ({...x, band: true})).concat(part.lines);
      const picture = svg("svg", {viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": part.chart}, figure);
      const hint = make("div", figure, "Drag to zoom, double click for all.");
      hint.className = "hint";
      let from = 0, to = part.labels.length - 1;
      const clip = "clip" + (clips++);
      function color(item, index) { return colors[(item.color ?? index) % colors.length]; }
      function draw() {
        picture.replaceChildren();
        let x = left, row = 0;
        const keys = svg("g", {"font-size": 12}, picture);
        series.forEach((item, index) => {
          const place = item.band ? index : index - part.bands.length;
          const width = 30 + item.name.length * 6.6;
          if (x + width > W) { x = left; row += 1; }
          svg("rect", {x, y: 6 + row * 18, width: 16, height: item.band ? 10 : 3, fill: color(item, place),
            "fill-opacity": item.band ? (item.solid ? 0.85 : 0.3) : 1}, keys);
          svg("text", {x: x + 21, y: 15 + row * 18, fill: "#1a1a1a"}, keys, item.name);
          x += width;
        });
        const top = 30 + row * 18;
        let low = Infinity, high = -Infinity;
        for (const item of series) {
          for (const list of item.band ? [item.lower, item.upper] : [item.values]) {
            for (let i = from; i <= to; i++) {
              const v = list[i];
              if (typeof v === "number") { low = Math.min(low, v); high = Math.max(high, v); }
            }
          }
        }
        if (low > high) { low = 0; high = 1; }
        if (part.from_zero) { low = Math.min(low, 0); high = Math.max(high, 0); }
        if (high - low < 1e-12 * Math.max(1, Math.abs(high))) { high += 1; low -= part.from_zero ? 0 : 1; }
        const pad = (high - low) * 0.04;
        high += pad;
        if (low !== 0) low -= pad;
        const X = i => left + (to > from ? (i - from) / (to - from) : 0.5) * (W - left - right);
        const Y = v => H - bottom - (v - low) / (high - low) * (H - bottom - top);
        const grid = svg("g", {"font-size": 12, fill: "#1a1a1a"}, picture);
        for (const mark of steps(low, high, 6)) {
          svg("line", {x1: left, x2: W - right, y1: Y(mark), y2: Y(mark), stroke: "#e2e2e2"}, grid);
          svg("text", {x: left - 7, y: Y(mark) + 4, "text-anchor": "end"}, grid, number(+mark.toPrecision(12)));
        }
        const every = Math.max(1, Math.ceil((to - from + 1) / 12));
        for (let i = from; i <= to; i += every) {
          svg("line", {x1: X(i), x2: X(i), y1: H - bottom, y2: H - bottom + 5, stroke: "#1a1a1a"}, grid);
          svg("text", {x: X(i), y: H - bottom + 19, "text-anchor": "middle"}, grid, part.labels[i]);
        }
        svg("path", {d: `M${left} ${top}V${H - bottom}H${W - right}`, fill: "none", stroke: "#1a1a1a"}, grid);
        svg("rect", {x: left, y: top, width: W - left - right, height: H - bottom - top},
          svg("clipPath", {id: clip}, svg("defs", {}, picture)));
        const plot = svg("g", {"clip-path": `url(#${clip})`}, picture);
        series.forEach((item, index) => {
          const place = item.band ? index : index - part.bands.length;
          if (item.band) {
            let run = [];
            const close = () => {
              if (run.length) {
                const up = run.map(i => `${X(i)} ${Y(item.upper[i])}`), down = run.map(i => `${X(i)} ${Y(item.lower[i])}`);
                svg("path", {d: "M" + up.concat(down.reverse()).join("L") + "Z", fill: color(item, place),
                  "fill-opacity": item.solid ? 0.85 : 0.22}, plot);
              }
              run = [];
            };
            part.labels.forEach((_, i) => {
              if (typeof item.lower[i] === "number" && typeof item.upper[i] === "number") run.push(i); else close();
            });
            close();
            return;
          }
          let path = "", pen = "M";
          item.values.forEach((v, i) => {
            if (typeof v !== "number") { pen = "M"; return; }
            path += `${pen}${X(i)} ${Y(v)}`;
            pen = "L";
          });
          if (path) svg("path", {d: path, fill: "none", stroke: color(item, place), "stroke-width": item.thin ? 1 : 2,
            "stroke-dasharray": item.dashed ? "6 4" : "none"}, plot);
        });
        const box = svg("rect", {x: 0, y: top, width: 0, height: H - bottom - top, fill: "#000", "fill-opacity": 0.1}, picture);
        const at = event => {
          const bounds = picture.getBoundingClientRect();
          const share = ((event.clientX - bounds.left) / bounds.width * W - left) / (W - left - right);
          return Math.max(from, Math.min(to, Math.round(from + share * (to - from))));
        };
        let start = null;
        picture.onpointerdown = event => { start = at(event); };
        picture.onpointermove = event => {
          const i = at(event);
          hint.textContent = part.labels[i] + ": " + series.map(item => item.band
            ? `${item.name} ${word(item.lower[i])} to ${word(item.upper[i])}` : `${item.name} ${word(item.values[i])}`).join("; ");
          if (start === null) return;
          box.setAttribute("x", Math.min(X(start), X(i)));
          box.setAttribute("width", Math.abs(X(i) - X(start)));
        };
        picture.onpointerup = event => {
          const end = at(event), begin = start;
          start = null;
          box.setAttribute("width", 0);
          if (begin !== null && Math.abs(end - begin) >= 1) {
            from = Math.min(begin, end);
            to = Math.max(begin, end);
            draw();
          }
        };
        picture.ondblclick = () => { from = 0; to = part.labels.length - 1; draw(); };
      }
      draw();
    }
    function show(data) {
      page.replaceChildren();
      document.title = data.title;
      make("h1", page, data.title);
      const links = make("nav", page);
      data.sections.forEach((section, index) => {
        const link = make("a", links, section.title);
        link.href = "#s" + index;
        make("h2", page, section.title).id = "s" + index;
        for (const part of section.parts) {
          if (part.heading !== undefined) { if (part.heading) make("h3", page, part.heading); }
          else if (part.text) for (const sentence of part.text) make("p", page, sentence);
          else if (part.chart) chart(part, page);
          else if (part.columns) table(part, page);
        }
      });
    }
    const own = document.getElementById("data").textContent;
    if (own) show(JSON.parse(own));

    """#
}
