// SPDX-License-Identifier: Apache-2.0
// Tensors that are another tensor's numbers in other places: reshaped, transposed, repeated. What a matrix product
// reads through such a view it can read from where the numbers lie, as long as it knows the strides.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::mapping {

// `size` entries of a tensor, `stride` elements of its source apart; 0: the same entry again and again.
struct ViewFactor {
  std::int64_t size = 1, stride = 0;
  bool operator==(const ViewFactor& other) const { return size == other.size && stride == other.stride; }
};
using ViewAxis = std::vector<ViewFactor>;  // outermost first; one that is 1 long has none

struct TensorView {
  network::TensorId source = network::kNone;
  std::vector<ViewAxis> axes;
};

// What a matrix product multiplies: in each of `groups` groups, `rows` x `depth` by `depth` x `columns` numbers.
// Matrices of the batch that share their right operand are rows of one product, those that share their left one are
// columns.
struct ProductShape {
  std::int64_t groups = 1, rows = 1, depth = 1, columns = 1;
};

// Expand and Tile: the whole of the input again and again along `axes`.
bool is_repetition(const network::Operator& op);
// Reshape, Transpose, Expand or Tile: the output is a view of the input.
bool is_look(const network::Operator& op);

class TensorViews {
 public:
  explicit TensorViews(const network::Graph& graph);

  // The tensor as a view of the one that a sequence of looks begins with; itself where none does, or where a reshape
  // joins what does not lie evenly apart.
  TensorView of(network::TensorId tensor) const;
  // Elements of the source that the view holds, each counted once.
  std::int64_t distinct_elements(network::TensorId tensor) const;
  ProductShape product(const network::Operator& product) const;
  // Whether operand `side` (0: left, 1: right) of a matrix product repeats nothing but whole matrices.
  bool repeats_matrices_only(const network::Operator& product, std::size_t side) const;
  // The axis that a product sums over, as a part of the operand's source.
  ViewAxis summed_axis(const network::Operator& product, std::size_t side) const;

 private:
  void look(const network::Operator& op);

  const network::Graph& graph_;
  std::vector<std::optional<TensorView>> views_;  // by tensor, where it is no source itself
};

}  // namespace lanewise::mapping
