// SPDX-License-Identifier: Apache-2.0
// Subgraphs that run stripe by stripe, one behind the other, so that of the tensors between them only the rows of a
// stripe are on chip: which rows each of them computes, and what its buffers hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// What becomes of the rows that one stripe and the next both need of a tensor between two subgraphs.
enum class Halo {
  kRecomputed,  // each stripe computes them for itself, and buffers are free between the stripes
  kKept,        // they stay in the buffer until the next stripe has used them
};
const char* to_string(Halo halo);  // "recomputed", "kept"

// Whether the input rows of some output rows follow from the shape, so that it can be cut by rows: windows and
// element-wise steps over a single map.
bool can_be_striped(const SubgraphShape& shape);

// The subgraph that computes the output rows [begin, end) of a shape that can be striped, from the input rows that they
// need, with padding only where the whole map has it: `in_height` is the size of input_range(0, begin, end). Rows are
// counted in elements; the range must not be empty.
SubgraphShape rows_of(const SubgraphShape& shape, std::int64_t begin, std::int64_t end);

// The rows of a chain of shapes, each of which reads the output of the one before.
struct RowStripes {
  std::int64_t stripes = 0;
  // [subgraph][stripe]: output rows computed. Empty where what the stripe needs was computed before.
  std::vector<std::vector<SubgraphShape::Range>> rows;
  std::vector<std::int64_t> buffer_rows;  // [subgraph but the last]: most rows of its output that are on chip at once
  std::vector<bool> holds;                // [subgraph but the last]: rows stay in the buffer between the stripes
};
// Cuts the output of the last shape into stripes of `rows` rows, the last of which may be lower. The shapes must be
// ones that can be striped; 1 <= rows.
RowStripes cut_rows(const std::vector<const SubgraphShape*>& chain, std::int64_t rows, Halo halo);

}  // namespace lanewise::mapping
