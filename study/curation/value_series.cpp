// SPDX-License-Identifier: Apache-2.0
#include "study/curation/value_series.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace lanewise::study {
namespace {

// "48", "0.25", or "1x9" by its product.
bool read_size(const std::string& text, double& size) {
  size = 1;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    double part = 0;
    const auto [next, status] = std::from_chars(at, end, part);
    if (status != std::errc()) return false;
    size *= part;
    if (next == end) return true;
    if (*next != 'x') return false;
    at = next + 1;
  }
}

std::int64_t between(std::int64_t low, std::int64_t high, double share) {
  return low + static_cast<std::int64_t>(static_cast<double>(high - low) * share);
}

}  // namespace

std::vector<std::size_t> numeric_order(const nas::Gene& gene) {
  std::vector<double> sizes(gene.values.size(), 0);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (!read_size(gene.values[i], sizes[i])) return {};
  }
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] < sizes[b]; });
  return order;
}

ValueSeries::ValueSeries(std::size_t gene, nas::Genotype context, std::size_t values, std::vector<std::size_t> order)
    : gene_(gene), context_(std::move(context)), order_(std::move(order)), networks_(values, nullptr) {}

nas::Genotype ValueSeries::with(std::size_t value) const {
  nas::Genotype genotype = context_;
  genotype[gene_] = static_cast<int>(value);
  return genotype;
}

std::vector<std::size_t> ValueSeries::first_questions(const std::vector<double>& fills) const {
  std::vector<std::size_t> questions;
  if (order_.empty()) {
    for (std::size_t value = 0; value < networks_.size(); ++value) questions.push_back(value);
    return questions;
  }
  std::vector<bool> wanted(order_.size(), false);
  wanted.front() = wanted.back() = true;
  constexpr double kAlike = 1 + 1e-9;
  for (std::size_t i = 1; i + 1 < order_.size(); ++i) {
    const double here = fills[order_[i]];
    if (here > fills[order_[i - 1]] * kAlike || here * kAlike >= fills[order_[i + 1]]) continue;
    wanted[i] = wanted[i + 1] = true;
  }
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (wanted[i]) questions.push_back(order_[i]);
  }
  return questions;
}

std::vector<std::size_t> ValueSeries::next_questions(double price) {
  if (order_.empty()) return {};
  const std::vector<LocalSize> sizes = local_sizes(networks_);
  std::vector<std::size_t> questions;
  std::size_t last = 0;
  for (std::size_t i = 1; i < order_.size(); ++i) {
    if (networks_[order_[i]] == nullptr) continue;
    const std::size_t a = last, b = i;
    last = i;
    if (b - a < 2) continue;
    const std::size_t middle = a + (b - a) / 2;
    const bool run = networks_[order_[a]]->failure.empty() && networks_[order_[b]]->failure.empty();
    const bool level = run && dominates(sizes[order_[b]], sizes[order_[a]], price);
    if (level && level_.count({a, b}) > 0) continue;
    if (level) {
      level_.insert({a, middle});
      level_.insert({middle, b});
    }
    questions.push_back(order_[middle]);
  }
  return questions;
}

ValueSizes ValueSeries::sizes() const {
  const std::vector<LocalSize> known = local_sizes(networks_);
  ValueSizes out(networks_.size());
  for (std::size_t v = 0; v < out.size(); ++v) {
    if (networks_[v] != nullptr && networks_[v]->failure.empty()) out[v] = known[v];
  }
  std::size_t last = 0;
  for (std::size_t i = 1; i < order_.size(); ++i) {
    if (networks_[order_[i]] == nullptr) continue;
    const LocalSize &a = known[order_[last]], &b = known[order_[i]];
    for (std::size_t v = last + 1; v < i; ++v) {
      const double share = static_cast<double>(v - last) / static_cast<double>(i - last);
      out[order_[v]] = LocalSize{between(a.cycles, b.cycles, share), between(a.macs, b.macs, share),
                                 between(a.parameters, b.parameters, share), networks_.size() + v};
    }
    last = i;
  }
  return out;
}

std::size_t ValueSeries::asked() const {
  return static_cast<std::size_t>(
      std::count_if(networks_.begin(), networks_.end(), [](const PricedNetwork* n) { return n != nullptr; }));
}

}  // namespace lanewise::study
