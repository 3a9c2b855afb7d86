// SPDX-License-Identifier: Apache-2.0
// The page: sliders give a choice, the choice is estimated while one drags and simulated on a click, and both are shown.
"use strict";
(async () => {
  const { at, make, ask } = Explore;
  const state = await ask("/api/state").catch((error) => {
    at("notices").replaceChildren(make("p", { className: "notice refusal" }, error.message));
    return null;
  });
  if (!state) return;

  const cards = ["latency_ms", "energy_uj", "area_mm2", "average_power_mw", "dram_bytes", "peak_sram_bytes"];
  const counted = new Set(state.metrics.filter((metric) => metric.counted).map((metric) => metric.name));
  let network = 0, last = null, lastSent = "", limits = state.limits, simulating = false, alongDial = null, bounds = [], curve = {};
  const tried = [];  // {key, network, choice, metrics, missed, interval, title, simulated}

  const dials = new Explore.Dials(at("dial-list"), (name) => { focusOn(name); estimate(choice()); }, (name) => focusOn(name));
  const basket = new Explore.Basket((design) => load(design), (message) => complain(message));
  basket.canSave = state.can_save;
  basket.changed = () => draw();

  function choice() {
    const genes = new Set(state.networks[network].dials.map((dial) => dial.name));
    const out = { network, keys: {}, genes: {}, follow: at("follow").checked };
    for (const [name, value] of dials.values) (genes.has(name) ? out.genes : out.keys)[name] = value;
    return out;
  }
  const keyOf = (of) => JSON.stringify([of.network, Object.entries(of.keys).sort(), Object.entries(of.genes).sort(), of.follow]);

  function load(of) {
    network = of.network;
    at("network").value = String(network);
    at("follow").checked = of.follow;
    dials.values.clear();
    dials.followers = {};
    dials.show(state.dials, state.networks[network].dials);
    for (const [name, value] of [...Object.entries(of.keys), ...Object.entries(of.genes)]) dials.set(name, value);
    estimate(choice());
  }

  // Estimates go one by one; while one is under way only the newest choice waits.
  const estimate = Explore.newest(async (of) => {
    lastSent = keyOf(of);
    at("figures").classList.add("stale");
    try {
      take(await ask("/api/estimate", { design: of }), of);
    } catch (error) {
      if (!dials.complain(error.message)) complain(error.message);
    }
  });

  function take(answer, of) {
    last = answer;
    // What follows belongs to the newest choice alone: an older answer must not move sliders under a hand.
    if (keyOf(of) === keyOf(choice())) {
      dials.follow(answer.design.followers);
      at("figures").classList.remove("stale");
      remember(of);
    }
    remind(answer, of);
    draw();
    along({ design: of, dial: alongDial });
  }

  function remember(of) {
    try {
      sessionStorage.setItem("lanewise-explore", JSON.stringify(of));
    } catch {
      // Without storage a reload begins with the design as given.
    }
  }

  function intervalOf(answer) {
    const interval = answer.answer.total.interval;
    if (!interval) return {};
    const ms = answer.answer.total.latency_ms / answer.answer.total.latency_cycles;
    return { low: interval.low_cycles * ms, high: interval.high_cycles * ms };
  }

  function remind(answer, of) {
    const key = keyOf(of);
    const known = tried.findIndex((entry) => entry.key === key);
    if (known >= 0) tried.splice(known, 1);
    if (answer.refusal) return;
    const best = answer.simulated ?? answer;
    tried.push({
      key, network: of.network, choice: of, metrics: best.metrics, simulated: Boolean(answer.simulated),
      limits: best.limits, interval: answer.simulated ? {} : intervalOf(answer), changes: { ...answer.design.changes, ...of.genes },
    });
    if (tried.length > 400) tried.shift();
  }

  const misses = (metrics, of) => of.some((limit) => {
    const bound = currentBounds().find((each) => each.text === limit);
    return bound && (bound.at_most ? metrics[bound.metric] > bound.bound : metrics[bound.metric] < bound.bound);
  });
  // Limits as the program last held an answer against them, whose bounds are numbers.
  const currentBounds = () => {
    if (last && last.limits) bounds = last.limits;
    return bounds.filter((limit) => limits.includes(limit.text));
  };

  function draw() {
    drawMoved();
    drawLimits();
    drawCards();
    drawNotices();
    drawFront();
    if (last && !last.refusal) {
      Explore.charts.layers(at("layers"), last.layers);
      Explore.charts.helps(at("helps"), last.answer.total, dials, (key) => dials.focus(key));
    } else if (last) {
      // What the last design cost says nothing of one that cannot be.
      at("layers").replaceChildren(make("p", { className: "muted" }, "Refused: there is nothing to show."));
      at("layers-key").replaceChildren();
      at("helps").replaceChildren();
    }
  }

  function drawMoved() {
    const count = dials.values.size;
    at("moved").textContent = count === 0 ? "as given" : `${count} changed`;
  }

  function putCards(all) {
    at("cards").replaceChildren(...all.slice(0, 3));
    at("more-cards").replaceChildren(...all.slice(3));
  }

  function drawCards() {
    if (!last || last.refusal) {
      putCards(cards.map((name) => make("div", { className: "card" }, make("dt", {}, Explore.metricTitle(name)),
        make("dd", {}, make("div", { className: "number" }, "–"), last ? "refused" : ""))));
      return;
    }
    const given = state.networks[network].baseline;
    const { simulated } = last;
    const like = last.answer.networks_like_this, unseen = last.answer.unseen_engine_error;
    putCards(cards.map((name) => {
      const exact = counted.has(name);
      const source = exact ? "computed" : simulated ? "simulated" : "estimated";
      const value = (simulated ?? last).metrics[name];
      const [title, unit] = Explore.metricNames[name];
      const [number, shownUnit] = Explore.scaled(value, unit);
      const limit = (simulated ?? last).limits.filter((each) => each.metric === name && each.violation > 0);
      const lines = [];
      if (given) {
        // Estimates are held against estimates: what differs is the design alone.
        const change = (100 * (last.metrics[name] - given[name])) / given[name];
        lines.push(make("div", {}, Math.abs(change) < 0.005 ? "as given" : `${Explore.percent(change, 3)} to given${simulated && !exact ? ", both estimated" : ""}`));
      }
      if (simulated && !exact) {
        const error = { latency_ms: simulated.error.latency_percent, energy_uj: simulated.error.energy_percent, dram_bytes: simulated.error.dram_percent,
          peak_sram_bytes: simulated.error.peak_sram_percent }[name];
        const percent = error ?? (100 * (last.metrics[name] - value)) / value;
        lines.push(make("div", { className: "error" }, `estimated ${Explore.metric(name, last.metrics[name])}, error ${Explore.percent(percent) || "unknown"}`));
      } else if (name === "latency_ms" && last.answer.total.interval) {
        const { low, high } = intervalOf(last);
        lines.push(make("div", {}, `${Explore.number(low)}–${Explore.number(high)} (${(100 * last.answer.total.interval.level).toLocaleString("en")}\u00a0%)`));
      } else if (!exact) {
        const error = like && { energy_uj: like.energy, peak_sram_bytes: like.peak_sram_bytes }[name];
        if (error) lines.push(make("div", { className: "more" }, `typical error ${Explore.number(error.median_error_percent, 2)} %`));
        else if (!like && unseen && name === "latency_ms") lines.push(make("div", { className: "more" }, `mean error ${Explore.number(unseen.mape_percent, 2)} %`));
      }
      for (const miss of limit) lines.push(make("div", { className: "bad" }, `misses ${miss.text}${miss.uncertain ? ", within the interval" : ""}`));
      return make("div", { className: limit.length ? "card missed" : "card" },
        make("dt", {}, title, make("span", { className: `mark ${source}` }, source)),
        make("dd", {}, make("div", { className: "number" }, Explore.number(number), " ", make("small", {}, shownUnit)), ...lines));
    }));
  }

  function drawNotices() {
    const notices = [];
    const say = (text, kind = "") => notices.push(make("p", { className: `notice ${kind}` }, text));
    if (last && last.refusal) say(`Refused: ${last.refusal}`, "refusal");
    if (last && !last.refusal) {
      const { total } = last.answer;
      if (last.answer.other_family) say(`The estimator was trained on engines of the family ${last.answer.estimator_family}: nothing is known of its error here.`);
      else if (!total.in_range) say(`Beyond the training data, where the interval does not hold: ${total.out_of_range.join("; ")}. Simulate to know.`);
      for (const warning of last.answer.warnings) say(warning);
      if (last.simulated) {
        const { error, answer } = last.simulated;
        const inside = error.within_interval === null ? "" : error.within_interval ? ", within its interval" : ", outside its interval";
        say(`Simulated: latency ${Explore.number(answer.total.latency_cycles, 12)} cycles; the estimate was ${Explore.percent(error.latency_percent) || "0 %"} off in latency${inside}, ${Explore.percent(error.energy_percent) || "0 %"} in energy. ${answer.rtl_check ? `Simulator: ${answer.rtl_check.text}.` : ""}`, "fine");
      }
    }
    at("notices").replaceChildren(...notices);
    at("trust").textContent = trust();
  }

  function trust() {
    const about = `Estimates: ${state.estimator.name}, trained on ${state.estimator.rows.toLocaleString("en")} simulated subgraphs of ${state.estimator.engines} engines of the family ${state.estimator.family}. `;
    const like = last && !last.refusal && last.answer.networks_like_this;
    return about + (like ? `On ${like.text}.` : "") + " Area, parameters and MACs are computed from the design, not estimated.";
  }

  function pointOf(entry, kind, names, number) {
    const [x, y] = names;
    const missed = misses(entry.metrics, limits);
    const changes = Object.entries(entry.changes).map(([name, value]) => `${name}=${value}`).slice(0, 5).join("\n") || "as given";
    const point = {
      x: entry.metrics[x], y: entry.metrics[y], kind, missed, number, load: entry.choice,
      title: `${number ? `Design ${number}: ` : ""}${Explore.metricTitle(x)} ${Explore.metric(x, entry.metrics[x])}\n${Explore.metricTitle(y)} ${Explore.metric(y, entry.metrics[y])}\n${entry.simulated ? "simulated" : "estimated"}${missed ? ", misses a limit" : ""}\n${changes}`,
    };
    if (x === "latency_ms" && entry.interval?.low !== undefined) [point.xlow, point.xhigh] = [entry.interval.low, entry.interval.high];
    if (y === "latency_ms" && entry.interval?.low !== undefined) [point.ylow, point.yhigh] = [entry.interval.low, entry.interval.high];
    return point;
  }

  function drawFront() {
    const names = [at("x-axis").value, at("y-axis").value];
    const points = tried.filter((entry) => entry.network === network).map((entry) => pointOf(entry, entry.simulated ? "simulated" : "tried", names));
    state.networks.forEach((each, i) => {
      if (each.baseline && i === network) points.push(pointOf({ metrics: each.baseline, changes: { [each.name]: "as given, estimated" }, choice: { network: i, keys: {}, genes: {}, follow: false } }, "given", names));
    });
    for (const design of basket.designs) {
      const best = design.simulated ?? design.estimated;
      if (best) points.push(pointOf({ metrics: best.metrics, simulated: Boolean(design.simulated), changes: { ...design.design.changes, ...design.design.choice.genes }, choice: design.design.choice }, "basket", names, design.number));
    }
    const here = last && !last.refusal && tried.at(-1);
    if (here) points.push(pointOf(here, "here", names));
    if (points.length) Explore.charts.front(at("front"), points, names, currentBounds(), load);
  }

  const along = Explore.newest(async ({ design, dial }) => {
    if (!dial || !dials.rows.has(dial)) return;
    try {
      // The curve along a slider does not depend on where that slider stands: dragging it moves a mark alone.
      const { [dial]: ofKeys, ...keys } = design.keys;
      const { [dial]: ofGenes, ...genes } = design.genes;
      const key = JSON.stringify([dial, keyOf({ ...design, keys, genes })]);
      if (curve.key !== key) curve = { key, answer: await ask("/api/along", { design, dial }) };
      const { answer } = curve;
      if (answer.dial !== alongDial) return;
      const row = dials.rows.get(dial);
      Explore.charts.along(at("along"), answer, at("x-axis").value, dials.text(row), currentBounds(), (value) => {
        dials.set(dial, value);
        estimate(choice());
      });
    } catch {
      // The design itself is refused, and its own answer says so.
    }
  });

  function focusOn(name) {
    if (alongDial === name) return;
    alongDial = name;
    at("along-dial").value = name;
    along({ design: choice(), dial: name });
  }

  function drawLimits() {
    const shown = currentBounds();
    const missed = new Set(((last && (last.simulated ?? last).limits) || []).filter((limit) => limit.violation > 0).map((limit) => limit.text));
    at("limits").replaceChildren(...limits.map((text) => {
      const remove = make("button", { type: "button", "aria-label": `Remove the limit ${text}` }, "✕");
      remove.addEventListener("click", () => setLimits(limits.filter((each) => each !== text)));
      const bound = shown.find((each) => each.text === text);
      return make("li", { className: missed.has(text) ? "missed" : "", title: bound ? `${Explore.metricTitle(bound.metric)}: ${Explore.metric(bound.metric, bound.bound)}` : "" },
        `${text}${missed.has(text) ? ", missed" : ""}`, remove);
    }));
  }

  async function setLimits(wanted) {
    at("limit-error").textContent = "";
    try {
      limits = (await ask("/api/limits", { limits: wanted })).limits;
      at("limit").value = "";
      estimate(choice());
      basket.refresh();
    } catch (error) {
      at("limit-error").textContent = error.message;
    }
  }

  function complain(message) {
    at("figures").classList.remove("stale");
    at("notices").replaceChildren(make("p", { className: "notice refusal" }, message));
  }

  async function simulate() {
    if (simulating) return;
    simulating = true;
    const button = at("simulate"), of = choice();
    button.disabled = true;
    at("cancel").hidden = false;
    const looking = setInterval(async () => {
      const progress = await ask("/api/progress").catch(() => null);
      if (simulating && progress && progress.running && progress.total) button.textContent = `Simulating ${progress.done} of ${progress.total}`;
    }, 200);
    button.textContent = "Simulating …";
    try {
      const answer = await ask("/api/simulate", { design: of });
      if (!answer.cancelled) {
        remind(answer, of);
        // Sliders may have moved on meanwhile; then the answer is a point of the chart.
        if (keyOf(of) === keyOf(choice())) take(answer, of);
        else drawFront();
        basket.refresh();
      }
    } catch (error) {
      complain(error.message);
    } finally {
      clearInterval(looking);
      simulating = false;
      button.disabled = false;
      button.textContent = "Simulate";
      at("cancel").hidden = true;
    }
  }

  function begin() {
    state.networks.forEach((each, i) => at("network").append(make("option", { value: String(i) }, each.name)));
    at("subject").textContent = `on ${state.engine}${state.description ? ` · ${state.description}` : ""}`;
    for (const [id, name] of [["x-axis", "latency_ms"], ["y-axis", "energy_uj"]]) {
      for (const metric of state.metrics) at(id).append(make("option", { value: metric.name, title: metric.meaning }, Explore.metricTitle(metric.name)));
      at(id).value = name;
      at(id).addEventListener("change", () => { drawFront(); along({ design: choice(), dial: alongDial }); });
    }
    at("follow").checked = state.follow;
    at("follow").disabled = Object.keys(state.rules).length === 0;
    at("follow").addEventListener("change", () => estimate(choice()));
    at("filter").addEventListener("input", () => dials.filter(at("filter").value));
    at("network").addEventListener("change", () => load({ ...choice(), network: Number(at("network").value), genes: {} }));
    at("as-given").addEventListener("click", () => { dials.reset(); estimate(choice()); });
    at("simulate").addEventListener("click", simulate);
    at("cancel").addEventListener("click", () => ask("/api/cancel", {}).catch((error) => complain(error.message)));
    at("keep").addEventListener("click", () => basket.add(choice(), ""));
    at("save").addEventListener("click", () => basket.save());
    at("table").addEventListener("click", () => Explore.download("/api/file?kind=table", "basket.csv").catch((error) => complain(error.message)));
    at("limit-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = at("limit").value.trim();
      if (text) setLimits([...limits, text]);
    });
    at("along-dial").addEventListener("change", () => focusOn(at("along-dial").value));
    let resized = 0;
    addEventListener("resize", () => {
      clearTimeout(resized);
      resized = setTimeout(() => { draw(); along({ design: choice(), dial: alongDial }); }, 150);
    });
  }

  begin();
  dials.show(state.dials, state.networks[0].dials);
  for (const dial of [...state.dials, ...state.networks[0].dials]) {
    if (dial.values.length > 1) at("along-dial").append(make("option", { value: dial.name }, dial.name));
  }
  alongDial = state.dials.find((dial) => dial.first && dial.values.length > 1)?.name ?? state.networks[0].dials[0]?.name ?? null;
  if (alongDial) at("along-dial").value = alongDial;
  drawCards();
  await basket.refresh();
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem("lanewise-explore"));
  } catch {
    kept = null;
  }
  if (kept && state.networks[kept.network]) load(kept);
  else estimate(choice());
})();
