// SPDX-License-Identifier: Apache-2.0
// How the tensors of a network lie in memory, and which operators therefore move no bytes.
//
// An engine keeps a tensor in surfaces: groups of as many channels as a dot product has lanes, one pixel after the
// other. The axis of the channels follows from the operator that writes the tensor: it is the second axis of an image
// and the last axis of what a fully connected layer writes; that of a graph input follows from what reads it. A tensor
// that is a view of another one, or part of a concatenation, shares the storage of that one.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/mapping/stored_operands.hpp"
#include "core/mapping/tensor_views.hpp"
#include "core/network/graph.hpp"

namespace lanewise::mapping {

// A tensor as the engine sees it, in elements: channels, each of them a map of pixels.
struct Map {
  std::int64_t batch = 1, channels = 1, height = 1, width = 1;
};

class Layout {
 public:
  // `lanes` is the number of channels per surface, `burst` the least that a transfer to DRAM moves.
  Layout(const network::Graph& graph, std::int64_t lanes, Bytes burst = Bytes(1));

  // The tensor with the channels that its writer gave it.
  Map map_of(network::TensorId tensor) const;
  // The same elements with `axis` as the channels, for operators that need the whole of that axis at once.
  Map map_along(network::TensorId tensor, std::int64_t axis) const;
  // The tensor that owns the bytes: the tensor itself, the one that it is a view of, or the concatenation that it is
  // written into.
  network::TensorId storage(network::TensorId tensor) const;
  // Whether the tensor needs no bytes of its own: the output of a reshape, of a transposition that keeps the order of
  // the bytes, or of a slice of whole surfaces or rows.
  bool is_view(network::TensorId tensor) const { return is_view_[static_cast<std::size_t>(tensor)]; }
  // What a matrix product multiplies, repeated operands counted once.
  ProductShape matrix_product(const network::Operator& matmul) const { return views_.product(matmul); }
  // The numbers that a copy of the tensor moves: those of its source, where it repeats them.
  Map moved_map(network::TensorId tensor) const;
  // Whether an operand has to arrive tile by tile when it is broadcast to `size` elements. One much smaller, or whose
  // numbers are repeated from one much smaller, stays in a buffer.
  bool streams(network::TensorId operand, std::int64_t size) const {
    return 2 * views_.distinct_elements(operand) >= size;
  }
  // Whether a part of a concatenation lies where it belongs before the network runs: what a cache holds already.
  bool lies_in_place(const network::Operator& concat, network::TensorId part) const {
    return stored_.is_cache(concat.outputs.at(0)) && stored_.lies_in_cache(part);
  }
  // Whether each new entry of a cache lies apart from its neighbours, and then what is read and written of the entries
  // `part`: for every number of an entry the run of new ones, in whole bursts.
  bool appends_across(const network::Operator& concat) const { return stored_.appends_across(concat); }
  std::pair<Map, Map> appended(const network::Operator& concat, network::TensorId part) const;

 private:
  using Shape = std::vector<std::int64_t>;
  struct Cut {
    std::int64_t axis = 0, first = 0;
  };

  void follow(const network::Operator& op);
  void follow_reshape(network::TensorId in, network::TensorId out);
  void follow_transpose(const network::Operator& op);
  void follow_part(const network::Operator& op, network::TensorId out, std::int64_t axis, std::int64_t first);
  std::optional<Cut> cut_of(const network::Operator& slice) const;
  bool rearranges(const network::Operator& concat) const;
  bool is_cut_by_copy(const network::Operator& slice) const;
  void follow_slice(const network::Operator& op);
  void place_parts(const network::Operator& concat);
  bool scales_product(const network::Operator& op) const;
  void look_at(network::TensorId view, network::TensorId source, bool whole);
  bool keeps_order(const network::Operator& transpose) const;
  bool moves_heads(const network::Operator& transpose) const;
  // Whether `size` entries of `axis` from `first` on are whole surfaces of a tensor of `shape`, or one run of bytes in
  // each surface.
  bool is_run(const Shape& shape, std::int64_t channel_axis, std::int64_t axis, std::int64_t first,
              std::int64_t size) const;

  const Shape& shape(network::TensorId id) const { return graph_.tensor(id).shape; }
  std::int64_t& channel_axis(network::TensorId id) { return channel_axis_[static_cast<std::size_t>(id)]; }
  std::int64_t channel_axis(network::TensorId id) const { return channel_axis_[static_cast<std::size_t>(id)]; }

  const network::Graph& graph_;
  std::int64_t lanes_;
  Bytes burst_;
  TensorViews views_;
  StoredOperands stored_;
  std::vector<std::int64_t> channel_axis_;  // by tensor
  std::vector<std::int64_t> first_split_;   // by tensor; from this axis on, axes are one axis of channels split up
  std::vector<network::TensorId> held_by_;  // by tensor; the tensor itself where it owns its bytes
  std::vector<bool> is_view_, is_whole_;    // by tensor; whole: a view of all of its source
};

}  // namespace lanewise::mapping
