// SPDX-License-Identifier: Apache-2.0
#include "estimator/ranges.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "estimator/features.hpp"

namespace lanewise::estimator {
namespace {

// Nothing that is learned depends on the others: names, what silicon is spent on what, and what launching takes, which
// is added to what was learned.
bool is_ranged(const std::string& key) {
  return key != "name" && key != "family" && key != "description" && key != "command.launch_time" &&
         key.rfind("area.", 0) != 0;
}

// Features that say how large or how fine a subgraph is; those that only name a kind have no order.
const std::vector<std::pair<std::string, std::size_t>>& shape_features() {
  static const std::vector<std::pair<std::string, std::size_t>> features = [] {
    const std::vector<std::string>& all = feature_names();
    std::vector<std::pair<std::string, std::size_t>> found;
    for (const char* name : {"batch",
                             "in_channels",
                             "in_height",
                             "in_width",
                             "out_channels",
                             "out_height",
                             "out_width",
                             "kernel_height",
                             "kernel_width",
                             "stride_height",
                             "stride_width",
                             "dilation_height",
                             "in_channels_per_group",
                             "pool_kernel",
                             "pool_stride",
                             "input_tensors",
                             "input_bits",
                             "weight_bits",
                             "output_bits",
                             "weight_mac_share",
                             "stored_weight_share",
                             "resident_share",
                             "weights_on_chip"}) {
      const auto place = std::find(all.begin(), all.end(), name);
      if (place != all.end()) found.emplace_back(name, static_cast<std::size_t>(place - all.begin()));
    }
    return found;
  }();
  return features;
}

void widen(std::pair<double, double>& range, double value) {
  range.first = std::min(range.first, value);
  range.second = std::max(range.second, value);
}

}  // namespace

void Ranges::add(const engine::EngineConfig& config) {
  for (const std::string& key : engine::parameter_keys()) {
    if (!is_ranged(key)) continue;
    const double value = engine::numeric_value(config, key);
    const auto [place, added] = engine.try_emplace(key, value, value);
    std::pair<std::string, std::string>& texts = engine_texts[key];
    if (added || value < place->second.first) texts.first = engine::value_text(config, key);
    if (added || value > place->second.second) texts.second = engine::value_text(config, key);
    widen(place->second, value);
  }
}

void Ranges::add(const mapping::Subgraph& subgraph, const std::vector<float>& features) {
  std::map<std::string, std::pair<double, double>>& family = subgraphs[mapping::to_string(subgraph.shape.family)];
  for (const auto& [name, index] : shape_features()) {
    const auto value = static_cast<double>(features[index]);
    widen(family.try_emplace(name, value, value).first->second, value);
  }
}

std::vector<std::string> Ranges::outside(const engine::EngineConfig& config) const {
  std::vector<std::string> out;
  for (const auto& [key, range] : engine) {
    const double value = engine::numeric_value(config, key);
    if (value >= range.first && value <= range.second) continue;
    const auto& [low, high] = engine_texts.at(key);
    const std::string here = engine::value_text(config, key);
    out.push_back(value < range.first ? fmt::format("{} {} < {}", key, here, low)
                                      : fmt::format("{} {} > {}", key, here, high));
  }
  return out;
}

std::vector<std::string> Ranges::outside(const mapping::Subgraph& subgraph, const float* features) const {
  const std::string name = mapping::to_string(subgraph.shape.family);
  const auto family = subgraphs.find(name);
  if (family == subgraphs.end()) return {fmt::format("no pass of the family {}", name)};
  std::vector<std::string> out;
  for (const auto& [feature, index] : shape_features()) {
    const auto range = family->second.find(feature);
    const auto value = static_cast<double>(features[index]);
    if (range == family->second.end() || (value >= range->second.first && value <= range->second.second)) continue;
    const bool below = value < range->second.first;
    out.push_back(fmt::format("{} {:.6g} {} {:.6g} ({})", feature, value, below ? '<' : '>',
                              below ? range->second.first : range->second.second, name));
  }
  return out;
}

}  // namespace lanewise::estimator
