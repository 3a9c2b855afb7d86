// SPDX-License-Identifier: Apache-2.0
// The converter's core: tensors and their images, names, precisions.
#include "core/network/onnx/convert.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/onnx/operators.hpp"
#include "core/network/onnx/trained.hpp"

namespace lanewise::network::importing {

Converter::Converter(const Network& network, std::string graph_name, const ImportOptions& options)
    : network_(network),
      options_(options),
      builder_(std::move(graph_name)),
      tensors_(network.values.size(), kNone),
      images_(network.values.size(), kNone),
      untrained_(find_untrained(network)) {}

Graph Converter::run() {
  for (const Node& node : network_.nodes) {
    names_.insert(node.name);
    read_.insert(node.inputs.begin(), node.inputs.end());
  }
  read_.insert(network_.outputs.begin(), network_.outputs.end());
  // Named first: an input that nothing reads is still one of the network's.
  for (const ValueId id : network_.inputs) {
    if (!is_empty(id)) builder_.mark_input(tensor(id));
  }
  for (const Node& node : network_.nodes) {
    // Tensors of no elements, such as a cache before the first token, vanish with what makes them.
    const bool vanishes =
        std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) { return id == kNone || is_empty(id); });
    if (vanishes) continue;
    const OperatorConversion* row = find_conversion(node.type);
    (this->*(row == nullptr || !has_known_arguments(node) ? &Converter::host : row->convert))(node);
    add_other_outputs(node);
  }
  mark_outputs();
  set_layer_precisions();
  spread_precisions();
  for (Operator& op : operators_) builder_.add_operator(std::move(op));
  return std::move(builder_).build();
}

ValueId Converter::input(const Node& node, std::size_t n) const {
  if (!has_input(node, n)) fail(network_, node, fmt::format("has no input {}", n));
  return node.inputs[n];
}

bool Converter::has_input(const Node& node, std::size_t n) const {
  return n < node.inputs.size() && node.inputs[n] != kNone;
}

TensorId Converter::make_tensor(const std::string& name, const Shape& shape, TensorRole role,
                                std::optional<Precision> precision) {
  const std::optional<std::int64_t> count = element_count(shape);
  if (!count || *count == 0) {
    throw Error(
        fmt::format("{}: tensor '{}' has the impossible shape [{}]", network_.path, name, fmt::join(shape, ", ")));
  }
  Tensor tensor;
  tensor.name = name;
  tensor.shape = shape;
  tensor.role = role;
  precisions_.push_back(precision);
  shapes_.push_back(shape);
  return builder_.add_tensor(std::move(tensor));
}

TensorId Converter::tensor(ValueId id) {
  TensorId& made = tensors_[static_cast<std::size_t>(id)];
  if (made != kNone) return made;
  const TensorId image = images_[static_cast<std::size_t>(id)];
  const Value& from = value(id);
  if (image == kNone && from.role == TensorRole::kActivation) {
    // A second output that only training or unpooling reads.
    throw Error(
        fmt::format("{}: tensor '{}' is an output of its operator that is not supported", network_.path, from.name));
  }
  made = make_tensor(from.name, from.shape, from.role, from.precision);
  if (from.role == TensorRole::kWeight) count_trained(made, id);
  if (image != kNone) add_reshape(from.name + "/flat", "Reshape", image, made);
  return made;
}

TensorId Converter::image(ValueId id) {
  if (shape(id).size() != 3) return tensor(id);
  TensorId& made = images_[static_cast<std::size_t>(id)];
  if (made != kNone) return made;
  const TensorId flat = tensor(id);
  const Shape& from = shape(id);
  made = make_tensor(value(id).name + "/image", {from[0], from[1], 1, from[2]}, TensorRole::kActivation,
                     value(id).precision);
  add_reshape(value(id).name + "/image", "Reshape", flat, made);
  return made;
}

bool Converter::is_image_only(ValueId id) const {
  return tensors_[static_cast<std::size_t>(id)] == kNone && images_[static_cast<std::size_t>(id)] != kNone;
}

TensorId Converter::output(ValueId id) {
  const Value& from = value(id);
  return tensors_[static_cast<std::size_t>(id)] =
             make_tensor(from.name, from.shape, TensorRole::kActivation, from.precision);
}

TensorId Converter::output_image(ValueId id) {
  const Value& from = value(id);
  if (from.shape.size() != 3) return output(id);
  return images_[static_cast<std::size_t>(id)] =
             make_tensor(from.name + "/image", {from.shape[0], from.shape[1], 1, from.shape[2]},
                         TensorRole::kActivation, from.precision);
}

