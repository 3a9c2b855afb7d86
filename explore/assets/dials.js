// SPDX-License-Identifier: Apache-2.0
// The sliders: one per key of the engine and per gene of the network.
"use strict";
Explore.Dials = class {
  // `changed(name)` is called whenever a person moves a slider, `touched(name)` when one gets the focus.
  constructor(place, changed, touched) {
    this.place = place;
    this.changed = changed;
    this.touched = touched;
    this.rows = new Map();
    this.values = new Map();  // by dial: what a person chose, where it is not what is given
    this.followers = {};
  }

  // `keys` of the engine, `genes` of the network that is shown.
  show(keys, genes) {
    const chosen = new Map(this.values);
    this.rows.clear();
    this.values.clear();
    this.place.replaceChildren();
    const first = keys.filter((dial) => dial.first);
    this.section("Engine", first, null);
    this.section("Network", genes, "genes");
    const more = keys.filter((dial) => !dial.first);
    const groups = [...new Set(more.map((dial) => dial.group))];
    for (const group of groups) {
      const some = more.filter((dial) => dial.group === group);
      const details = Explore.make("details", {}, Explore.make("summary", {}, `More of ${group} (${some.length})`));
      for (const dial of some) details.append(this.row(dial, false));
      this.place.append(details);
    }
    for (const [name, value] of chosen) if (this.rows.has(name)) this.set(name, value);
  }

  section(title, dials, kind) {
    if (dials.length === 0) return;
    this.place.append(Explore.make("h3", {}, title));
    const list = Explore.make("div", { className: kind || "" });
    for (const dial of dials) list.append(this.row(dial, kind === "genes" && dial.values.length > 2));
    this.place.append(list);
  }

  row(dial, wide) {
    const id = `dial-${this.rows.size}`;
    const [group, ...rest] = dial.name.split(".");
    const label = Explore.make("label", { for: id, title: dial.meaning });
    label.append(Explore.make("small", {}, rest.length ? `${group}.` : ""), rest.join(".") || group);
    const value = dial.listed
      ? Explore.make("output", { className: "value", htmlFor: id })
      : Explore.make("input", { className: "value", type: "text", autocomplete: "off", spellcheck: false,
                                "aria-label": `${dial.name}, value${dial.notation ? `: ${dial.notation}` : ""}` });
    const undo = Explore.make("button", { type: "button", className: "undo", title: "As given", "aria-label": `${dial.name} as given` }, "↺");
    const last = dial.values.length - 1;
    const slider = Explore.make("input", { type: "range", id, min: "0", max: String(Math.max(last, 0)), step: "1", disabled: last < 1 });
    slider.value = String(dial.given);
    const stops = Explore.make("div", { className: "stops", "aria-hidden": "true" });
    dial.values.forEach((text, i) => {
      const stop = Explore.make("i", { className: i === dial.given ? "given" : dial.trained[i] ? "" : "beyond", title: text });
      stop.style.left = last > 0 ? `${(100 * i) / last}%` : "0";
      stops.append(stop);
    });
    const note = Explore.make("div", { className: "note" });
    const element = Explore.make("div", { className: wide ? "dial wide" : "dial" },
      Explore.make("div", { className: "head" }, label, value, undo), slider, last > 0 ? stops : null, note);
    element.dataset.name = dial.name;
    const row = { dial, element, slider, value, undo, note };
    this.rows.set(dial.name, row);
    slider.addEventListener("input", () => {
      this.set(dial.name, dial.values[slider.valueAsNumber]);
      this.changed(dial.name);
    });
    slider.addEventListener("focus", () => this.touched(dial.name));
    slider.addEventListener("pointerdown", () => this.touched(dial.name));
    undo.addEventListener("click", () => {
      this.set(dial.name, dial.values[dial.given]);
      this.changed(dial.name);
      slider.focus();
    });
    if (!dial.listed) {
      value.addEventListener("change", () => {
        this.set(dial.name, value.value.trim());
        this.changed(dial.name);
      });
    }
    this.draw(row);
    return element;
  }

  // Without telling anybody.
  set(name, text) {
    const row = this.rows.get(name);
    if (!row) return;
    if (text === row.dial.values[row.dial.given] || text === "") this.values.delete(name);
    else this.values.set(name, text);
    this.draw(row);
  }

  reset() {
    this.values.clear();
    for (const row of this.rows.values()) this.draw(row);
  }

  text(row) {
    return this.values.get(row.dial.name) ?? this.followers[row.dial.name] ?? row.dial.values[row.dial.given];
  }

  draw(row) {
    const { dial, slider, value, note, element } = row;
    const text = this.text(row);
    const moved = this.values.has(dial.name);
    const follows = !moved && dial.name in this.followers;
    const index = dial.values.indexOf(text);
    if (index >= 0) slider.value = String(index);
    else if (follows) slider.value = String(this.nearest(dial, text));
    value.value = text;
    element.classList.toggle("moved", moved);
    element.classList.toggle("follows", follows);
    const given = dial.values[dial.given];
    const beyond = index >= 0 && !dial.trained[index] && index !== dial.given;
    slider.setAttribute("aria-valuetext", `${text}${moved ? `, given ${given}` : follows ? `, follows; given ${given}` : ", as given"}${beyond ? ", beyond what the estimator was trained on" : ""}`);
    note.className = beyond ? "note warn" : "note";
    note.textContent = [moved || follows ? `given ${given}` : "", follows ? "follows" : "", beyond ? "beyond the training data" : ""].filter(Boolean).join(" · ");
  }

  // The stop of a value that is none of them: where its number would stand.
  nearest(dial, text) {
    const number = parseFloat(text);
    if (!Number.isFinite(number)) return dial.given;
    const unit = text.replace(/[-\d.\s]/g, "");
    let best = dial.given, least = Infinity;
    dial.values.forEach((value, i) => {
      if (value.replace(/[-\d.\s]/g, "") !== unit) return;
      const distance = Math.abs(Math.log((parseFloat(value) || 1e-9) / (number || 1e-9)));
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }

  follow(followers) {
    this.followers = followers;
    for (const row of this.rows.values()) this.draw(row);
  }

  // What is wrong with a value stands at its slider; whatever names no slider is left to the caller.
  complain(message) {
    for (const row of this.rows.values()) {
      if (!this.values.has(row.dial.name) || !message.includes(`${row.dial.name}=`)) continue;
      row.note.className = "note bad";
      row.note.textContent = message.replace(/^request: /, "");
      return true;
    }
    return false;
  }

  focus(name) {
    const row = this.rows.get(name);
    if (!row) return;
    const details = row.element.closest("details");
    if (details) details.open = true;
    row.element.hidden = false;
    row.element.scrollIntoView({ block: "center" });
    (row.slider.disabled ? row.value : row.slider).focus();
  }

  filter(text) {
    const wanted = text.trim().toLowerCase();
    for (const row of this.rows.values()) {
      row.element.hidden = wanted !== "" && !`${row.dial.name} ${row.dial.meaning}`.toLowerCase().includes(wanted);
    }
    for (const details of this.place.querySelectorAll("details")) {
      const any = [...details.querySelectorAll(".dial")].some((dial) => !dial.hidden);
      details.hidden = !any;
      if (wanted !== "") details.open = any;
    }
  }
};
