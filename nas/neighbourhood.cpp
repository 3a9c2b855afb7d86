// SPDX-License-Identifier: Apache-2.0
#include "nas/neighbourhood.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "nas/algorithms/candidate_inputs.hpp"

namespace lanewise::nas {

AllowedValues all_values(const std::vector<Gene>& genes, std::size_t fixed_from) {
  AllowedValues out;
  for (std::size_t g = 0; g < genes.size(); ++g) {
    out.emplace_back();
    const std::size_t count = g < fixed_from ? genes[g].values.size() : 1;
    for (std::size_t value = 0; value < count; ++value) out.back().push_back(static_cast<int>(value));
  }
  return out;
}

Neighbourhood::Neighbourhood(const std::vector<Gene>& genes, const AllowedValues& kept) : orders_(kept) {
  if (kept.size() != genes.size()) throw InternalError("the kept values are those of other genes");
  for (std::size_t g = 0; g < genes.size(); ++g) {
    const auto is_value = [&](int v) { return v >= 0 && static_cast<std::size_t>(v) < genes[g].values.size(); };
    if (kept[g].empty() || !std::all_of(kept[g].begin(), kept[g].end(), is_value)) {
      throw InternalError("gene '" + genes[g].name + "' keeps none of its values, or others");
    }
    const std::vector<double> positions = positions_of(genes[g].values);
    ordered_.push_back(!positions.empty());
    if (positions.empty()) continue;
    std::sort(orders_[g].begin(), orders_[g].end(), [&](int a, int b) {
      return positions[static_cast<std::size_t>(a)] < positions[static_cast<std::size_t>(b)];
    });
  }
}

std::vector<int> Neighbourhood::steps(std::size_t gene, int value) const {
  const std::vector<int>& order = orders_[gene];
  const auto at = std::find(order.begin(), order.end(), value);
  std::vector<int> out;
  if (!ordered_[gene] || at == order.end()) {
    std::copy_if(order.begin(), order.end(), std::back_inserter(out), [&](int other) { return other != value; });
    return out;
  }
  if (at != order.begin()) out.push_back(*(at - 1));
  if (at + 1 != order.end()) out.push_back(*(at + 1));
  return out;
}

std::vector<std::pair<std::size_t, int>> Neighbourhood::steps(const Genotype& genotype) const {
  std::vector<std::pair<std::size_t, int>> out;
  for (std::size_t g = 0; g < orders_.size(); ++g) {
    for (const int value : steps(g, genotype[g])) out.emplace_back(g, value);
  }
  return out;
}

Genotype Neighbourhood::draw(Random& random) const {
  Genotype out;
  for (const std::vector<int>& order : orders_) out.push_back(random.pick(order));
  return out;
}

}  // namespace lanewise::nas
