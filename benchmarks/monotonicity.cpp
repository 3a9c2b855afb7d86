// SPDX-License-Identifier: Apache-2.0
// Random layers on a shipped engine and on the same engine with something better, each planned for its own engine: how
// often the better one is slower, and by how much. Prints JSON.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "sim/simulate.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr int kLayers = 2000;
constexpr double kListed = 2.0;  // percent

// Convolutions, depthwise ones and additions as they occur in networks for images.
mapping::Subgraph random_layer(Random& random) {
  mapping::Subgraph s;
  mapping::SubgraphShape& shape = s.shape;
  const std::int64_t size = random.pick<std::int64_t>({1, 4, 7, 10, 14, 20, 28, 56, 112});
  const std::int64_t kernel = size == 1 ? 1 : random.pick<std::int64_t>({1, 1, 3, 5});
  const std::int64_t stride = size == 1 ? 1 : random.between(1, 2);
  shape.in_channels = random.between(1, size > 28 ? 96 : 512);
  shape.out_channels = random.between(1, size > 28 ? 96 : 512);
  shape.in_height = shape.in_width = size;
  switch (random.below(4)) {
    case 0:
      shape.family = mapping::SubgraphFamily::kDepthwise;
      shape.out_channels = shape.groups = shape.in_channels;
      break;
    case 1:
      shape.family = mapping::SubgraphFamily::kElementwise;
      shape.out_channels = shape.in_channels;
      shape.operand = mapping::FusedOperand::kTensor;
      shape.out_height = shape.out_width = size;
      return s;
    default:
      shape.family = mapping::SubgraphFamily::kConvolution;
  }
  shape.out_height = shape.out_width = ceil_div(size, stride);
  for (int axis = 0; axis < 2; ++axis) {
    shape.window.kernel[axis] = kernel;
    shape.window.stride[axis] = stride;
    shape.window.pad_begin[axis] = (kernel - 1) / 2;
    shape.window.pad_end[axis] = kernel / 2;
  }
  return s;
}

struct Case {
  double percent = 0;
  std::string layer;
  std::int64_t before = 0, after = 0;
};

Json compare(const std::string& hwconfig, const std::vector<engine::Override>& better,
             const std::vector<engine::Override>& given = {}) {
  const engine::EngineConfig base = engine::load_engine(hwconfig, given).config;
  const engine::EngineConfig improved = engine::with_overrides(base, better);
  Random random(7);
  int planned = 0;
  std::vector<Case> slower;
  while (planned < kLayers) {
    const mapping::Subgraph layer = random_layer(random);
    Case c;
    try {
      c.before = sim::simulate(layer, base).latency.count();
      c.after = sim::simulate(layer, improved).latency.count();
    } catch (const Error&) {
      continue;  // too small a memory for this layer
    }
    ++planned;
    if (c.after <= c.before) continue;
    c.percent = 100.0 * (static_cast<double>(c.after) / static_cast<double>(c.before) - 1.0);
    c.layer = mapping::subgraph_key(layer);
    slower.push_back(c);
  }
  std::stable_sort(slower.begin(), slower.end(), [](const Case& a, const Case& b) { return a.percent > b.percent; });
  Json row;
  row["engine"] = base.name;
  for (const engine::Override& change : given) row["given"][change.key] = change.value;
  for (const engine::Override& change : better) row["better"][change.key] = change.value;
  row["layers"] = planned;
  row["slower"] = slower.size();
  row["slower_percent_of_layers"] = 100.0 * static_cast<double>(slower.size()) / planned;
  row["worst_percent"] = slower.empty() ? 0.0 : slower.front().percent;
  row["slower_by_more_than_2_percent"] =
      std::count_if(slower.begin(), slower.end(), [](const Case& c) { return c.percent > kListed; });
  row["listed"] = Json::array();
  for (const Case& c : slower) {
    if (c.percent <= kListed) break;
    row["listed"].push_back(
        {{"layer", c.layer}, {"cycles", c.before}, {"cycles_better", c.after}, {"percent", c.percent}});
  }
  return row;
}

}  // namespace

int main() {
  Json result;
  result["benchmark"] = "monotonicity";
  result["tool_version"] = version();
  result["unit"] = "layers that a better engine, planned anew, makes slower; percent of their latency";
  const std::string ne = "hwconfigs/ne-256.yaml", nvdla = "hwconfigs/nvdla-small-256.yaml";
  result["rows"] = {compare(ne, {{"dram.bandwidth", "4.8 GB/s"}}),
                    compare(ne, {{"dram.bandwidth", "6.4 GB/s"}}),
                    compare(ne, {{"dram.outstanding_requests", "128"}}),
                    compare(ne, {{"accumulators.size", "32 KiB"}}),
                    compare(ne, {{"engine.dot_product_lanes", "32"}}),
                    compare(ne, {{"memory.bank_size", "16 KiB"}}),
                    compare(nvdla, {{"dram.read_interval_cycles", "1"}}, {{"dram.read_interval_cycles", "2"}}),
                    compare(nvdla, {{"dram.outstanding_beats", "512"}}),
                    compare(nvdla, {{"accumulators.size", "2 KiB"}}),
                    compare(nvdla, {{"engine.dot_product_lanes", "64"}, {"memory.bank_bandwidth", "64 B/cycle"}}),
                    compare(nvdla, {{"memory.activation_banks", "32"}}),
                    compare(nvdla, {{"memory.weight_banks", "32"}})};
  std::cout << result.dump(2) << "\n";
}
