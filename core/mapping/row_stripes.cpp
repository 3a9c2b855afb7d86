// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/row_stripes.hpp"

#include <algorithm>

namespace lanewise::mapping {
namespace {

using Range = SubgraphShape::Range;

bool has_window(const SubgraphShape& shape) { return shape.uses_array() || shape.family == SubgraphFamily::kPooling; }

// The padding of `window` that is left over its outputs [begin, end) when they are made from the rows of `read`.
void cut_padding(network::Window& window, std::int64_t begin, std::int64_t end, const Range& read) {
  const std::int64_t first = begin * window.stride[0] - window.pad_begin[0];
  const std::int64_t last =
      (end - 1) * window.stride[0] - window.pad_begin[0] + (window.kernel[0] - 1) * window.dilation[0] + 1;
  window.pad_begin[0] = std::max<std::int64_t>(0, read.begin - first);
  window.pad_end[0] = std::max<std::int64_t>(0, last - read.end);
}

// The outputs of a subgraph that a stripe computes when the next subgraph computes `next`, and all rows that this
// needs.
struct Step {
  Range computed, needed;
};
Step step_before(const SubgraphShape& next_shape, const Range& next, std::int64_t done, std::int64_t height, bool last,
                 Halo halo) {
  if (next.size() == 0) {  // only rows that nobody reads can be left
    const Range rest{done, last && halo == Halo::kKept ? height : done};
    return {rest, rest};
  }
  const Range needed = next_shape.input_range(0, next.begin, next.end);
  if (halo == Halo::kRecomputed) return {needed, needed};
  // Rows that no window touches are computed as they are without stripes.
  const std::int64_t end = last ? height : std::max(done, needed.end);
  return {{done, end}, {std::min(done, needed.begin), end}};
}

}  // namespace

const char* to_string(Halo halo) { return halo == Halo::kKept ? "kept" : "recomputed"; }

bool can_be_striped(const SubgraphShape& shape) {
  if (shape.batch != 1) return false;
  switch (shape.family) {
    case SubgraphFamily::kConvolution:
    case SubgraphFamily::kGrouped:
    case SubgraphFamily::kDepthwise:
    case SubgraphFamily::kPooling:
      return true;
    case SubgraphFamily::kElementwise:
      return shape.in_height == shape.out_height && shape.in_width == shape.out_width;
    default:
      return false;
  }
}

SubgraphShape rows_of(const SubgraphShape& shape, std::int64_t begin, std::int64_t end) {
  SubgraphShape part = shape;
  const Range read = shape.input_range(0, begin, end);
  part.out_height = end - begin;
  part.in_height = read.size();
  if (!has_window(shape)) return part;
  const Range conv = shape.conv_range(0, begin, end);
  if (shape.pooled) cut_padding(part.pool, begin, end, conv);
  cut_padding(part.window, conv.begin, conv.end, read);
  return part;
}

RowStripes cut_rows(const std::vector<const SubgraphShape*>& chain, std::int64_t rows, Halo halo) {
  const std::size_t n = chain.size();
  const std::int64_t height = chain.back()->out_height;
  RowStripes out;
  out.stripes = ceil_div(height, rows);
  out.rows.resize(n);
  out.buffer_rows.assign(n - 1, 0);
  out.holds.assign(n - 1, false);
  std::vector<std::int64_t> done(n, 0);
  for (std::int64_t stripe = 0; stripe < out.stripes; ++stripe) {
    const bool last = stripe + 1 == out.stripes;
    Range next{stripe * rows, std::min(height, (stripe + 1) * rows)};
    out.rows[n - 1].push_back(next);
    for (std::size_t i = n - 1; i-- > 0;) {
      const Step step = step_before(*chain[i + 1], next, done[i], chain[i]->out_height, last, halo);
      out.holds[i] = out.holds[i] || (halo == Halo::kKept && step.needed.begin < step.computed.begin);
      out.buffer_rows[i] = std::max(out.buffer_rows[i], step.needed.size());
      out.rows[i].push_back(step.computed);
      done[i] = step.computed.end;
      next = step.computed;
    }
  }
  return out;
}

}  // namespace lanewise::mapping
