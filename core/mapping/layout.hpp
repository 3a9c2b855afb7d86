// SPDX-License-Identifier: Apache-2.0
// How the tensors of a network lie in memory, and which operators that move numbers therefore move none.
//
// An engine keeps a tensor in surfaces: groups of as many channels as a dot product has lanes, pixel after pixel. Which
// axis the channels are follows from who made the tensor: the second of an image, the last of what a fully connected
// layer writes. A tensor that only looks at another's bytes, or that another is a part of, shares that one's storage.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::mapping {

// A tensor as the engine sees it: channels and a map of pixels.
struct Map {
  std::int64_t batch = 1, channels = 1, height = 1, width = 1;
};

class Layout {
 public:
  // `lanes`: channels of a surface.
  Layout(const network::Graph& graph, std::int64_t lanes);

  Map map_of(network::TensorId tensor) const;
  // The same numbers with `axis` as the channels, for operators that need all of it at once.
  Map map_along(network::TensorId tensor, std::int64_t axis) const;
  // The tensor whose bytes these are: itself, what it is a view of, or the concatenation that it is written into.
  network::TensorId storage(network::TensorId tensor) const;
  // Whether the output needs no bytes of its own: a reshape, a transposition that keeps the order of the bytes, a slice
  // of whole surfaces or rows.
  bool is_view(network::TensorId tensor) const { return is_view_[static_cast<std::size_t>(tensor)]; }

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
  // Whether `size` entries of `axis` from `first` on are one run a surface, or whole surfaces, of a tensor of `shape`.
  bool is_run(const Shape& shape, std::int64_t channel_axis, std::int64_t axis, std::int64_t first,
              std::int64_t size) const;

  const Shape& shape(network::TensorId id) const { return graph_.tensor(id).shape; }
  std::int64_t& channel_axis(network::TensorId id) { return channel_axis_[static_cast<std::size_t>(id)]; }
  std::int64_t channel_axis(network::TensorId id) const { return channel_axis_[static_cast<std::size_t>(id)]; }

  const network::Graph& graph_;
  std::int64_t lanes_;
  std::vector<std::int64_t> channel_axis_;  // of each tensor
  std::vector<std::int64_t> first_split_;   // axes from here on were one axis of channels
  std::vector<network::TensorId> held_by_;  // itself where it has bytes of its own
  std::vector<bool> is_view_, is_whole_;    // whole: all of what it looks at
};

}  // namespace lanewise::mapping