TensorId Converter::weight(ValueId id, const Shape& as) {
  if (!network_.is_weight(id)) {
    throw Error(fmt::format("{}: tensor '{}' is read as a weight, but is computed", network_.path, value(id).name));
  }
  if (element_count(as) != element_count(shape(id))) {
    throw Error(fmt::format("{}: weight '{}' of shape [{}] is read as [{}]", network_.path, value(id).name,
                            fmt::join(shape(id), ", "), fmt::join(as, ", ")));
  }
  TensorId& made = tensors_[static_cast<std::size_t>(id)];
  if (made == kNone) {
    made = make_tensor(value(id).name, as, TensorRole::kWeight, value(id).precision);
    count_trained(made, id);
  } else if (shapes_[static_cast<std::size_t>(made)] != as) {
    // Two readers that see the same weights differently, a tied embedding say: the numbers are stored once all the
    // same.
    shapes_[static_cast<std::size_t>(made)] = as;
    builder_.tensor(made).shape = as;
  }
  return made;
}

void Converter::count_trained(TensorId made, ValueId id) {
  std::int64_t trained = 0;
  const bool counts = !untrained_[static_cast<std::size_t>(id)];
  for (const ValueId source : value(id).sources) {
    // A number that a weight was scaled by is none of its own.
    if (!counts || (source != id && is_one_number(network_, source))) continue;
    if (counted_.insert(source).second) trained += element_count(shape(source)).value_or(0);
  }
  Tensor& tensor = builder_.tensor(made);
  if (trained != tensor.elements()) tensor.trained = trained;
}

bool Converter::connect(const Node& node, Operator& op) {
  bool as_images = shape(node.outputs[0]).size() == 3;
  bool any_image = false;
  for (const ValueId id : node.inputs) {
    if (id == kNone || network_.is_weight(id) || is_empty(id)) continue;
    as_images = as_images && shape(id).size() == 3;
    any_image = any_image || is_image_only(id);
  }
  as_images = as_images && any_image;
  for (const ValueId id : node.inputs) {
    if (id == kNone || is_empty(id)) continue;
    if (!network_.is_weight(id)) {
      op.inputs.push_back(as_images ? image(id) : tensor(id));
      continue;
    }
    Shape as = shape(id);
    if (as_images && as.size() > 1) as.insert(as.end() - 1, 1);
    op.weights.push_back(as_images ? weight(id, as) : tensor(id));
  }
  op.outputs = {as_images ? output_image(node.outputs[0]) : output(node.outputs[0])};
  return as_images;
}

void Converter::forward(ValueId id, TensorId existing) { tensors_[static_cast<std::size_t>(id)] = existing; }

TensorId Converter::between(const Node& node, const char* what, const Shape& shape, ValueId like) {
  return make_tensor(fmt::format("{}/{}", node.name, what), shape, TensorRole::kActivation, value(like).precision);
}

std::string Converter::unique_name(const std::string& base) {
  std::string name = base;
  for (int copy = 2; !names_.insert(name).second; ++copy) name = fmt::format("{}_{}", base, copy);
  return name;
}

Operator Converter::start(const Node& node, OperatorKind kind) const {
  Operator op;
  op.name = node.name;
  op.kind = kind;
  op.source_type = node.source_type;
  return op;
}

void Converter::add(Operator op) { operators_.push_back(std::move(op)); }

void Converter::add_reshape(const std::string& name, const std::string& source_type, TensorId from, TensorId to) {
  Operator op;
  op.name = unique_name(name);
  op.kind = OperatorKind::kReshape;
  op.source_type = source_type;
  op.inputs = {from};
  op.outputs = {to};
  add(std::move(op));
}

// What a layer writes keeps its precision through its activation and through reshapes, unless they are layers of their
// own.
void Converter::set_layer_precisions() {
  const auto precision = [this](TensorId id) -> std::optional<Precision>& {
    return precisions_[static_cast<std::size_t>(id)];
  };
  std::map<TensorId, Precision> written;
  for (const LayerPrecision& layer : options_.layers) {
    bool found = false;
    for (const ValueId id : network_.inputs) {
      if (is_empty(id) || !matches(layer.layer, value(id).name)) continue;
      found = true;
      if (layer.precision.activations) written[tensor(id)] = *layer.precision.activations;
    }
    for (const Operator& op : operators_) {
      if (!matches(layer.layer, op.name)) continue;
      found = true;
      for (const TensorId weight : op.weights) {
        if (layer.precision.weights) precision(weight) = layer.precision.weights;
      }
      for (const TensorId input : op.inputs) {  // a matrix product may have a constant side
        const bool constant = builder_.tensor(input).role == TensorRole::kWeight;
        if (constant && layer.precision.weights) precision(input) = layer.precision.weights;
      }
      for (const TensorId output : op.outputs) {
        if (layer.precision.activations) written[output] = *layer.precision.activations;
      }
    }
    if (!found) {
      throw Error(fmt::format("{}: '{}' is no operator and no input of {}", layer.origin, layer.layer, network_.path));
    }
  }
  for (const Operator& op : operators_) {
    const bool keeps = op.kind == OperatorKind::kActivation || op.kind == OperatorKind::kBatchNormalization ||
                       op.kind == OperatorKind::kReshape;
    if (!keeps) continue;
    const auto read = written.find(op.inputs.at(0));
    if (read != written.end()) written.emplace(op.outputs.at(0), read->second);
  }
  for (const auto& [id, chosen] : written) precision(id) = chosen;
}

