// SPDX-License-Identifier: Apache-2.0
// `lanewise mcp` driven by the protocol's own client for Node.js, as an agent's host would: it starts the program, lists
// the tools and calls them. The client checks every structured answer against the schema that the server sent. What the
// command line answers to the same question is what is right.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const program = join(process.env.LANEWISE_BUILD ?? "build/release", "lanewise");
const run = promisify(execFile);
const patience = { timeout: 600_000 };
let folder, estimator, client, transport;
const said = [];

// What the command line answers.
async function own(...words) {
  const { stdout } = await run(program, [...words, "--json"], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

async function call(name, args, options = {}) {
  const result = await client.callTool({ name, arguments: args }, undefined, { ...patience, ...options });
  assert.ok(!result.isError, JSON.stringify(result.content));
  const answer = result.structuredContent;
  assert.deepEqual(JSON.parse(result.content[0].text), answer);
  assert.ok(result.content[0].text.length < 24_000, `${name} answers ${result.content[0].text.length} bytes`);
  assert.equal(typeof answer.summary, "string");
  if (answer.error) assert.ok(answer.error.text.length > 10);
  return answer;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanewise-mcp-"));
  // An estimator of this test's own, of a few hundred rows: what it says need not be good, but the same everywhere.
  const store = join(folder, "rows.sqlite");
  estimator = join(folder, "small.lwm");
  await run(program, ["measure", "ds_cnn_kws", "--hw", "ne-64", "--rows", "600", "--engines", "8", "--out", store]);
  await run(program, ["train", store, "--out", estimator, "--trees", "60", "--depth", "4", "--quick", "--interval-folds", "3"]);
  transport = new StdioClientTransport({
    command: program,
    args: ["mcp", "--allow", folder],
    env: { ...process.env },
    stderr: "pipe",
  });
  client = new Client({ name: "tests", version: "1" });
  transport.stderr?.on("data", (data) => said.push(String(data)));
  await client.connect(transport);
});

after(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true });
});

test("the newest revision that the client knows is agreed on", () => {
  assert.equal(client.getServerVersion().name, "lanewise");
  assert.ok(client.getServerCapabilities().tools);
  assert.ok(client.getInstructions().includes("simulate"));
  assert.equal(transport._protocolVersion ?? "2025-11-25", "2025-11-25");
});

test("tools have schemas of what they take and answer", async () => {
  const { tools } = await client.listTools();
  for (const name of ["simulate", "estimate", "sweep", "advise", "explain", "validate", "codesign"]) {
    const tool = tools.find((one) => one.name === name);
    assert.equal(tool.inputSchema.type, "object");
    assert.equal(tool.outputSchema.type, "object");
    assert.equal(tool.annotations.readOnlyHint, name !== "codesign");
  }
});

test("simulate says what the command line says", async () => {
  const answer = await call("simulate", { model: "mobilenet_v2", engine: "ne-256" });
  const right = await own("simulate", "mobilenet_v2", "--hw", "ne-256");
  for (const name of ["latency_cycles", "latency_ms", "energy_uj", "area_mm2", "macs"]) {
    assert.equal(answer[name], right.total[name], name);
  }
  assert.equal(answer.cause.bound_by, right.total.bound_by);
  assert.equal(answer.source, "simulated");
  assert.equal(answer.error.text, right.rtl_check.text);
  assert.equal(answer.left_out.count, right.subgraphs.length - 10);
});

test("simulate takes keys of the engine, sizes and precisions", async () => {
  const answer = await call("simulate", {
    model: "squeezenet1_1", engine: "nvdla-small", batch: 2, precision: "weights=int8,activations=int8",
    set: { "dram.latency": "200 ns" },
  });
  const right = await own("simulate", "squeezenet1_1", "--hw", "nvdla-small", "--batch", "2", "--precision",
    "weights=int8,activations=int8", "--set", "dram.latency=200 ns");
  assert.equal(answer.latency_cycles, right.total.latency_cycles);
  assert.deepEqual(answer.engine_overrides, right.engine_overrides);
  assert.equal(answer.error.rows, right.rtl_check.rows);
});

