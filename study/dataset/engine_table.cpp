// SPDX-License-Identifier: Apache-2.0
#include "study/dataset/engine_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

constexpr std::uint64_t kTestBelow = 2000, kValidationBelow = 3000;

template <class Points>
std::vector<std::size_t> by_value(const Points& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return points[a] != points[b] ? points[a] < points[b] : a < b; });
  return order;
}

// For each point of `order`, sorted by value, whether it is on the front. `beaten` is asked of the first of equal
// points, once all smaller ones have been given to `take`.
template <class Points, class Beaten, class Take>
std::vector<std::size_t> sweep(const Points& points, const Beaten& beaten, const Take& take) {
  const std::vector<std::size_t> order = by_value(points);
  std::vector<std::size_t> front;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && points[order[end]] == points[order[begin]]) ++end;
    if (!beaten(points[order[begin]])) {
      front.insert(front.end(), order.begin() + static_cast<std::ptrdiff_t>(begin),
                   order.begin() + static_cast<std::ptrdiff_t>(end));
      take(points[order[begin]]);
    }
    begin = end;
  }
  std::sort(front.begin(), front.end());
  return front;
}

SplitSide side_of(const std::string& prefix, const std::string& key) {
  const std::uint64_t drawn = stable_hash(prefix + key) % 10000;
  return drawn < kTestBelow ? SplitSide::kTest : drawn < kValidationBelow ? SplitSide::kValidation : SplitSide::kTrain;
}

// Pairs that have equal values, of a sorted sequence of keys.
template <class Equal>
double tied_pairs(std::size_t count, const Equal& equal) {
  double pairs = 0;
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && equal(begin, end)) ++end;
    const auto run = static_cast<double>(end - begin);
    pairs += run * (run - 1) / 2;
    begin = end;
  }
  return pairs;
}

// Sorts and counts the pairs that stood the wrong way round.
double sort_and_count(std::vector<double>& values, std::vector<double>& spare, std::size_t begin, std::size_t end) {
  if (end - begin < 2) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  double swaps = sort_and_count(values, spare, begin, middle) + sort_and_count(values, spare, middle, end);
  std::size_t left = begin, right = middle;
  for (std::size_t at = begin; at < end; ++at) {
    if (right == end || (left < middle && values[left] <= values[right])) {
      spare[at] = values[left++];
    } else {
      swaps += static_cast<double>(middle - left);
      spare[at] = values[right++];
    }
  }
  std::copy(spare.begin() + static_cast<std::ptrdiff_t>(begin), spare.begin() + static_cast<std::ptrdiff_t>(end),
            values.begin() + static_cast<std::ptrdiff_t>(begin));
  return swaps;
}

}  // namespace

bool TableCell::operator==(const TableCell& other) const {
  return latency_cycles == other.latency_cycles && latency_ms == other.latency_ms && energy_uj == other.energy_uj &&
         dram_bytes == other.dram_bytes && peak_sram_bytes == other.peak_sram_bytes;
}

const char* to_string(FrontKind kind) {
  return kind == FrontKind::kLatency ? "latency" : kind == FrontKind::kEnergy ? "energy" : "latency_area";
}

const char* to_string(SplitSide side) {
  return side == SplitSide::kTrain ? "train" : side == SplitSide::kValidation ? "validation" : "test";
}

std::vector<std::size_t> exact_front(const std::vector<std::array<double, 2>>& points) {
  double least = HUGE_VAL;
  return sweep(
      points, [&](const std::array<double, 2>& point) { return point[1] >= least; },
      [&](const std::array<double, 2>& point) { least = point[1]; });
}

std::vector<std::size_t> exact_front(const std::vector<std::array<double, 3>>& points) {
  std::map<double, double> stairs;  // of what came before: the third objective falls as the second one rises
  return sweep(
      points,
      [&](const std::array<double, 3>& point) {
        const auto above = stairs.upper_bound(point[1]);
        return above != stairs.begin() && std::prev(above)->second <= point[2];
      },
      [&](const std::array<double, 3>& point) {
        auto step = stairs.insert_or_assign(point[1], point[2]).first;
        for (++step; step != stairs.end() && step->second >= point[2];) step = stairs.erase(step);
      });
}

