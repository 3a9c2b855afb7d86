// SPDX-License-Identifier: Apache-2.0
// What each mechanism of the simulated engine is worth: one after the other is switched off, and the cycles measured on
// RTL are simulated again. Prints JSON, and a table on standard error. Called by benchmarks/engine_ablation.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/version.hpp"
#include "study/validation/validate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kLayers = "benchmarks/validation/rtl_layers.csv";
constexpr const char* kBackToBack = "benchmarks/validation/rtl_back_to_back.csv";
constexpr const char* kPostProcessing = "benchmarks/validation/rtl_post_processing.csv";
constexpr double kHitPoints = 0.1;  // a row is hit where its error grows by so many percentage points or more
constexpr std::size_t kRowsNamed = 3;

struct Mechanism {
  const char* name;
  std::vector<engine::Override> off;  // the engine without it
};

const std::vector<Mechanism>& mechanisms() {
  static const std::vector<Mechanism> all = {
      // Loading.
      {"whole inputs streamed, outputs by atoms; not tiles", {{"dma.kind", "tiles"}}},
      {"start of a pass", {{"dma.start_cycles", "0"}}},
      {"weight requests ahead of the input's", {{"dma.weight_lead_requests", "0"}}},
      {"weights padded in memory", {{"dma.weight_alignment", "1 B"}}},
      {"turns by requests of several beats", {{"dram.burst", "1 B"}}},
      {"limit of beats under way", {{"dram.outstanding_beats", "65536"}}},
      {"gap between clumps of beats", {{"dram.outstanding_return_cycles", "0"}}},
      {"request generator of the input", {{"dma.request_cycles", "0"}, {"dma.fetch_cycles", "0"}}},
      {"unpacking",
       {{"unpacking.first_pair_cycles", "0"},
        {"unpacking.second_pair_cycles", "0"},
        {"unpacking.column_cycles", "0"},
        {"unpacking.row_cycles", "0"}}},
      {"unpacking: slower third and fourth surface", {{"unpacking.second_pair_cycles", "1"}}},
      {"unpacking: slower single columns", {{"unpacking.column_cycles", "1"}}},
      {"unpacking: a cycle a row", {{"unpacking.row_cycles", "0"}}},
      {"unpacking: to the last word's place", {{"unpacking.loaded_cycles", "0"}}},
      {"unpacking: a second pair at the end", {{"unpacking.last_pair_cycles", "0"}}},
      {"from the last beat to loaded", {{"dma.loaded_cycles", "0"}}},
      {"room in the weight banks", {{"memory.bank_size", "64 KiB"}}},
      {"weights' room free at their last fetch", {{"engine.weight_release_cycles", "0"}}},
      // Computing.
      {"from loaded input to first MAC", {{"engine.input_to_mac_cycles", "0"}}},
      {"from loaded weights to first MAC", {{"engine.weights_to_mac_cycles", "0"}}},
      {"shadow loading of weights", {{"engine.weight_load_kernels_per_cycle", "4096"}}},
      {"given stripes; not halves of the accumulators",
       {{"engine.longest_stripe", "0"}, {"engine.second_stripe", "0"}}},
      {"room for finished sums", {{"accumulators.size", "64 MiB"}}},
      {"way back of that room", {{"accumulators.credit_return_cycles", "0"}}},
      {"array's pipeline", {{"engine.pipeline_latency_cycles", "1"}}},
      // Output.
      {"post-processor's pace", {{"post_processing.width", "4096"}}},
      {"a cycle more an atom", {{"post_processing.atom_overhead_cycles", "0"}}},
      {"post-processor's latency", {{"post_processing.latency_cycles", "1"}}},
      {"latencies of passes off the array",
       {{"post_processing.elementwise_latency_cycles", "0"},
        {"post_processing.pooling_latency_cycles", "0"},
        {"post_processing.normalization_latency_cycles", "0"}}},
      {"buffer before the write port", {{"dma.write_buffer_atoms", "1"}}},
      {"bound on that buffer", {{"dma.write_buffer_atoms", "65536"}}},
      {"room in it free before the write", {{"dma.write_lead_cycles", "0"}}},
      // Subgraphs behind each other.
      {"next pass programmed while one runs", {{"command.register_groups", "1"}}},
      {"gap between two passes' MACs", {{"engine.pass_gap_cycles", "0"}}},
      {"from one pass loaded to the next's requests", {{"dma.next_pass_cycles", "0"}}},
      {"input's room free after the last MAC", {{"dma.input_release_cycles", "0"}}},
      {"banks split anew", {{"dma.split_change_cycles", "0"}}},
  };
  return all;
}

template <class Kind>
Kind validate(const char* file, const std::vector<engine::Override>& overrides) {
  study::ValidationSettings settings;
  settings.overrides = overrides;
  return std::get<Kind>(study::validate(file, settings));
}

