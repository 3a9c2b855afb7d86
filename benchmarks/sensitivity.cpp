// SPDX-License-Identifier: Apache-2.0
// What each engine key is worth to a network: the changes that help most, single and together, of MobileNetV2 on ne-256
// with 128 dot products and of shipped networks on shipped engines; and a sweep of the dot products without and with
// the keys that follow them. Prints JSON. Exit status 1 where weight loading is not the first change for the wide
// array, or where the engines whose keys follow take more than 1.5 times as long as the first.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/version.hpp"
#include "core/engine/followers.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/sensitivity.hpp"
#include "study/evaluation/sweep.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kShown = 5;  // changes of each list
const char* const kWideKey = "engine.parallelism_factor";

struct Pair {
  const char* network;
  const char* engine;
  std::vector<engine::Override> changes;
};

const Pair kPairs[] = {{"mobilenet_v2", "ne-256", {{kWideKey, "128"}}},
                       {"mobilenet_v2", "ne-256", {}},
                       {"resnet50", "ne-1024", {}},
                       {"efficientnet_b0", "ne-512", {}},
                       {"vit_b_16", "ne-4096", {}},
                       {"squeezenet1_1", "nvdla-small", {}},
                       {"resnet18", "nvdla-large", {}},
                       {"mobilenet_v2", "neureka", {}}};

double rounded(double value, double digits) {
  const double scale = std::pow(10.0, digits);
  return std::round(value * scale) / scale;
}

std::string path_of(const std::string& engine) { return "hwconfigs/" + engine + ".yaml"; }

Json row_json(const study::Sensitivity& s, const study::SensitivityRow& row) {
  Json keys = Json::object();
  for (const study::ChangedKey& key : row.keys) keys[key.key] = {key.before, key.after};
  return {{"name", row.group.empty() ? row.keys.front().key : row.group},
          {"keys", keys},
          {"latency_ms", rounded(row.after.latency_ms, 4)},
          {"gain_percent", row.gain_percent},
          {"energy_change_percent", rounded(100 * (row.after.energy_uj / s.before.energy_uj - 1), 2)},
          {"area_change_mm2", rounded(row.after.area_mm2 - s.before.area_mm2, 4)}};
}

Json list_json(const study::Sensitivity& s, const std::vector<study::SensitivityRow>& rows) {
  Json out = Json::array();
  for (const study::SensitivityRow& row : rows) {
    if (out.size() < kShown && row.failure.empty() && row.gain_percent > 0) out.push_back(row_json(s, row));
  }
  return out;
}

Json pair_json(const Pair& pair, study::MeasurementSource& source, std::string& first) {
  const engine::EngineConfig engine = engine::load_engine(path_of(pair.engine), pair.changes).config;
  const std::vector<study::KeyGroup> groups =
      study::key_groups(engine::load_follow_rules(path_of(pair.engine), engine.family));
  const network::Graph graph = network::import_network(std::string("models/") + pair.network + ".onnx");
  const study::Sensitivity s = study::sensitivity(graph, engine, groups, source);
  first = s.best().empty() ? "" : s.best().front()->keys.front().key;
  Json set = Json::object();
  for (const engine::Override& change : pair.changes) set[change.key] = change.value;
  return {{"network", pair.network},
          {"engine", pair.engine},
          {"set", set},
          {"latency_ms", rounded(s.before.latency_ms, 4)},
          {"energy_uj", rounded(s.before.energy_uj, 2)},
          {"area_mm2", rounded(s.before.area_mm2, 4)},
          {"changes", list_json(s, s.changes)},
          {"groups", list_json(s, s.groups)},
          {"alternatives", list_json(s, s.alternatives)},
          {"reductions", list_json(s, s.reductions)},
          {"changes_tried", s.changes.size() + s.reductions.size() + s.alternatives.size() + s.groups.size()},
          {"refused", s.refused.size()},
          {"left_out", s.left_out.size()}};
}

Json sweep_json(study::MeasurementSource& source, const engine::Scaling* scaling, bool& flat) {
  const engine::EngineConfig base = engine::load_engine(path_of("ne-256")).config;
  const std::vector<network::Graph> graphs{network::import_network("models/mobilenet_v2.onnx")};
  const study::SweepTable table =
      study::sweep(graphs, base, {{kWideKey, {"16", "64", "128", "256"}}}, source, {}, scaling);
  Json rows = Json::array();
  flat = true;
  for (const study::SweepRow& row : table.rows) {
    Json json = {{kWideKey, row.settings.front().second}};
    for (const auto& [key, value] : row.followers) json[key] = value;
    json["latency_ms"] = rounded(row.total.latency_ms, 4);
    json["energy_uj"] = rounded(row.total.energy_uj, 2);
    json["area_mm2"] = rounded(row.total.area_mm2, 4);
    json["warnings"] = row.warnings.size();
    rows.push_back(json);
    flat = flat && row.total.latency_ms <= 1.5 * table.rows.front().total.latency_ms;
  }
  return rows;
}

}  // namespace

int main() {
  const auto source = study::make_simulator();
  Json result = {{"benchmark", "sensitivity"}, {"tool_version", version()}, {"pairs", Json::array()}};
  bool weight_loading_first = false;
  for (const Pair& pair : kPairs) {
    std::string first;
    result["pairs"].push_back(pair_json(pair, *source, first));
    if (!pair.changes.empty()) weight_loading_first = first == "engine.weight_load_kernels_per_cycle";
  }
  const engine::Scaling scaling{engine::load_follow_rules(path_of("ne-256"), "ne"), {}};
  bool alone_is_flat = false, following_is_flat = false;
  result["sweep"]["alone"] = sweep_json(*source, nullptr, alone_is_flat);
  result["sweep"]["scale_with"] = sweep_json(*source, &scaling, following_is_flat);
  result["weight_loading_first"] = weight_loading_first;
  result["scale_with_within_1_5"] = following_is_flat;
  std::cout << result.dump(2) << "\n";
  return weight_loading_first && following_is_flat ? 0 : 1;
}