std::vector<std::size_t> front_of_engine(const EngineTable& table, std::size_t engine, FrontKind kind) {
  if (kind == FrontKind::kLatencyArea) throw InternalError("the area of one engine is no objective");
  std::vector<std::array<double, 2>> points;
  points.reserve(table.networks.size());
  for (std::size_t n = 0; n < table.networks.size(); ++n) {
    const TableCell& cell = table.engines[engine].cells[n];
    const double cost = kind == FrontKind::kLatency ? static_cast<double>(cell.latency_cycles) : cell.energy_uj;
    points.push_back({cost, -table.networks[n].accuracy_percent});
  }
  return exact_front(points);
}

std::vector<TableDesign> front_of_all(const EngineTable& table) {
  // What is dominated on its own engine, whose area is the same, is dominated here.
  std::vector<TableDesign> designs;
  std::vector<std::array<double, 3>> points;
  for (std::size_t e = 0; e < table.engines.size(); ++e) {
    for (const std::size_t n : front_of_engine(table, e, FrontKind::kLatency)) {
      designs.push_back({e, n});
      points.push_back(
          {table.engines[e].cells[n].latency_ms, -table.networks[n].accuracy_percent, table.engines[e].area_mm2});
    }
  }
  std::vector<TableDesign> front;
  for (const std::size_t i : exact_front(points)) front.push_back(designs[i]);
  return front;
}

std::vector<SplitSide> network_sides(const EngineTable& table) {
  std::map<std::size_t, const std::string*> first;
  std::vector<SplitSide> sides;
  for (const TableNetwork& network : table.networks) {
    const std::string& key = *first.emplace(network.structure, &network.encoding).first->second;
    sides.push_back(side_of("unseen_network:", key));
  }
  return sides;
}

std::vector<SplitSide> engine_sides(const EngineTable& table) {
  std::vector<SplitSide> sides;
  for (const TableEngine& engine : table.engines) sides.push_back(side_of("unseen_engine:", engine.group));
  return sides;
}

double kendall_tau(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) throw InternalError("a rank correlation of sequences that differ in length");
  const std::size_t n = a.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t x, std::size_t y) { return a[x] != a[y] ? a[x] < a[y] : b[x] < b[y]; });
  std::vector<double> sorted(n), spare(n);
  for (std::size_t i = 0; i < n; ++i) sorted[i] = b[order[i]];
  const double pairs = static_cast<double>(n) * (static_cast<double>(n) - 1) / 2;
  const double tied_a = tied_pairs(n, [&](std::size_t x, std::size_t y) { return a[order[x]] == a[order[y]]; });
  const double tied_both = tied_pairs(
      n, [&](std::size_t x, std::size_t y) { return a[order[x]] == a[order[y]] && b[order[x]] == b[order[y]]; });
  const double swaps = sort_and_count(sorted, spare, 0, n);
  const double tied_b = tied_pairs(n, [&](std::size_t x, std::size_t y) { return sorted[x] == sorted[y]; });
  const double spread = std::sqrt((pairs - tied_a) * (pairs - tied_b));
  return spread > 0 ? (pairs - tied_a - tied_b + tied_both - 2 * swaps) / spread : 0;
}

double front_volume(std::vector<std::array<double, 2>> cost_and_accuracy, double most_cost, double least_accuracy) {
  std::sort(cost_and_accuracy.begin(), cost_and_accuracy.end());
  double volume = 0, best = least_accuracy;
  for (const auto& [cost, accuracy] : cost_and_accuracy) {
    if (cost >= most_cost || accuracy <= best) continue;
    volume += (most_cost - cost) * (accuracy - best);
    best = accuracy;
  }
  return volume;
}

}  // namespace lanewise::study
