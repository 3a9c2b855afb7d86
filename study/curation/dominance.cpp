// SPDX-License-Identifier: Apache-2.0
#include "study/curation/dominance.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace lanewise::study {
namespace {

double rise(std::int64_t from, std::int64_t to) {
  if (to <= from) return 0;
  return from > 0 ? static_cast<double>(to) / static_cast<double>(from) - 1 : std::numeric_limits<double>::infinity();
}

// From the largest capacity to the smallest, of equal ones the cheapest first.
std::vector<std::size_t> by_capacity(const ValueSizes& sizes, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> sorted;
  for (const std::size_t value : order) {
    if (sizes[value]) sorted.push_back(value);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) {
    return std::make_tuple(-sizes[a]->macs, -sizes[a]->parameters, sizes[a]->cycles) <
           std::make_tuple(-sizes[b]->macs, -sizes[b]->parameters, sizes[b]->cycles);
  });
  return sorted;
}

bool covered(const ValueSizes& sizes, std::size_t value, const std::vector<bool>& by, double price) {
  if (!sizes[value]) return true;
  for (std::size_t other = 0; other < by.size(); ++other) {
    if (other != value && by[other] && sizes[other] && dominates(*sizes[other], *sizes[value], price)) return true;
  }
  return false;
}

}  // namespace

bool dominates(const LocalSize& larger, const LocalSize& smaller, double price) {
  if (larger.macs < smaller.macs || larger.parameters < smaller.parameters) return false;
  if (larger.equals(smaller)) return larger.twin == smaller.twin;
  if (larger.cycles <= smaller.cycles) return true;
  if (price == 0 || smaller.cycles == 0) return false;
  double gain = std::numeric_limits<double>::infinity();
  if (larger.macs > 0) gain = std::min(gain, rise(smaller.macs, larger.macs));
  if (larger.parameters > 0) gain = std::min(gain, rise(smaller.parameters, larger.parameters));
  return rise(smaller.cycles, larger.cycles) <= price * gain;
}

std::vector<bool> favourable_values(const ValueSizes& sizes, double price, const std::vector<std::size_t>& order) {
  std::vector<bool> favourable(sizes.size(), false);
  for (const std::size_t value : by_capacity(sizes, order))
    favourable[value] = !covered(sizes, value, favourable, price);
  return favourable;
}

GeneVerdict verdict(const std::vector<ValueSizes>& contexts, double price, double share,
                    const std::vector<std::size_t>& order) {
  const std::size_t values = order.size();
  const double enough = share * static_cast<double>(contexts.size());
  GeneVerdict out{std::vector<bool>(values, false), std::vector<int>(values, -1), std::vector<std::int64_t>(values, 0)};
  std::vector<bool> runs(values, false);
  for (std::size_t c = 0; c < contexts.size(); ++c) {
    const std::vector<bool> favourable = favourable_values(contexts[c], price, order);
    for (std::size_t v = 0; v < values; ++v) {
      if (contexts[c][v]) runs[v] = true;
      if (!favourable[v]) continue;
      ++out.favourable[v];
      if (c == 0) out.kept[v] = true;
    }
  }
  for (std::size_t v = 0; v < values; ++v) {
    if (static_cast<double>(out.favourable[v]) >= enough && out.favourable[v] > 0) out.kept[v] = true;
  }
  // What two values stand for in turn, each in some contexts, may have lost both.
  std::vector<std::size_t> largest_first = by_capacity(contexts.front(), order);
  for (const std::size_t v : order) {
    if (!contexts.front()[v]) largest_first.push_back(v);
  }
  for (const std::size_t v : largest_first) {
    if (out.kept[v] || !runs[v]) continue;
    std::int64_t bare = 0;
    for (const ValueSizes& sizes : contexts) bare += covered(sizes, v, out.kept, price) ? 0 : 1;
    if ((bare > 0 && static_cast<double>(bare) >= enough) || !covered(contexts.front(), v, out.kept, price)) {
      out.kept[v] = true;
    }
  }
  for (std::size_t v = 0; v < values; ++v) {
    if (out.kept[v]) continue;
    std::tuple<std::int64_t, bool, std::int64_t> best{0, false, 0};
    for (std::size_t other = 0; other < values; ++other) {
      if (!out.kept[other]) continue;
      std::int64_t count = 0, cycles = 0;
      bool first = false;
      for (std::size_t c = 0; c < contexts.size(); ++c) {
        const auto &mine = contexts[c][v], &its = contexts[c][other];
        if (!mine || !its || !dominates(*its, *mine, price)) continue;
        ++count;
        if (c == 0) first = true;
        cycles -= its->cycles;
      }
      const std::tuple<std::int64_t, bool, std::int64_t> found{count, first, cycles};
      if (count > 0 && found > best) {
        best = found;
        out.dominator[v] = static_cast<int>(other);
      }
    }
  }
  return out;
}

}  // namespace lanewise::study
