// SPDX-License-Identifier: Apache-2.0
// What is drawn: designs tried and their front, one slider from end to end, layers, and what would help.
"use strict";
Explore.charts = {
  width: (place) => Math.max(260, place.clientWidth),
  ink: { tried: "var(--track)", here: "var(--accent)", simulated: "var(--good)", bad: "var(--bad)", given: "var(--text)" },

  // Of points that keep the limits: those that no other beats in both metrics.
  frontOf(points) {
    const order = points.filter((p) => !p.missed).sort((a, b) => a.x - b.x || a.y - b.y);
    const front = [];
    for (const point of order) if (front.length === 0 || point.y < front.at(-1).y) front.push(point);
    return front;
  },

  domain(values, bounds) {
    const all = values.filter(Number.isFinite);
    if (all.length === 0) return [0, 1];
    let low = Math.min(...all), high = Math.max(...all);
    // A limit is shown unless what is shown would shrink to a dot beside it.
    for (const bound of bounds) if (bound > low / 4 && bound < high * 4) [low, high] = [Math.min(low, bound), Math.max(high, bound)];
    const margin = Math.max(0.08 * (high - low), 0.02 * Math.abs(high), 1e-12);
    return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
  },

  // A line's name stands where there is room for it.
  side: (right) => (right ? { textAnchor: "start", dx: 4 } : { textAnchor: "end", dx: -4 }),

  // Shades what a limit rules out and names it. `axis` is "x" or "y".
  limitMarks(limits, axis, x, y) {
    const marks = [];
    for (const limit of limits) {
      const [low, high] = axis === "x" ? x : y;
      const out = limit.at_most ? [Math.max(low, Math.min(high, limit.bound)), high] : [low, Math.max(low, Math.min(high, limit.bound))];
      const box = axis === "x" ? { x1: out[0], x2: out[1], y1: y[0], y2: y[1] } : { y1: out[0], y2: out[1], x1: x[0], x2: x[1] };
      marks.push(Plot.rect([box], { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "var(--bad)", fillOpacity: 0.08 }));
      if (limit.bound < low || limit.bound > high) {
        const below = limit.bound < low;
        marks.push(Plot.text([`${below ? (axis === "x" ? "←" : "↓") : axis === "x" ? "→" : "↑"} ${limit.text}`],
          axis === "x" ? { frameAnchor: below ? "top-left" : "top-right", dx: below ? 4 : -4, fill: "var(--bad)" }
            : { frameAnchor: below ? "bottom-left" : "top-left", dx: 4, dy: below ? -6 : 16, fill: "var(--bad)" }));
        continue;
      }
      const line = { stroke: "var(--bad)", strokeDasharray: "4 3", strokeWidth: 1.5 };
      marks.push(axis === "x" ? Plot.ruleX([limit.bound], line) : Plot.ruleY([limit.bound], line));
      marks.push(Plot.text([limit.text], axis === "x"
        ? { x: limit.bound, frameAnchor: "top", dy: 7, ...this.side(limit.bound < (low + high) / 2), fill: "var(--bad)" }
        : { y: limit.bound, frameAnchor: "left", textAnchor: "start", dx: 4, dy: limit.bound < (low + high) / 2 ? -8 : 9, fill: "var(--bad)" }));
    }
    return marks;
  },

  // `points`: {x, y, kind: given|tried|basket|simulated|here, title, missed, low, high, number, load}.
  front(place, points, metrics, limits, pick) {
    const { ink } = this;
    const [xName, yName] = metrics;
    const of = (name) => limits.filter((limit) => limit.metric === name);
    const x = this.domain(points.flatMap((p) => [p.x, p.xlow ?? p.x, p.xhigh ?? p.x]), of(xName).map((l) => l.bound));
    const y = this.domain(points.flatMap((p) => [p.y, p.ylow ?? p.y, p.yhigh ?? p.y]), of(yName).map((l) => l.bound));
    const kind = (name) => points.filter((p) => p.kind === name);
    const front = this.frontOf(points);
    const intervals = points.filter((p) => p.kind === "here" || p.kind === "basket");
    const svg = Plot.plot({
      width: this.width(place), height: 236, marginLeft: 56, marginBottom: 36, marginTop: 14, marginRight: 14,
      style: { overflow: "visible" },
      x: { domain: x, label: Explore.metricLabel(xName), tickFormat: "~s", ticks: 5, grid: true },
      y: { domain: y, label: Explore.metricLabel(yName), tickFormat: "~s", ticks: 5, grid: true },
      marks: [
        ...this.limitMarks(of(xName), "x", x, y), ...this.limitMarks(of(yName), "y", x, y),
        Plot.line(front, { x: "x", y: "y", curve: "step-after", stroke: "var(--muted)", strokeWidth: 1.2 }),
        Plot.link(intervals.filter((p) => p.xlow !== undefined), { x1: "xlow", x2: "xhigh", y1: "y", y2: "y", stroke: ink.here, strokeWidth: 2 }),
        Plot.link(intervals.filter((p) => p.ylow !== undefined), { y1: "ylow", y2: "yhigh", x1: "x", x2: "x", stroke: ink.here, strokeWidth: 2 }),
        Plot.dot(kind("tried"), { x: "x", y: "y", r: 3, fill: (p) => (p.missed ? "none" : ink.tried), stroke: (p) => (p.missed ? ink.bad : ink.tried), strokeOpacity: 0.8 }),
        Plot.dot(kind("simulated"), { x: "x", y: "y", r: 5, symbol: "diamond2", fill: ink.simulated }),
        Plot.dot(kind("basket"), { x: "x", y: "y", r: 9, fill: "var(--panel)", stroke: (p) => (p.missed ? ink.bad : "var(--muted)"), strokeWidth: 1.5 }),
        Plot.text(kind("basket"), { x: "x", y: "y", text: (p) => String(p.number), fill: "var(--text)" }),
        Plot.dot(kind("here"), { x: "x", y: "y", r: 6, fill: (p) => (p.missed ? ink.bad : ink.here), stroke: "var(--ground)", strokeWidth: 1.5 }),
        Plot.dot(kind("given"), { x: "x", y: "y", r: 4, symbol: "times", stroke: ink.given, strokeWidth: 2 }),
        Plot.tip(points, Plot.pointer({ x: "x", y: "y", title: "title", fill: "var(--panel)", stroke: "var(--muted)", maxRadius: 30 })),
      ],
    });
    svg.addEventListener("click", () => svg.value && svg.value.load && pick(svg.value.load));
    this.put(place, svg, `${points.length} designs by ${Explore.metricTitle(xName)} and ${Explore.metricTitle(yName)}; ${front.length} on the front. The basket below has the same figures as a table.`);
    Explore.at("front-key").replaceChildren(
      ...[["●", ink.here, "this design, with its interval"], ["◆", ink.simulated, "simulated"], ["×", ink.given, "as given"], ["●", ink.tried, "tried, estimated"],
        ["○", ink.bad, "misses a limit"]].map(([symbol, colour, text]) => this.keyOf(symbol, colour, text)));
  },

  keyOf(symbol, colour, text) {
    const mark = Explore.make("span", { "aria-hidden": "true" }, symbol);
    mark.style.color = colour;
    return Explore.make("span", {}, mark, ` ${text}`);
  },

  along(place, answer, metric, current, limits, pick) {
    const { ink } = this;
    const points = answer.points.map((point) => ({
      value: point.value, refusal: point.refusal, y: point.metrics ? point.metrics[metric] : undefined,
      low: metric === "latency_ms" ? point.low_ms : undefined, high: metric === "latency_ms" ? point.high_ms : undefined,
      inRange: point.in_range,
      title: point.refusal ? `${point.value}\nrefused: ${point.refusal}`
        : `${point.value}\n${Explore.metric(metric, point.metrics[metric])} estimated${point.in_range ? "" : "\nbeyond the training data"}`,
    }));
    const run = points.filter((p) => !p.refusal), refused = points.filter((p) => p.refusal);
    const own = limits.filter((limit) => limit.metric === metric);
    const y = this.domain(run.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]), own.map((l) => l.bound));
    const rules = own.filter((l) => l.bound >= y[0] && l.bound <= y[1]);
    const svg = Plot.plot({
      width: this.width(place), height: 236, marginLeft: 56, marginBottom: points.length > 7 ? 50 : 30, marginTop: 14, marginRight: 20,
      x: { type: "point", domain: points.map((p) => p.value), label: null, tickRotate: points.length > 7 ? -28 : 0, tickSize: 3 },
      y: { domain: y, label: Explore.metricLabel(metric), tickFormat: "~s", ticks: 5, grid: true },
      marks: [
        ...rules.flatMap((limit) => [
          Plot.ruleY([limit.bound], { stroke: ink.bad, strokeDasharray: "4 3", strokeWidth: 1.5 }),
          Plot.text([limit.text], { y: limit.bound, frameAnchor: "left", textAnchor: "start", dx: 4, dy: limit.bound < (y[0] + y[1]) / 2 ? -8 : 9, fill: ink.bad }),
        ]),
        Plot.areaY(run.filter((p) => p.low !== undefined), { x: "value", y1: "low", y2: "high", fill: ink.here, fillOpacity: 0.18 }),
        Plot.ruleX(points.filter((p) => p.value === current), { x: "value", stroke: "var(--muted)", strokeOpacity: 0.6 }),
        Plot.lineY(run, { x: "value", y: "y", stroke: ink.here, strokeWidth: 1.8 }),
        Plot.dot(run, { x: "value", y: "y", r: (p) => (p.value === current ? 6 : 3.5), fill: (p) => (p.inRange ? ink.here : "var(--ground)"), stroke: (p) => (p.inRange ? ink.here : "var(--beyond)"), strokeWidth: 1.8 }),
        Plot.text(refused, { x: "value", frameAnchor: "bottom", text: () => "×", fill: ink.bad, fontSize: 15, fontWeight: 700, dy: -2 }),
        Plot.tip(points, Plot.pointerX({ x: "value", y: (p) => p.y ?? y[0], title: "title", fill: "var(--panel)", stroke: "var(--muted)", lineWidth: 30 })),
      ],
    });
    svg.addEventListener("click", () => svg.value && pick(svg.value.value));
    const words = run.map((p) => `${p.value}: ${Explore.metric(metric, p.y)}`).join("; ");
    this.put(place, svg, `${Explore.metricTitle(metric)}, estimated, along ${answer.dial}. ${words}${refused.length ? `; refused: ${refused.map((p) => p.value).join(", ")}` : ""}`);
    Explore.at("along-key").replaceChildren(
      this.keyOf("●", ink.here, "estimated" + (metric === "latency_ms" ? ", band: interval" : "")),
      this.keyOf("○", "var(--beyond)", "beyond the training data"), refused.length ? this.keyOf("×", ink.bad, "refused") : "");
  },

  layers(place, layers, clock) {
    const rows = layers.map((layer, i) => ({ ...layer, i, bound: layer.simulated_bound_by ?? layer.bound_by }));
    const simulated = rows.filter((row) => row.simulated_cycles !== undefined);
    const total = rows.reduce((sum, row) => sum + row.cycles, 0);
    const bounds = [...new Set(rows.map((row) => row.bound))];
    const title = (row) => [row.name, `${Explore.number(row.cycles)} cycles estimated (${((100 * row.cycles) / total).toFixed(1)} %)`,
      row.low_cycles !== undefined ? `interval ${Explore.number(row.low_cycles)} to ${Explore.number(row.high_cycles)}` : null,
      row.simulated_cycles !== undefined ? `${Explore.number(row.simulated_cycles)} cycles simulated, error ${Explore.percent((100 * (row.cycles - row.simulated_cycles)) / row.simulated_cycles) || "none"}` : null,
      `bound by ${Explore.words(row.bound)}`].filter(Boolean).join("\n");
    const svg = Plot.plot({
      width: this.width(place), height: 190, marginLeft: 56, marginBottom: 24, marginTop: 10, marginRight: 6,
      x: { type: "band", domain: rows.map((row) => row.i), axis: null, padding: 0.15 },
      y: { label: "Cycles", tickFormat: "~s", ticks: 4, grid: true },
      color: { type: "ordinal", domain: bounds, range: bounds.map(Explore.resourceColour) },
      marks: [
        Plot.barY(rows, { x: "i", y: "cycles", fill: "bound", fillOpacity: (row) => (row.in_range === false ? 0.55 : 1) }),
        Plot.tickY(simulated, { x: "i", y: "simulated_cycles", stroke: "var(--text)", strokeWidth: 2 }),
        Plot.ruleY([0]),
        Plot.text(["layers in the order in which they run →"], { frameAnchor: "bottom-left", dy: 16, fill: "var(--muted)" }),
        Plot.tip(rows, Plot.pointerX({ x: "i", y: "cycles", title, fill: "var(--panel)", stroke: "var(--muted)", lineWidth: 34 })),
      ],
    });
    const longest = [...rows].sort((a, b) => b.cycles - a.cycles).slice(0, 3);
    this.put(place, svg, `Cycles of ${rows.length} layers, estimated. Longest: ${longest.map((row) => `${row.name}, ${Explore.number(row.cycles)} cycles, bound by ${Explore.words(row.bound)}`).join("; ")}`);
    const key = Explore.at("layers-key");
    key.replaceChildren(Explore.make("span", {}, "estimated, coloured by what bounds each:"));
    for (const bound of bounds) {
      const swatch = Explore.make("i", {});
      swatch.style.background = Explore.resourceColour(bound);
      key.append(Explore.make("span", {}, swatch, Explore.words(bound)));
    }
    if (simulated.length) key.append(Explore.make("span", {}, "— simulated"));
  },

  // What doubling each resource would save, by the analytical model.
  helps(place, total, dials, focus) {
    const saved = Object.entries(total.saved_if_doubled_cycles).sort((a, b) => b[1] - a[1]).slice(0, 5);
    const rows = saved.map(([name, cycles]) => {
      const share = (100 * cycles) / total.latency_cycles;
      const bar = Explore.make("b", {});
      bar.style.width = `${Math.min(100, share)}%`;
      bar.style.background = Explore.resourceColour(name);
      const keys = name === total.bound_by ? total.bound_by_keys.filter((key) => dials.rows.has(key)) : [];
      return Explore.make("div", { className: "help" },
        Explore.make("span", {}, Explore.words(name)), Explore.make("span", { className: "share" }, `−${share.toPrecision(2)} %`),
        Explore.make("span", { className: "meter", "aria-hidden": "true" }, bar),
        keys.length ? Explore.make("span", { className: "keys" }, ...keys.map((key) => {
          const button = Explore.make("button", { type: "button", "aria-label": `Go to the slider of ${key}` }, key);
          button.addEventListener("click", () => focus(key));
          return button;
        })) : null);
    });
    place.replaceChildren(Explore.make("p", { className: "key" }, "latency saved if it were doubled, estimated"), ...rows);
  },

  put(place, svg, words) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", words);
    // One picture with one name: parts of it have none, nor has what is drawn under the pointer later.
    const unnamed = () => svg.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
    unnamed();
    svg.addEventListener("input", unnamed);
    place.replaceChildren(svg);
  },
};