double timestamp(const study::ErrorStatistics& statistics, const std::string& name) {
  for (const study::TimestampError& error : statistics.timestamps) {
    if (error.name == name) return error.mape_percent;
  }
  return study::kUnknown;
}

// The rows whose error grew, the most hit first.
std::vector<std::pair<double, const study::ValidatedRow*>> rows_hit(const study::RowValidation& as_shipped,
                                                                    const study::RowValidation& without) {
  std::vector<std::pair<double, const study::ValidatedRow*>> hit;
  for (std::size_t i = 0; i < without.rows.size(); ++i) {
    const study::ValidatedRow& row = without.rows[i];
    if (!row.failure.empty()) continue;
    const double grown = std::abs(row.error_percent()) - std::abs(as_shipped.rows[i].error_percent());
    if (grown >= kHitPoints) hit.emplace_back(grown, &row);
  }
  std::stable_sort(hit.begin(), hit.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return hit;
}

Json figures(const study::RowValidation& as_shipped, const study::RowValidation& validation) {
  const study::ErrorStatistics& all = validation.all.all;
  Json out{{"mape_percent", all.mape_percent}, {"worst_percent", all.worst_percent}, {"failed", all.failed}};
  if (validation.part_name == "set") {
    out["first_mac_mape_percent"] = timestamp(all, "first_mac");
    out["last_mac_mape_percent"] = timestamp(all, "last_mac");
  }
  for (const auto& [part, statistics] : validation.all.parts) {
    out["mape_percent_by_" + validation.part_name][part] = statistics.mape_percent;
  }
  for (const auto& [engine, group] : validation.engines) out["mape_percent_by_engine"][engine] = group.all.mape_percent;
  const auto hit = rows_hit(as_shipped, validation);
  out["rows_hit"] = hit.size();
  out["most_hit"] = Json::array();
  for (std::size_t i = 0; i < std::min(kRowsNamed, hit.size()); ++i) {
    const study::ValidatedRow& row = *hit[i].second;
    out["most_hit"].push_back({{"line", row.line},
                               {"engine", row.engine},
                               {validation.part_name, row.part},
                               {"tag", row.tag},
                               {"measured_cycles", row.measured},
                               {"simulated_cycles", row.simulated},
                               {"error_percent", row.error_percent()}});
  }
  return out;
}

Json figures(const study::SequenceValidation& validation) {
  return {{"mape_percent", validation.mape_percent},
          {"worst_period_percent", validation.worst_period_percent},
          {"done_mape_percent", validation.done_mape_percent},
          {"failed", validation.failed}};
}

struct Run {
  study::RowValidation layers, post_processing;
  study::SequenceValidation back_to_back;
};

Run run(const std::vector<engine::Override>& overrides) {
  return {validate<study::RowValidation>(kLayers, overrides),
          validate<study::RowValidation>(kPostProcessing, overrides),
          validate<study::SequenceValidation>(kBackToBack, overrides)};
}

Json figures(const Run& as_shipped, const Run& without) {
  return {{"layers", figures(as_shipped.layers, without.layers)},
          {"back_to_back", figures(without.back_to_back)},
          {"post_processing", figures(as_shipped.post_processing, without.post_processing)}};
}

void print_line(const char* name, const Run& run, std::size_t hit) {
  const study::ErrorStatistics& layers = run.layers.all.all;
  std::fprintf(stderr, "%-52s | %7.3f %7.2f %5zu %7.2f %7.2f | %7.2f %7.2f | %7.2f\n", name, layers.mape_percent,
               layers.worst_percent, hit, timestamp(layers, "first_mac"), timestamp(layers, "last_mac"),
               run.back_to_back.mape_percent, run.back_to_back.worst_period_percent,
               run.post_processing.all.all.mape_percent);
}

}  // namespace

int main() {
  try {
    const Run as_shipped = run({});
    std::fprintf(stderr, "%-52s | %-37s | %-15s | %s\n", "", "layers: mean, worst, rows hit, MACs", "back to back",
                 "post-processor");
    print_line("as shipped", as_shipped, 0);
    Json rows = Json::array();
    for (const Mechanism& mechanism : mechanisms()) {
      const Run without = run(mechanism.off);
      print_line(mechanism.name, without, rows_hit(as_shipped.layers, without.layers).size());
      Json row{{"mechanism", mechanism.name}};
      for (const engine::Override& change : mechanism.off) row["switched_off_by"][change.key] = change.value;
      row.update(figures(as_shipped, without));
      rows.push_back(std::move(row));
    }
    std::cout << Json{{"benchmark", "engine_ablation"},
                      {"tool_version", version()},
                      {"errors", "percent of the measured cycles, without one mechanism"},
                      {"rows_hit", "rows whose error grows by 0.1 percentage points or more"},
                      {"as_shipped", figures(as_shipped, as_shipped)},
                      {"mechanisms", rows}}
                     .dump(2)
              << '\n';
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
