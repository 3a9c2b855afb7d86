// SPDX-License-Identifier: Apache-2.0
// Operands of matrix products that lie in DRAM before the network runs, caches of keys and values above all: how they
// are stored is free to choose, so they are stored as the products read them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/mapping/tensor_views.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// A cache is a concatenation of a graph input with new entries that a matrix product reads. Its room is there from the
// start, and the graph input lies in it: only new entries are written.
class StoredOperands {
 public:
  // Keeps a reference to both.
  StoredOperands(const network::Graph& graph, const TensorViews& views);

  // Whether products read what Expand or Tile writes from what it reads, or element-wise operators that would repeat it
  // themselves, and nothing else reads it.
  bool is_free_repetition(const network::Operator& repetition) const;
  // Whether a transposition only tells a product how its stored operand is to be read. Not where two products sum over
  // different axes of it, or where something else reads it in the order in which the network has it.
  bool is_free_transposition(const network::Operator& transpose) const;
  bool is_cache(network::TensorId concatenation) const { return flags_[index(concatenation)].cache; }
  // Whether the tensor is, or looks at, a graph input that lies where its cache has it.
  bool lies_in_cache(network::TensorId tensor) const { return flags_[index(tensor)].in_cache; }
  // Whether the new entries of a cache lengthen the axis that its product sums over, as values do: each then lies apart
  // from its neighbours.
  bool appends_across(const network::Operator& concatenation) const;
  // The axis of a graph input that its first readers take for the channels; kNone where none of them says.
  std::int64_t channel_axis(network::TensorId input) const { return flags_[index(input)].channels; }

 private:
  struct Flags {
    bool is_broadcast = false;        // an element-wise operator with a larger operand reads it
    bool in_product = false;          // a product reads it, directly or through looks
    bool only_products = true;        // nothing else does
    bool stored_for_products = true;  // nothing else but concatenations of which the same is true
    bool leaves = false;              // it, or a look at it, leaves the network
    bool cache = false, in_cache = false;
    std::int64_t channels = network::kNone;
  };
  struct Order {
    ViewAxis summed;  // the axis that lies innermost
    bool agreed = true;
  };

  static std::size_t index(network::TensorId tensor) { return static_cast<std::size_t>(tensor); }
  void follow_readers(const network::Operator& op);
  std::int64_t wanted_axis(const network::Operator& op, std::size_t input) const;
  bool is_broadcast_in(const network::Operator& op, std::size_t input) const;
  void find_cache(const network::Operator& concatenation);
  void agree_on_order(const network::Operator& product, std::size_t side);
  bool is_stored(network::TensorId source) const;

  const network::Graph& graph_;
  const TensorViews& views_;
  std::vector<Flags> flags_;                   // by tensor
  std::map<network::TensorId, Order> orders_;  // of stored operands
};

}  // namespace lanewise::mapping