// What a quantised file says stays. What it leaves open follows the tensor computed from it, when that is only a
// finishing step on the same numbers (a convolution's output before its activation). Parameters after the first, biases
// above all, go with the weight they belong to: engines keep them at the accumulator's width in any case.
void Converter::spread_precisions() {
  const auto precision = [this](TensorId id) -> std::optional<Precision>& {
    return precisions_[static_cast<std::size_t>(id)];
  };
  for (auto op = operators_.rbegin(); op != operators_.rend(); ++op) {
    const bool finishes = op->kind == OperatorKind::kActivation || op->kind == OperatorKind::kBatchNormalization ||
                          op->kind == OperatorKind::kElementwise || op->kind == OperatorKind::kReshape;
    if (finishes && precision(op->outputs[0])) {
      for (const TensorId input : op->inputs) {
        if (!precision(input)) precision(input) = precision(op->outputs[0]);
      }
    }
    for (std::size_t i = 1; i < op->weights.size(); ++i) {
      if (!precision(op->weights[i])) precision(op->weights[i]) = precision(op->weights[0]);
    }
  }
  for (std::size_t i = 0; i < precisions_.size(); ++i) {
    Tensor& tensor = builder_.tensor(static_cast<TensorId>(i));
    const Precision activations = options_.precision.value_or(Precision::kInt8);
    const bool is_weight = tensor.role == TensorRole::kWeight;
    tensor.precision =
        precisions_[i].value_or(is_weight ? options_.weight_precision.value_or(activations) : activations);
  }
}

void Converter::mark_outputs() {
  std::set<TensorId> marked;
  for (std::size_t i = 0; i < network_.outputs.size(); ++i) {
    const ValueId id = network_.outputs[i];
    if (network_.is_weight(id) || is_empty(id)) continue;  // depends on no input: nothing computes it
    const TensorId made = tensor(id);
    if (!marked.insert(made).second) continue;
    builder_.mark_output(made);
    if (builder_.tensor(made).role == TensorRole::kActivation) builder_.tensor(made).name = network_.output_names[i];
  }
  if (!marked.empty()) return;
  // A file of sizes and constants alone: nothing is computed, and its outputs are still what it says.
  for (const ValueId id : network_.outputs) {
    if (element_count(shape(id)) == 0) continue;  // no bytes, no tensor
    if (marked.insert(tensor(id)).second) builder_.mark_output(tensor(id));
  }
}

// Numbers that say how an operator works, not on what: a conversion needs them while importing.
bool Converter::has_known_arguments(const Node& node) const {
  static const std::map<std::string, std::vector<std::size_t>> arguments = {
      {"Pad", {1, 3}},          {"ReduceL1", {1}},  {"ReduceL2", {1}},        {"ReduceLogSum", {1}},
      {"ReduceLogSumExp", {1}}, {"ReduceMax", {1}}, {"ReduceMean", {1}},      {"ReduceMin", {1}},
      {"ReduceProd", {1}},      {"ReduceSum", {1}}, {"ReduceSumSquare", {1}}, {"Slice", {1, 2, 3, 4}},
  };
  const auto row = arguments.find(node.type);
  if (row == arguments.end()) return true;
  return std::all_of(row->second.begin(), row->second.end(), [&](std::size_t n) {
    return !has_input(node, n) || network_.constant(node.inputs[n]) != nullptr;
  });
}

// Statistics, indices and masks beside what an operator is for: the engine does not give them, the host does where they
// are read.
void Converter::add_other_outputs(const Node& node) {
  Node others = node;
  for (ValueId& id : others.outputs) {
    if (id == kNone) continue;
    const auto at = static_cast<std::size_t>(id);
    const bool made = tensors_[at] != kNone || images_[at] != kNone;
    if (made || read_.count(id) == 0) id = kNone;
  }
  if (std::all_of(others.outputs.begin(), others.outputs.end(), [](ValueId id) { return id == kNone; })) return;
  others.name = unique_name(node.name + "/others");
  host(others);
}

void Converter::host(const Node& node) {
  constexpr std::size_t kArgument = 64;  // constants up to this size say how, not on what
  Operator op = start(node, OperatorKind::kHost);
  for (const ValueId id : node.inputs) {
    if (id == kNone) continue;
    const Constant* constant = network_.constant(id);
    if (constant != nullptr && constant->size() <= kArgument) continue;
    (network_.is_weight(id) ? op.weights : op.inputs).push_back(tensor(id));
  }
  for (const ValueId id : node.outputs) {
    if (id != kNone) op.outputs.push_back(output(id));
  }
  add(std::move(op));
}

}  // namespace lanewise::network::importing
