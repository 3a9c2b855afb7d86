// SPDX-License-Identifier: Apache-2.0
#include "study/curation/channel_genes.hpp"

#include <vector>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::study {
namespace {

bool differ_in_channels(const std::vector<mapping::Subgraph>& a, const std::vector<mapping::Subgraph>& b) {
  if (a.size() != b.size()) return false;
  bool differ = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const mapping::SubgraphShape &x = a[i].shape, &y = b[i].shape;
    const bool alike = a[i].name == b[i].name && x.family == y.family && x.out_height == y.out_height &&
                       x.out_width == y.out_width && x.window.kernel[0] == y.window.kernel[0] &&
                       x.window.kernel[1] == y.window.kernel[1];
    if (!alike) return false;
    differ = differ || x.out_channels != y.out_channels;
  }
  return differ;
}

}  // namespace

bool changes_channels(const nas::Space& space, const engine::EngineConfig& engine, const ValueSeries& series,
                      std::size_t values) {
  std::vector<std::vector<mapping::Subgraph>> seen;
  for (std::size_t v = 0; v < values; ++v) {
    try {
      seen.push_back(mapping::partition(space.graph(series.with(v), engine), engine));
    } catch (const Error&) {
      continue;  // a value that cannot be says nothing
    }
    for (std::size_t other = 0; other + 1 < seen.size(); ++other) {
      if (differ_in_channels(seen[other], seen.back())) return true;
    }
  }
  return false;
}

}  // namespace lanewise::study
