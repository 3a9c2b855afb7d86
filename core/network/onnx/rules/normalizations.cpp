// SPDX-License-Identifier: Apache-2.0
// Normalizations: the input's shape, and statistics beside it.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

void require_vectors(const Query& query, std::size_t first, std::size_t last, std::int64_t channels) {
  for (std::size_t i = first; i <= last; ++i) {
    if (!query.has(i)) continue;
    if (query.shape(i) != Shape{channels}) {
      query.fail(fmt::format("its input {} is [{}], where one number for each of {} channels is needed", i,
                             fmt::join(query.shape(i), ", "), channels));
    }
  }
}

void batch_normalization(Query& query) {
  const Shape& x = query.ranked(0, 1, kMany);
  const std::int64_t channels = x.size() > 1 ? x[1] : 1;
  require_vectors(query, 1, 4, channels);
  same(query);
  for (std::size_t i = 1; i < 5; ++i) query.give(i, {channels}, query.element_type(i < 3 ? i + 2 : 1));
}

void instance_normalization(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  require_vectors(query, 1, 2, x[1]);
  same(query);
}

void group_normalization(Query& query) {
  const Shape& x = query.ranked(0, 2, kMany);
  const std::int64_t groups = query.integer("num_groups", 0);
  if (groups < 1 || x[1] % groups != 0) {
    query.fail(fmt::format("num_groups is {}, which does not divide {} channels", groups, x[1]));
  }
  require_vectors(query, 1, 2, query.shape(1) == Shape{groups} ? groups : x[1]);  // a scale a group before set 21
  same(query);
}

// Layer and root-mean-square normalization, over the last axes.
void layer_normalization(Query& query) {
  const Shape& x = query.ranked(0, 1, kMany);
  const std::size_t first = query.axis(query.integer("axis", -1), x.size());
  for (std::size_t i = 1; i < query.inputs(); ++i) {
    if (query.has(i) && query.broadcast(x, query.shape(i)) != x) {
      query.fail(
          fmt::format("its input {} [{}] does not fit [{}]", i, fmt::join(query.shape(i), ", "), fmt::join(x, ", ")));
    }
  }
  same(query);
  Shape statistics = x;
  std::fill(statistics.begin() + static_cast<std::ptrdiff_t>(first), statistics.end(), 1);
  query.give(1, statistics, onnx::TensorProto::FLOAT);
  query.give(2, std::move(statistics), onnx::TensorProto::FLOAT);
}

void over_channels(Query& query) {
  query.ranked(0, 2, kMany);
  same(query);
}

void along_axis(Query& query) {
  query.axis(query.integer("axis", -1), query.rank(0));
  same(query);
}

void over_axes(Query& query) {
  query.axes(query.has_attribute("axes") ? query.integers("axes") : std::vector<std::int64_t>{0, 2, 3}, query.rank(0));
  same(query);
}

}  // namespace

const std::vector<Rule>& normalization_rules() {
  static const std::vector<Rule> table = {
      {"BatchNormalization", 5, 5, 5, batch_normalization},       {"GroupNormalization", 3, 3, 1, group_normalization},
      {"InstanceNormalization", 3, 3, 1, instance_normalization}, {"LRN", 1, 1, 1, over_channels},
      {"LayerNormalization", 1, 3, 3, layer_normalization},       {"LpNormalization", 1, 1, 1, along_axis},
      {"MeanVarianceNormalization", 1, 1, 1, over_axes},          {"RMSNormalization", 1, 2, 1, layer_normalization},
  };
  return table;
}

}  // namespace lanewise::network::importing
