// SPDX-License-Identifier: Apache-2.0
#include "estimator/measured_networks.hpp"

#include <algorithm>
#include <map>

#include "core/base/random.hpp"

namespace lanewise::estimator {
namespace {

constexpr int kDrawn = 4;  // sets of subgraphs on an engine without a whole network
constexpr std::int64_t kFewest = 20, kMost = 60;

struct Membership {
  std::int64_t found = 0, subgraphs = 0;
  std::vector<MeasuredNetwork::Part> parts;
};

std::vector<MeasuredNetwork> complete_networks(const TrainingSet& set, const std::vector<std::size_t>& rows) {
  std::map<std::string, Membership> networks;
  for (const std::size_t row : rows) {
    for (const record::NetworkMembership& member : set.samples()[row].networks) {
      if (member.occurrences == 0) continue;  // of a variant
      Membership& network = networks[member.network];
      network.subgraphs = std::max(network.subgraphs, member.subgraphs);
      network.found += member.occurrences;
      network.parts.push_back({row, member.occurrences});
    }
  }
  std::vector<MeasuredNetwork> out;
  for (auto& [name, network] : networks) {
    if (network.found != network.subgraphs) continue;
    MeasuredNetwork whole;
    whole.complete = true;
    whole.name = name;
    whole.parts = std::move(network.parts);
    out.push_back(std::move(whole));
  }
  return out;
}

std::vector<MeasuredNetwork> drawn_networks(std::vector<std::size_t> rows, Random random) {
  std::vector<MeasuredNetwork> out(kDrawn);
  const auto count = static_cast<std::int64_t>(rows.size());
  for (MeasuredNetwork& network : out) {
    const std::int64_t size = std::min(count, random.between(kFewest, kMost));
    for (std::int64_t i = 0; i < size; ++i) {
      std::swap(rows[static_cast<std::size_t>(i)], rows[static_cast<std::size_t>(random.between(i, count - 1))]);
      network.parts.push_back({rows[static_cast<std::size_t>(i)], 1});
    }
  }
  return out;
}

}  // namespace

std::vector<MeasuredNetwork> measured_networks(const TrainingSet& set, const std::vector<bool>& use,
                                               std::uint64_t seed) {
  std::map<std::string, std::vector<std::size_t>> engines;
  for (const std::size_t row : set.order()) {
    if (use[row]) engines[set.keys()[row].engine_hash].push_back(row);
  }
  std::vector<MeasuredNetwork> out;
  for (const auto& [hash, rows] : engines) {
    std::vector<MeasuredNetwork> networks = complete_networks(set, rows);
    if (networks.empty()) networks = drawn_networks(rows, Random(stable_hash(hash) ^ seed));
    for (MeasuredNetwork& network : networks) {
      network.engine_hash = hash;
      network.outside_ranges = set.samples()[rows.front()].outside_ranges;
      out.push_back(std::move(network));
    }
  }
  return out;
}

}  // namespace lanewise::estimator
