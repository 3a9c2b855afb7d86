// SPDX-License-Identifier: Apache-2.0
// The designs that were put aside: compared, taken up again, and saved.
"use strict";
Explore.Basket = class {
  // `load(design)` takes a design up again; `complain(message)` says what went wrong.
  constructor(load, complain) {
    this.load = load;
    this.complain = complain;
    this.designs = [];
    this.changed = () => {};
  }

  async act(path, body) {
    try {
      this.show((await Explore.ask(path, body)).designs);
    } catch (error) {
      this.complain(error.message);
    }
  }
  refresh() { return this.act("/api/basket"); }
  add(choice, label) { return this.act("/api/basket/add", { design: choice, label }); }
  remove(number) { return this.act("/api/basket/remove", { number }); }

  static metrics = ["latency_ms", "energy_uj", "area_mm2", "average_power_mw", "dram_bytes", "peak_sram_bytes"];

  show(designs) {
    this.designs = designs;
    const place = Explore.at("basket");
    Explore.at("save").hidden = !this.canSave || designs.length === 0;
    Explore.at("table").hidden = designs.length === 0;
    if (designs.length === 0) {
      place.replaceChildren(Explore.make("p", { className: "muted" }, "Empty: put a design in it to compare designs and to save them as YAML (engine) and ONNX (network)."));
      this.changed();
      return;
    }
    const cell = (properties, ...children) => Explore.make("td", properties, ...children);
    const head = ["Design", "What changed", ...Explore.Basket.metrics.map(Explore.metricTitle), "Estimate's error", ""];
    const least = {};
    for (const metric of Explore.Basket.metrics) {
      least[metric] = Math.min(...designs.map((d) => (d.simulated ?? d.estimated)?.metrics[metric] ?? Infinity));
    }
    const rows = designs.map((design) => {
      const best = design.simulated ?? design.estimated;
      const source = design.simulated ? "simulated" : "estimated";
      const missed = new Map((best?.limits ?? []).filter((limit) => limit.violation > 0).map((limit) => [limit.metric, limit.text]));
      const row = Explore.make("tr", {}, Explore.make("th", { scope: "row" }, `${design.number} `,
        best ? Explore.make("span", { className: `mark ${source}` }, source) : Explore.make("span", { className: "mark bad" }, "refused")));
      const changes = { ...design.design.changes, ...design.design.followers, ...design.design.choice.genes };
      const text = Object.entries(changes).map(([name, value]) => `${name}=${value}${name in design.design.followers ? " (follows)" : ""}`).join(", ") || "as given";
      row.append(cell({ className: "text" }, `${design.label ? `${design.label}: ` : ""}${design.network}: ${text}`));
      if (!best) {
        row.append(cell({ className: "text bad", colSpan: Explore.Basket.metrics.length + 1 }, design.refusal));
      } else {
        for (const metric of Explore.Basket.metrics) {
          const value = best.metrics[metric];
          const element = cell({ className: missed.has(metric) ? "missed" : "" },
            Explore.make("span", { className: value === least[metric] && designs.length > 1 ? "least" : "" }, Explore.metric(metric, value)));
          if (missed.has(metric)) element.append(Explore.make("br"), `misses ${missed.get(metric)}`);
          row.append(element);
        }
        row.append(cell({}, design.simulated
          ? Explore.make("span", {}, `latency ${Explore.percent(design.simulated.error.latency_percent)}`, Explore.make("br"),
            `energy ${Explore.percent(design.simulated.error.energy_percent)}`)
          : Explore.make("span", {}, "not simulated", ...(design.estimated.in_range ? [] : [Explore.make("br"), "beyond training data"]))));
      }
      row.append(cell({}, ...this.buttons(design)));
      return row;
    });
    place.replaceChildren(Explore.make("table", {}, Explore.make("thead", {}, Explore.make("tr", {}, ...head.map((title) =>
      title ? Explore.make("th", { scope: "col" }, title) : Explore.make("td", {})))), Explore.make("tbody", {}, ...rows)));
    this.changed();
  }

  buttons(design) {
    const button = (text, label, work) => {
      const element = Explore.make("button", { type: "button", "aria-label": label }, text);
      element.addEventListener("click", work);
      return element;
    };
    const download = (kind, suffix) => async () => {
      try {
        await Explore.download(`/api/file?design=${design.number}&kind=${kind}`, `design-${design.number}.${suffix}`);
      } catch (error) {
        this.complain(error.message);
      }
    };
    const all = [button("Load", `Load design ${design.number}`, () => this.load(design.design.choice))];
    if (!design.refusal || design.estimated) {
      all.push(" ", button("YAML", `Download the engine of design ${design.number} as YAML`, download("engine", "yaml")),
        " ", button("ONNX", `Download the network of design ${design.number} as ONNX`, download("network", "onnx")));
    }
    all.push(" ", button("✕", `Remove design ${design.number}`, () => this.remove(design.number)));
    return all;
  }

  async save() {
    const place = Explore.at("saved");
    place.className = "muted";
    place.textContent = "saving …";
    try {
      const saved = await Explore.ask("/api/basket/save", {});
      place.textContent = `${saved.files.length} files in ${saved.folder}${saved.notes.length ? `; ${saved.notes.join("; ")}` : ""}`;
    } catch (error) {
      place.className = "bad";
      place.textContent = error.message;
    }
  }
};
