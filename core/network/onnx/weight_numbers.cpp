// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/weight_numbers.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 28;  // elements of a weight that is put together

std::int64_t size_of(const Shape& shape) { return element_count(shape).value_or(0); }

// Elements that stand `from[i]` in the old order.
template <class Array>
Array picked(const Array& x, Shape shape, const std::vector<std::int64_t>& from) {
  Array result;
  result.shape = std::move(shape);
  result.numbers.reserve(from.size());
  for (const std::int64_t at : from) {
    result.numbers.push_back(x.numbers[static_cast<std::size_t>(at)]);
    if (!x.places.empty()) result.places.push_back(x.places[static_cast<std::size_t>(at)]);
  }
  return result;
}

// The order of elements after the dimensions change places.
std::vector<std::int64_t> transposed(const Shape& shape, const std::vector<std::int64_t>& order, Shape& out) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i > 1; --i) strides[i - 2] = strides[i - 1] * shape[i - 1];
  out.clear();
  Shape steps;
  for (const std::int64_t axis : order) {
    out.push_back(shape[static_cast<std::size_t>(axis)]);
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  std::vector<std::int64_t> from;
  from.reserve(static_cast<std::size_t>(size_of(out)));
  Shape index(out.size(), 0);
  std::int64_t at = 0;
  for (std::int64_t n = size_of(out); n > 0; --n) {
    from.push_back(at);
    for (std::size_t axis = out.size(); axis > 0; --axis) {
      at += steps[axis - 1];
      if (++index[axis - 1] < out[axis - 1]) break;
      at -= steps[axis - 1] * out[axis - 1];
      index[axis - 1] = 0;
    }
  }
  return from;
}

// The order of elements of an array that is repeated to a larger shape, its dimensions the last ones of that shape.
// nullopt where it does not go into the shape a whole number of times.
std::optional<std::vector<std::int64_t>> repeated(const Shape& shape, const Shape& out) {
  if (out.size() < shape.size() || size_of(out) > kMost) return std::nullopt;
  const std::size_t more = out.size() - shape.size();
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] < 1 || out[axis + more] % shape[axis] != 0) return std::nullopt;
  }
  std::vector<std::int64_t> from;
  from.reserve(static_cast<std::size_t>(size_of(out)));
  for (std::int64_t n = 0; n < size_of(out); ++n) {
    std::int64_t rest = n, at = 0, stride = 1;
    for (std::size_t axis = shape.size(); axis > 0; --axis) {
      at += rest % out[axis - 1 + more] % shape[axis - 1] * stride;
      rest /= out[axis - 1 + more];
      stride *= shape[axis - 1];
    }
    from.push_back(at);
  }
  return from;
}

// Elements before, along and behind an axis.
struct Around {
  std::int64_t before = 1, along = 1, behind = 1;
};
Around around(const Shape& shape, std::int64_t axis) {
  Around result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    (at < axis ? result.before : at == axis ? result.along : result.behind) *= shape[i];
  }
  return result;
}

}  // namespace

std::optional<WeightNumbers::Array> WeightNumbers::dequantised(const Array& x, const std::string& scale,
                                                               const std::string& zero, std::int64_t axis) const {
  const auto scales = arrays_.find(scale), zeros = arrays_.find(zero);
  if (scales == arrays_.end() || (!zero.empty() && zeros == arrays_.end())) return std::nullopt;
  const std::size_t offsets = zero.empty() ? 0 : zeros->second.numbers.size();
  if (!zero.empty() && offsets != 1 && offsets != scales->second.numbers.size()) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  const Around split = around(x.shape, axis < 0 ? axis + rank : axis);
  const std::size_t count = scales->second.numbers.size();
  if (count != 1 && count != static_cast<std::size_t>(split.along)) return std::nullopt;
  Array result;
  result.shape = x.shape;
  for (std::size_t i = 0; i < x.numbers.size(); ++i) {
    const std::size_t entry =
        count == 1 ? 0 : i / static_cast<std::size_t>(split.behind) % static_cast<std::size_t>(split.along);
    const float offset = zero.empty() ? 0.0F : zeros->second.numbers[offsets == 1 ? 0 : entry];
    result.numbers.push_back((x.numbers[i] - offset) * scales->second.numbers[entry]);
  }
  return result;
}