test("estimate has an interval, a range mark and an error", async () => {
  const answer = await call("estimate", { model: "ds_cnn_kws", engine: "ne-64", level: 0.8, estimator });
  const right = await own("estimate", "ds_cnn_kws", "--hw", "ne-64", "--level", "0.8", "--estimator", estimator);
  assert.equal(answer.latency_cycles, right.total.latency_cycles);
  assert.equal(answer.source, "estimated");
  assert.equal(answer.interval.level, 0.8);
  assert.ok(answer.interval.low_ms <= answer.latency_ms && answer.latency_ms <= answer.interval.high_ms);
  assert.equal(answer.in_range, right.total.in_range);
  assert.equal(answer.error.mape_percent, right.unseen_engine_error.mape_percent);
});

test("sweep has the rows of the command line", async () => {
  const answer = await call("sweep", {
    models: ["squeezenet1_1"], engine: "ne-256",
    vary: { "engine.parallelism_factor": [8, 16, 32], "dram.bandwidth": ["3.2 GB/s", "6.4 GB/s"] },
    limits: ["area_mm2<=1.1*baseline"],
  });
  const right = await own("sweep", "squeezenet1_1", "--hw", "ne-256", "--vary", "engine.parallelism_factor=8,16,32",
    "--vary", "dram.bandwidth=3.2 GB/s,6.4 GB/s", "--limit", "area_mm2<=1.1*baseline");
  assert.equal(answer.rows.length, 6);
  answer.rows.forEach((row, i) => {
    assert.equal(row.latency_cycles, right.rows[i].latency_cycles);
    assert.equal(row.pareto, right.rows[i].pareto);
    assert.deepEqual(row.settings, right.rows[i].settings);
    assert.equal(row.bound_by, right.rows[i].bound_by);
  });
  assert.equal(answer.rows_missing_limits, right.rows_missing_limits);
});

test("sweep shows the front first where not all rows fit", async () => {
  const answer = await call("sweep", {
    models: ["ds_cnn_kws"], engine: "ne-64", rows: 2, vary: { "engine.parallelism_factor": [1, 2, 4, 8, 16] },
  });
  assert.equal(answer.rows.length, 2);
  assert.equal(answer.left_out.count, 3);
  assert.ok(answer.rows.every((row) => row.pareto));
});

test("explain says what binds a layer", async () => {
  const layer = "features.2/conv/conv.1/conv.1.0/Conv";
  const answer = await call("explain", { model: "mobilenet_v2", engine: "ne-256", layer });
  const right = await own("explain", "mobilenet_v2", "--hw", "ne-256", "--layer", layer);
  assert.equal(answer.simulated.latency_cycles, right.simulated.latency_cycles);
  assert.equal(answer.cause.bound_by, right.simulated.bound_by);
  assert.equal(answer.plan.text, right.plan.text);
  assert.equal(answer.bounds_cycles.dram, right.bounds.dram_cycles);
});

test("advise names moves with their reasons", async () => {
  const answer = await call("advise", { model: "ds_cnn_kws", engine: "ne-64", confirm: 2, rows: 3, estimator });
  const right = await own("advise", "ds_cnn_kws", "--hw", "ne-64", "--top", "2", "--estimator", estimator);
  assert.equal(answer.tried, right.tried);
  assert.deepEqual(answer.moves.map((move) => move.sentence), right.moves.slice(0, 3).map((move) => move.sentence));
  assert.equal(answer.plan.encoding, right.plan.encoding);
  assert.equal(answer.plan.simulated?.latency_ms, right.plan.simulated?.latency_ms);
});

test("validate says how wrong the simulator is", async () => {
  const rows = (await readFile("benchmarks/validation/rtl_layers.csv", "utf8")).split("\n").slice(0, 12).join("\n");
  const file = join(folder, "rows.csv");
  await writeFile(file, rows + "\n");
  const answer = await call("validate", { file });
  const right = await own("validate", file);
  assert.equal(answer.all.rows, right.all.rows);
  assert.equal(answer.error.mape_percent, right.all.mape_percent);
  assert.equal(answer.worst_rows.length, Math.min(10, right.all.worst_rows.length));
});

