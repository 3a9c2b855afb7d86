// SPDX-License-Identifier: Apache-2.0
// Numbers and names as people read them.
"use strict";
const Explore = {};

Explore.metricNames = {
  latency_ms: ["Latency", "ms"],
  energy_uj: ["Energy", "µJ"],
  edp: ["Energy × delay", "µJ·ms"],
  average_power_mw: ["Power", "mW"],
  area_mm2: ["Area", "mm²"],
  parameters: ["Parameters", ""],
  parameter_bytes: ["Parameter bytes", "B"],
  peak_activation_bytes: ["Peak activations", "B"],
  peak_sram_bytes: ["Peak SRAM", "B"],
  dram_bytes: ["DRAM", "B"],
  macs: ["MACs", ""],
  macs_per_pixel: ["MACs per pixel", ""],
};

Explore.resources = {
  weight_load: "weights", onchip_bandwidth: "bandwidth", dot_product_lanes: "lanes", dot_product_array: "array", depthwise_lanes: "depthwise",
  post_processor: "post", accumulators: "accumulators", dram: "dram", dram_latency: "latency", onchip_memory: "memory", dma_setup: "dma",
  command_processor: "command", pipeline_latency: "pipeline", unpacking: "unpacking", weight_decoder: "decoder", host: "host",
};
Explore.resourceColour = (name) => `var(--r-${Explore.resources[name] || "other"})`;
Explore.words = (name) => name.replaceAll("_", " ");

Explore.number = (value, digits = 4) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-6)) return value.toExponential(digits - 1);
  return value.toLocaleString("en", { maximumSignificantDigits: Math.max(digits, Math.min(15, Math.ceil(Math.log10(size + 1)))) });
};

// [value, unit] with a prefix where the number is long.
Explore.scaled = (value, unit) => {
  const size = Math.abs(value);
  if (unit === "B") {
    if (size >= 1e6) return [value / 1e6, "MB"];
    if (size >= 1e3) return [value / 1e3, "kB"];
  }
  if (unit === "µJ" && size >= 1e3) return [value / 1e3, "mJ"];
  if (unit === "mW" && size >= 1e3) return [value / 1e3, "W"];
  if (unit === "" && size >= 1e6) return [value / 1e6, "M"];
  return [value, unit];
};

Explore.metric = (name, value) => {
  const [, unit] = Explore.metricNames[name] || [name, ""];
  const [number, scaledUnit] = Explore.scaled(value, unit);
  return `${Explore.number(number)} ${scaledUnit}`.trim();
};
Explore.metricTitle = (name) => (Explore.metricNames[name] || [Explore.words(name)])[0];
Explore.metricLabel = (name) => {
  const [title, unit] = Explore.metricNames[name] || [Explore.words(name), ""];
  return unit ? `${title} (${unit})` : title;
};

// "+3.1 %"; null gives "".
Explore.percent = (value, digits = 2) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "";
  const rounded = Number(value.toPrecision(digits));
  return `${rounded > 0 ? "+" : rounded < 0 ? "−" : ""}${Math.abs(rounded).toLocaleString("en", { maximumSignificantDigits: digits })} %`;
};

// An element: tag, properties (or attributes that hold a dash), children.
Explore.make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "for" || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};
Explore.at = (id) => document.getElementById(id);