std::optional<WeightNumbers::Array> WeightNumbers::compute(const onnx::NodeProto& node) const {
  const std::string& type = node.op_type();
  const auto input = [&](int n) -> const Array* {
    const auto found = n < node.input_size() ? arrays_.find(node.input(n)) : arrays_.end();
    return found == arrays_.end() ? nullptr : &found->second;
  };
  const Array* x = input(0);
  const Shape* shape = source_.shape_of(node.output(0));
  if (x == nullptr || size_of(x->shape) != static_cast<std::int64_t>(x->numbers.size())) return std::nullopt;
  if (type == "Identity" || type == "Reshape" || type == "Flatten" || type == "Squeeze" || type == "Unsqueeze" ||
      type == "Cast") {
    Array same = *x;
    if (shape != nullptr) same.shape = *shape;
    return size_of(same.shape) == size_of(x->shape) ? std::optional(std::move(same)) : std::nullopt;
  }
  const auto rank = static_cast<std::int64_t>(x->shape.size());
  const std::int64_t given = integer(node, "axis", type == "DequantizeLinear" ? 1 : 0);
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (type == "Transpose") {
    std::vector<std::int64_t> order = integers(node, "perm");
    if (order.empty()) {
      order.resize(x->shape.size());
      std::iota(order.rbegin(), order.rend(), 0);
    }
    std::vector<std::int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted.size() != x->shape.size() || sorted[i] != static_cast<std::int64_t>(i)) return std::nullopt;
    }
    Shape out;
    const std::vector<std::int64_t> from = transposed(x->shape, order, out);
    return picked(*x, out, from);
  }
  if (type == "Tile" || type == "Expand") {
    if (shape == nullptr) return std::nullopt;
    const auto from = repeated(x->shape, *shape);
    return from ? std::optional(picked(*x, *shape, *from)) : std::nullopt;
  }
  if (type == "Gather") {
    const Array* entries = input(1);
    if (entries == nullptr || shape == nullptr || axis >= rank) return std::nullopt;
    const Around split = around(x->shape, axis);
    const auto chosen = static_cast<std::int64_t>(entries->numbers.size());
    if (size_of(*shape) > kMost || split.before * split.behind * chosen != size_of(*shape)) return std::nullopt;
    std::vector<std::int64_t> from;
    for (std::int64_t before = 0; before < split.before; ++before) {
      for (const float number : entries->numbers) {
        const std::int64_t entry = static_cast<std::int64_t>(number) + (number < 0 ? split.along : 0);
        if (entry < 0 || entry >= split.along) return std::nullopt;
        for (std::int64_t i = 0; i < split.behind; ++i) {
          from.push_back((before * split.along + entry) * split.behind + i);
        }
      }
    }
    return picked(*x, *shape, from);
  }
  if (type == "DequantizeLinear") {
    return dequantised(*x, node.input(1), node.input_size() > 2 ? node.input(2) : "", axis);
  }
  return std::nullopt;
}

std::optional<WeightNumbers::Read> WeightNumbers::read(const Tensor& weight, bool is_matrix) {
  const std::optional<exporting::Source::Kept> kept = source_.keep(weight, is_matrix);
  if (!kept || !kept->inputs.empty()) return std::nullopt;
  std::set<std::string> stored;
  for (const onnx::TensorProto& tensor : kept->stored) {
    std::optional<std::vector<float>> numbers = decode_numbers(tensor);
    if (!numbers) return std::nullopt;
    Array array;
    array.shape.assign(tensor.dims().begin(), tensor.dims().end());
    array.places.resize(numbers->size());
    std::iota(array.places.begin(), array.places.end(), 0);
    array.numbers = std::move(*numbers);
    arrays_.insert_or_assign(tensor.name(), std::move(array));
    stored.insert(tensor.name());
  }
  for (const onnx::NodeProto* node : kept->nodes) {
    std::optional<Array> made = compute(*node);
    if (!made) return std::nullopt;
    arrays_.insert_or_assign(node->output(0), std::move(*made));
  }
  const auto found = arrays_.find(kept->name);
  if (found == arrays_.end()) return std::nullopt;
  Array array = found->second;
  if (!kept->scale.empty()) {
    std::optional<Array> real = dequantised(array, kept->scale, kept->zero_point, kept->axis.value_or(0));
    if (!real) return std::nullopt;
    array = std::move(*real);
  }
  if (kept->turned && array.shape.size() == 2) {
    Shape out;
    const std::vector<std::int64_t> from = transposed(array.shape, {1, 0}, out);
    array = picked(array, out, from);
  }
  if (static_cast<std::int64_t>(array.numbers.size()) != weight.elements()) return std::nullopt;
  return Read{std::move(array.numbers), std::move(array.places), {stored.begin(), stored.end()}};
}

}  // namespace lanewise::network::importing
