// SPDX-License-Identifier: Apache-2.0
#include "report/weights.hpp"

#include <fmt/format.h>

#include <map>

#include "report/table.hpp"

namespace lanewise::report {
namespace {

using Json = nlohmann::ordered_json;

struct Sums {
  std::int64_t subgraphs = 0, bytes = 0, stored_bytes = 0;
  std::map<std::string, std::int64_t> modes;
};

Sums sum_up(const std::vector<study::SubgraphAnswer>& subgraphs) {
  Sums sums;
  for (const study::SubgraphAnswer& subgraph : subgraphs) {
    if (!subgraph.weights) continue;
    ++sums.subgraphs;
    ++sums.modes[subgraph.weights->mode];
    sums.bytes += subgraph.weights->bytes;
    sums.stored_bytes += subgraph.weights->stored_bytes;
  }
  return sums;
}

double ratio(std::int64_t stored, std::int64_t plain) {
  return plain > 0 ? static_cast<double>(stored) / static_cast<double>(plain) : 1;
}

}  // namespace

std::string weights_text(const study::WeightAnswer& weights) {
  return fmt::format("weights {}, run {}, stored in {} of {}", weights.form, weights.mode,
                     bytes_text(weights.stored_bytes), bytes_text(weights.bytes));
}

std::string weights_text(const std::vector<study::SubgraphAnswer>& subgraphs) {
  const Sums sums = sum_up(subgraphs);
  if (sums.subgraphs == 0) return "";
  std::string modes;
  for (const auto& [mode, count] : sums.modes) modes += fmt::format("{}{} {}", modes.empty() ? "" : ", ", count, mode);
  return fmt::format("{} subgraphs with a form run {}; stored in {} of {}", sums.subgraphs, modes,
                     bytes_text(sums.stored_bytes), bytes_text(sums.bytes));
}

Json weights_json(const study::WeightAnswer& weights) {
  return {{"form", weights.form},
          {"mode", weights.mode},
          {"bytes", weights.bytes},
          {"stored_bytes", weights.stored_bytes},
          {"stored_share", ratio(weights.stored_bytes, weights.bytes)}};
}

Json weights_json(const std::vector<study::SubgraphAnswer>& subgraphs) {
  const Sums sums = sum_up(subgraphs);
  if (sums.subgraphs == 0) return nullptr;
  Json modes = Json::object();
  for (const auto& [mode, count] : sums.modes) modes[mode] = count;
  return {{"subgraphs", sums.subgraphs},
          {"modes", modes},
          {"bytes", sums.bytes},
          {"stored_bytes", sums.stored_bytes},
          {"stored_share", ratio(sums.stored_bytes, sums.bytes)}};
}

}  // namespace lanewise::report
