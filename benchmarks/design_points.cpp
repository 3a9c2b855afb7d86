// SPDX-License-Identifier: Apache-2.0
// Area, power and speed of seven engines as large as NVDLA's published design points, on ResNet-50, beside what was
// published. Prints JSON, and a table on standard error. Called by benchmarks/design_points with the engine that says
// everything that the design points leave open.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/base/version.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

// The published spreadsheet: int8 ResNet-50 at 1 GHz. Estimates, not silicon; power is that of the engine without DRAM,
// at 16 nm. How the MACs divide into lanes x dot products is published for the larger ones and assumed below; so is the
// width of the post-processor.
struct DesignPoint {
  int lanes, dot_products, buffer_kib;
  double gigabytes_per_second, frames_per_second;
  double area_28nm, area_16nm;  // mm2
  double peak_mw, average_mw;
  int post_width;
};
constexpr DesignPoint kPoints[] = {
    {64, 32, 512, 20, 269, 5.5, 3.3, 766, 291, 16}, {32, 32, 256, 15, 153, 3.0, 1.8, 375, 143, 16},
    {32, 16, 256, 10, 93, 2.3, 1.4, 210, 80, 8},    {32, 8, 256, 5, 46, 1.7, 1.0, 135, 48, 4},
    {16, 8, 256, 2, 20, 1.4, 0.84, 82, 31, 2},      {8, 8, 128, 1, 7.3, 0.91, 0.55, 55, 21, 1},
    {8, 4, 128, 0.5, 3.6, 0.85, 0.51, 45, 17, 1}};

std::vector<engine::Override> overrides(const DesignPoint& point, const engine::EngineConfig& base) {
  const std::int64_t banks = base.memory.activation_banks + base.memory.weight_banks;
  const Bytes bank(std::int64_t{point.buffer_kib} * 1024 / banks);
  return {{"name", "nvdla-point-" + std::to_string(point.lanes * point.dot_products)},
          {"engine.clock", "1 GHz"},
          {"engine.dot_product_lanes", std::to_string(point.lanes)},
          {"engine.parallelism_factor", std::to_string(point.dot_products)},
          {"memory.bank_size", to_text(bank)},
          {"memory.keep_activations", "false"},  // NVDLA's layers meet in DRAM
          {"accumulators.size", std::to_string(point.dot_products) + " KiB"},
          {"post_processing.width", std::to_string(point.post_width)},
          {"dram.bandwidth", to_text(BytesPerSecond(point.gigabytes_per_second * 1e9))},
          {"energy.dram", "0 pJ/B"},  // the published figures leave DRAM and the interface to it out
          {"energy.dram_interface_per_gb_s", "0 mW"},
          {"area.dram_interface_per_gb_s", "0 mm2"}};
}

double deviation_percent(double modelled, double published) { return 100.0 * (modelled - published) / published; }

Json beside(double published, double modelled) {
  return {
      {"published", published}, {"modelled", modelled}, {"deviation_percent", deviation_percent(modelled, published)}};
}

// The subgraph that draws the most, mW.
double peak_power(const study::NetworkAnswer& answer, const engine::EngineConfig& engine) {
  double most = 0;
  for (const study::SubgraphAnswer& subgraph : answer.subgraphs) {
    most = std::max(most, subgraph.energy_uj / (engine.seconds(Cycles(subgraph.latency_cycles)).count() * 1e3));
  }
  return most;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "lanewise: error: design_points takes one argument, the engine whose sizes are changed\n";
    return 2;
  }
  try {
    const engine::EngineConfig base = engine::load_engine(argv[1]).config;
    const network::Graph network = network::import_network("models/resnet50.onnx");
    Json rows = Json::array();
    std::fprintf(stderr, "%-5s %4s %5s | %-22s | %-22s | %-22s | %-22s\n", "MACs", "KiB", "GB/s",
                 "images/s (published)", "mm2, 16 nm", "average mW, 16 nm", "peak mW, 16 nm");
    for (const DesignPoint& point : kPoints) {
      const std::vector<engine::Override> changes = overrides(point, base);
      const engine::EngineConfig engine = engine::with_overrides(base, changes);
      const study::NetworkAnswer answer = study::simulate_network(network, engine);
      const study::Totals& total = answer.total;
      const double peak = peak_power(answer, engine);
      Json changed = Json::object();
      for (const engine::Override& change : changes) changed[change.key] = change.value;
      rows.push_back({{"macs", engine.macs_per_cycle()},
                      {"buffer_kib", point.buffer_kib},
                      {"dram_gigabytes_per_second", point.gigabytes_per_second},
                      {"overrides", changed},
                      {"images_per_second", beside(point.frames_per_second, total.inferences_per_second)},
                      {"utilization", total.utilization},
                      {"area_mm2_16nm", beside(point.area_16nm, total.area_mm2)},
                      {"published_area_mm2_28nm", point.area_28nm},
                      {"average_power_mw_16nm", beside(point.average_mw, total.average_power_mw)},
                      {"peak_power_mw_16nm", beside(point.peak_mw, peak)}});
      const auto cell = [](double published, double modelled) {
        char text[64];
        std::snprintf(text, sizeof text, "%.4g (%.4g) %+.1f %%", modelled, published,
                      deviation_percent(modelled, published));
        return std::string(text);
      };
      std::fprintf(stderr, "%-5d %4d %5.3g | %-22s | %-22s | %-22s | %-22s\n", point.lanes * point.dot_products,
                   point.buffer_kib, point.gigabytes_per_second,
                   cell(point.frames_per_second, total.inferences_per_second).c_str(),
                   cell(point.area_16nm, total.area_mm2).c_str(),
                   cell(point.average_mw, total.average_power_mw).c_str(), cell(point.peak_mw, peak).c_str());
    }
    std::cout
        << Json{{"benchmark", "design_points"},
                {"tool_version", version()},
                {"network", network.name()},
                {"base", base.name},
                {"published", "NVDLA's design points, a spreadsheet's estimates and not silicon; engine without DRAM"},
                {"independent",
                 "images_per_second and peak power; area per MAC and KiB and leakage_per_mm2 of the family ne "
                 "are fitted to the published areas and average powers (hwconfigs/calibrate.py)"},
                {"peak_power", "modelled: the pass that draws the most, averaged over it; published: not defined"},
                {"rows", rows}}
               .dump(2)
        << '\n';
  } catch (const Error& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
