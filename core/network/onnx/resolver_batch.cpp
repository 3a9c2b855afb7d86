// SPDX-License-Identifier: Apache-2.0
// Another batch for a file that fixes one.
//
// The file is read twice: as it is, and with the new first dimension of its inputs. Shapes that follow from those of
// tensors follow by themselves. A shape that the file states as numbers holds the old batch somewhere; where it stands
// follows from the shapes of the first reading.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/error.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inputs.hpp"
#include "core/network/onnx/resolver.hpp"
#include "core/network/onnx/shapes.hpp"

namespace lanewise::network::importing {

namespace {

// The input that states the shape of the output; 0 where the operator has none.
std::size_t target_input(const std::string& type) {
  if (type == "Reshape" || type == "Expand") return 1;
  constexpr std::size_t kSizesOfResize = 3;
  return type == "Resize" ? kSizesOfResize : 0;
}

std::vector<std::int64_t> target_of(const Network& network, const Node& node) {
  const std::size_t input = target_input(node.type);
  if (input == 0 || input >= node.inputs.size()) return {};
  const Constant* constant = network.constant(node.inputs[input]);
  return constant == nullptr ? std::vector<std::int64_t>{} : constant->all_whole();
}

std::vector<Shape> input_shapes(const Network& network, const Node& node) {
  std::vector<Shape> shapes;
  for (const ValueId id : node.inputs) shapes.push_back(id == kNone ? Shape{} : network.value(id).shape);
  return shapes;
}

std::int64_t elements_before(const Shape& shape, std::size_t axis) {
  return std::accumulate(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis), std::int64_t{1},
                         std::multiplies<>());
}

// The one axis along which `now` is `to` / `from` times `before`, all others being equal.
std::optional<std::size_t> changed_axis(const Shape& before, const Shape& now, const BatchChange& change) {
  if (before.size() != now.size()) return std::nullopt;
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == now[i]) continue;
    if (axis || before[i] * change.to != now[i] * change.from) return std::nullopt;
    axis = i;
  }
  return axis;
}

// The axis of a reshaped tensor that the batch is in, given how many elements lie before it: the axis that begins there
// or, where none does, the one that it lies within. The last axis holds features and no batch, where there is a choice.
std::optional<std::size_t> axis_behind(const Shape& shape, std::int64_t ahead, std::int64_t batch) {
  std::int64_t product = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool begins = product == ahead;
    const bool within = product < ahead && ahead < product * shape[i];
    const bool is_last = i + 1 == shape.size();
    if (begins && is_last && i > 0) return shape[i - 1] % batch == 0 ? i - 1 : i;
    if ((begins || within) && shape[i] % batch == 0) return i;
    product *= shape[i];
  }
  return std::nullopt;
}

}  // namespace

void Resolver::record(const Node& node, const std::vector<std::optional<Shape>>& shapes) {
  BatchChange::Reading& reading = change_->readings[node.name];
  reading.inputs = input_shapes(network_, node);
  reading.target = target_of(network_, node);
  if (!shapes.empty() && shapes[0]) reading.output = *shapes[0];
}

std::optional<Shape> Resolver::changed_shape(const Node& node) const {
  if (change_ == nullptr || change_->recording || target_input(node.type) == 0) return std::nullopt;
  const auto before = change_->readings.find(node.name);
  if (before == change_->readings.end() || before->second.inputs.empty()) return std::nullopt;
  const BatchChange::Reading& reading = before->second;
  const std::vector<std::int64_t> target = target_of(network_, node);
  // A target that was computed from a tensor's shape has the new batch already.
  if (target.empty() || target != reading.target || node.inputs.empty() || node.inputs[0] == kNone) return std::nullopt;
  const Shape& now = network_.value(node.inputs[0]).shape;
  const std::optional<std::size_t> axis = changed_axis(reading.inputs[0], now, *change_);
  if (!axis) return std::nullopt;
  Shape shape = reading.output;
  if (node.type == "Reshape") {
    const std::int64_t ahead = elements_before(now, *axis) * before_batch(node.inputs[0]);
    const std::optional<std::size_t> there = axis_behind(shape, ahead, change_->from);
    if (!there) return std::nullopt;
    shape[*there] = shape[*there] / change_->from * change_->to;
    return element_count(shape) == element_count(now) ? std::optional<Shape>(shape) : std::nullopt;
  }
  if (shape.size() < now.size()) return std::nullopt;
  const std::size_t there = *axis + shape.size() - now.size();
  if (shape[there] != reading.inputs[0][*axis]) return std::nullopt;
  shape[there] = now[*axis];
  return shape;
}

