// SPDX-License-Identifier: Apache-2.0
#include "core/network/tflite/sparse.hpp"

#include <algorithm>

namespace lanewise::network::tflite {

namespace {

// A list of indices in any of its three widths.
std::vector<std::int64_t> index_list(schema::IndexVector kind, const void* vector) {
  const auto all = [](const auto* table) {
    std::vector<std::int64_t> result;
    if (table != nullptr && table->values() != nullptr) result.assign(table->values()->begin(), table->values()->end());
    return result;
  };
  switch (kind) {
    case schema::IndexVector::Indices32:
      return all(static_cast<const schema::Indices32*>(vector));
    case schema::IndexVector::Indices16:
      return all(static_cast<const schema::Indices16*>(vector));
    case schema::IndexVector::Indices8:
      return all(static_cast<const schema::Indices8*>(vector));
    default:
      return {};
  }
}

// The dimensions in the order in which they are stored: those of the tensor, whose sizes are counted in blocks, then
// those within a block.
class Walk {
 public:
  struct Level {
    std::int64_t size = 0;    // of a dense one
    std::int64_t stride = 0;  // in elements of the row-major tensor
    bool is_dense = true;
    std::vector<std::int64_t> segments, indices;
  };

  Walk(std::vector<Level> levels, std::size_t width, const ByteRange& stored, std::vector<std::uint8_t>& dense)
      : levels_(std::move(levels)), width_(width), stored_(stored), dense_(dense) {}

  // Whether every number that is stored found its place.
  bool run() { return visit(0, 0, 0) && next_ * width_ == stored_.size; }

 private:
  std::vector<Level> levels_;
  std::size_t width_;
  const ByteRange& stored_;
  std::vector<std::uint8_t>& dense_;
  std::size_t next_ = 0;

  bool visit(std::size_t depth, std::int64_t parent, std::int64_t place) {
    if (depth == levels_.size()) return put(place);
    const Level& level = levels_[depth];
    if (level.is_dense) {
      for (std::int64_t i = 0; i < level.size; ++i) {
        if (!visit(depth + 1, parent * level.size + i, place + i * level.stride)) return false;
      }
      return true;
    }
    if (parent + 1 >= static_cast<std::int64_t>(level.segments.size())) return false;
    const std::int64_t first = level.segments[static_cast<std::size_t>(parent)];
    const std::int64_t last = level.segments[static_cast<std::size_t>(parent) + 1];
    if (first < 0 || last < first || last > static_cast<std::int64_t>(level.indices.size())) return false;
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t index = level.indices[static_cast<std::size_t>(i)];
      if (index < 0 || index >= level.size || !visit(depth + 1, i, place + index * level.stride)) return false;
    }
    return true;
  }

  bool put(std::int64_t place) {
    const std::size_t from = next_++ * width_, to = static_cast<std::size_t>(place) * width_;
    if (place < 0 || from + width_ > stored_.size || to + width_ > dense_.size()) return false;
    std::copy_n(stored_.data + from, width_, dense_.data() + to);
    return true;
  }
};

}  // namespace

bool spread_sparse(const schema::Tensor& tensor, const Shape& shape, const ByteRange& stored,
                   std::vector<std::uint8_t>& dense) {
  const schema::Sparsity& sparsity = *tensor.sparsity();
  if (sparsity.order() == nullptr || sparsity.dimensions() == nullptr || bits_of(tensor.type()) % 8 != 0) return false;
  const std::size_t rank = shape.size(), count = sparsity.dimensions()->size();
  const std::size_t blocks = sparsity.block_map() == nullptr ? 0 : sparsity.block_map()->size();
  if (sparsity.order()->size() != count || count != rank + blocks) return false;
  std::vector<std::int64_t> block_size(rank, 1), strides(rank, 1);
  for (std::size_t i = rank; i > 1; --i) strides[i - 2] = strides[i - 1] * shape[i - 1];
  std::vector<Walk::Level> levels(count);
  std::vector<bool> seen(count, false);
  // Blocks first: the strides of the dimensions around them depend on their sizes.
  for (const bool within : {true, false}) {
    for (std::size_t at = 0; at < count; ++at) {
      const std::int64_t axis = sparsity.order()->Get(static_cast<flatbuffers::uoffset_t>(at));
      if (axis < 0 || axis >= static_cast<std::int64_t>(count)) return false;
      const auto dimension = static_cast<std::size_t>(axis);
      if ((dimension >= rank) != within) continue;
      if (seen[dimension]) return false;
      seen[dimension] = true;
      const schema::DimensionIndices& given = *sparsity.dimensions()->Get(static_cast<flatbuffers::uoffset_t>(at));
      Walk::Level& level = levels[at];
      level.is_dense = given.format() == 0;
      if (within) {
        const std::int64_t of = sparsity.block_map()->Get(static_cast<flatbuffers::uoffset_t>(dimension - rank));
        if (of < 0 || of >= static_cast<std::int64_t>(rank) || !level.is_dense) return false;
        level.size = given.dense_size();
        level.stride = strides[static_cast<std::size_t>(of)];
        block_size[static_cast<std::size_t>(of)] = level.size;
      } else {
        if (block_size[dimension] < 1 || shape[dimension] % block_size[dimension] != 0) return false;
        level.size = shape[dimension] / block_size[dimension];
        level.stride = strides[dimension] * block_size[dimension];
      }
      if (level.size < 1) return false;
      if (level.is_dense) continue;
      level.segments = index_list(given.segments_type(), given.segments());
      level.indices = index_list(given.indices_type(), given.indices());
    }
  }
  const auto elements = static_cast<std::size_t>(importing::element_count(shape).value_or(0));
  const std::size_t width = static_cast<std::size_t>(bits_of(tensor.type())) / 8;
  constexpr std::size_t kMostTimes = 256;  // what a damaged file may claim that its bytes unfold to
  if (elements / kMostTimes > stored.size) return false;
  dense.assign(elements * width, 0);
  return Walk(std::move(levels), width, stored, dense).run();
}

}  // namespace lanewise::network::tflite