test("lists and keys of what comes with the tool", async () => {
  const networks = await call("list_networks", {});
  assert.ok(networks.networks.includes("mobilenet_v2"));
  const engines = await call("list_engines", {});
  assert.ok(engines.engines.some((engine) => engine.engine === "ne-256"));
  const engine = await call("show_engine", { engine: "ne-256", prefix: "dram." });
  assert.equal(engine.keys.find((key) => key.key === "dram.bandwidth").value, "3.2 GB/s");
});

test("a mistake is an answer that names it", async () => {
  const refused = async (name, args, word) => {
    const result = await client.callTool({ name, arguments: args }, undefined, patience);
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, word);
  };
  await refused("simulate", { model: "no_such_network", engine: "ne-256" }, /no_such_network/);
  await refused("simulate", { model: "mobilenet_v2", engine: "ne-256", set: { "dram.bandwidth": "-3" } }, /dram.bandwidth/);
  await refused("simulate", { model: "--help", engine: "ne-256" }, /must not begin/);
  await refused("simulate", { model: "/etc/passwd", engine: "ne-256" }, /outside/);
  await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), /unknown tool/);
});

test("codesign reports progress, can be cancelled, and goes on", async (t) => {
  const args = {
    model: "ds_cnn_kws", engine: "ne-64", folder: join(folder, "job"), estimator, evaluations: 200, finalists: 2,
    rounds: 0, simulations: 4,
  };
  const seen = [];
  const stop = new AbortController();
  const first = client.callTool({ name: "codesign", arguments: args }, undefined, {
    ...patience, signal: stop.signal,
    onprogress: (progress) => {
      seen.push(progress);
      stop.abort("enough");
    },
  });
  await assert.rejects(first, /enough|abort/i);
  assert.ok(seen[0].message.length > 0);
  // The server is there, and the folder is free again.
  await client.ping();
  const answer = await call("codesign", args, { onprogress: (progress) => seen.push(progress) });
  const numbers = seen.slice(1).map((progress) => progress.progress);
  assert.ok(numbers.every((number, i) => i === 0 || number > numbers[i - 1]), "progress only grows");
  const right = JSON.parse(await readFile(join(folder, "job", "result.json"), "utf8"));
  assert.equal(answer.evaluations, right.evaluations);
  assert.equal(answer.baseline.simulated.latency_ms, right.baseline.simulated.latency_ms);
  assert.equal(answer.finalists.length, right.finalists.length);
  answer.finalists.forEach((finalist, i) => {
    assert.equal(finalist.simulated.latency_ms, right.finalists[i].simulated.latency_ms);
    assert.equal(finalist.error_percent, right.finalists[i].error_percent);
  });
  // Network and engine of a finalist are files that the tools take.
  const finalist = answer.finalists[0];
  if (!finalist.network_file) return t.diagnostic("the finalist has no network file");
  const again = await call("simulate", {
    model: join(folder, "job", finalist.network_file), engine: join(folder, "job", finalist.engine_file),
  });
  assert.equal(again.latency_ms, finalist.simulated.latency_ms);
});

test("calls run side by side", async () => {
  const engines = ["ne-64", "ne-256", "ne-512", "ne-1024", "nvdla-small", "nvdla-large"];
  const answers = await Promise.all(engines.map((engine) => call("simulate", { model: "ds_cnn_kws", engine })));
  for (const [i, engine] of engines.entries()) {
    const right = await own("simulate", "ds_cnn_kws", "--hw", engine);
    assert.equal(answers[i].latency_cycles, right.total.latency_cycles, engine);
  }
});

test("standard error has a line for each call", () => {
  assert.match(said.join(""), /^lanewise: note: simulate: answered in \d+ ms$/m);
});