std::int64_t Resolver::before_batch(ValueId id) const {
  const auto found = before_batch_.find(id);
  return found == before_batch_.end() ? 1 : found->second;
}

void Resolver::follow_batch(const Node& node) {
  const auto before = change_->readings.find(node.name);
  if (change_->recording || before == change_->readings.end() || node.outputs.empty() || node.outputs[0] == kNone)
    return;
  const Shape& out = network_.value(node.outputs[0]).shape;
  const std::optional<std::size_t> there = changed_axis(before->second.output, out, *change_);
  if (!there) return;
  for (std::size_t i = 0; i < node.inputs.size() && i < before->second.inputs.size(); ++i) {
    if (node.inputs[i] == kNone) continue;
    const Shape& in = network_.value(node.inputs[i]).shape;
    const std::optional<std::size_t> axis = changed_axis(before->second.inputs[i], in, *change_);
    if (!axis) continue;
    std::int64_t joined = before_batch(node.inputs[i]);
    if (node.type == "Reshape") {
      joined = std::max<std::int64_t>(1, elements_before(in, *axis) * joined / elements_before(out, *there));
    } else if (in[*axis] != out[*there]) {
      continue;
    }
    if (joined > 1) before_batch_[node.outputs[0]] = joined;
  }
}

void Resolver::repeat_constants(Node& node) {
  if (change_->recording || node.type != "Concat") return;
  const auto before = change_->readings.find(node.name);
  if (before == change_->readings.end() || before->second.inputs.size() != node.inputs.size()) return;
  std::optional<std::size_t> axis;
  for (std::size_t i = 0; i < node.inputs.size() && !axis; ++i) {
    if (node.inputs[i] != kNone) {
      axis = changed_axis(before->second.inputs[i], network_.value(node.inputs[i]).shape, *change_);
    }
  }
  if (!axis) return;
  for (ValueId& id : node.inputs) {
    if (!network_.is_weight(id) || network_.value(id).shape.size() <= *axis) continue;
    Shape shape = network_.value(id).shape;
    if (shape[*axis] != change_->from) continue;
    shape[*axis] = change_->to;
    const Value original = network_.value(id);
    const ValueId repeated = add_value(original.name, shape, TensorRole::kWeight);
    network_.value(repeated).name = original.name;
    network_.value(repeated).precision = original.precision;
    network_.value(repeated).sources = original.sources;
    id = repeated;
  }
}

std::optional<std::int64_t> replaced_batch(const onnx::ModelProto& model, const std::string& path,
                                           const ImportOptions& options) {
  if (!options.batch) return std::nullopt;
  const onnx::GraphProto& graph = model.graph();
  std::set<std::string> known = find_weight_inputs(model, has_stripped_weights(model));
  for (const onnx::TensorProto& tensor : graph.initializer()) known.insert(tensor.name());
  for (const auto& [name, value] : options.inputs) known.insert(name);
  std::optional<std::int64_t> own;
  std::string first;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    const auto& shape = input.type().tensor_type().shape();
    const bool is_set = std::any_of(options.dims.begin(), options.dims.end(),
                                    [&](const auto& size) { return size.first == input.name() + ".0"; });
    if (known.count(input.name()) > 0 || shape.dim_size() == 0 || is_set) continue;
    if (!shape.dim(0).has_dim_value()) return std::nullopt;  // the batch stands there, and nothing fixes it
    const std::int64_t size = shape.dim(0).dim_value();
    if (size < 1) continue;
    if (own && *own != size) {
      throw Error(fmt::format(
          "{}: a batch of {} was asked for, but the file fixes the first dimension of input '{}' to {} and of input "
          "'{}' to {}; --dim INPUT.AXIS=N changes single ones",
          path, *options.batch, first, *own, input.name(), size));
    }
    if (!own) first = input.name();
    own = size;
  }
  if (own == options.batch) return std::nullopt;
  return own;
}

}  // namespace lanewise::network::importing
