// SPDX-License-Identifier: Apache-2.0
// Initializers, constants and graph inputs.
#include <fmt/format.h>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inputs.hpp"
#include "core/network/onnx/resolver.hpp"

namespace lanewise::network::importing {

namespace {

// An optional input counts as given.
const onnx::TypeProto& present_type(const onnx::ValueInfoProto& input) {
  return input.type().has_optional_type() ? input.type().optional_type().elem_type() : input.type();
}

}  // namespace

// Numbers that were trained, unlike indices and sizes.
void Resolver::mark_trained(ValueId id, int element_type) {
  const bool counts = element_type == onnx::TensorProto::INT64 || element_type == onnx::TensorProto::BOOL;
  if (network_.value(id).role == TensorRole::kWeight && !counts) network_.value(id).sources = {id};
}

// A constant in the graph's text may hold weights too, but not where it says one number however often.
void Resolver::mark_trained_table(const std::string& name) {
  if (name.empty()) return;  // an output that nobody wants
  const Binding& bound = binding(name);
  const Constant* constant = network_.constant(bound.value);
  bool uniform = constant != nullptr;
  for (std::size_t i = 1; uniform && i < constant->size(); ++i) uniform = constant->as_real(i) == constant->as_real(0);
  if (!uniform) mark_trained(bound.value, bound.element_type);
}

void Resolver::add_initializers(const onnx::GraphProto& graph) {
  const std::set<std::string> untrained = listed_untrained(model_);
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    if (tensor.name().empty()) fail_at("a stored tensor of a branch or body has no name");
    if (scopes_.size() == 1 && given_value(tensor.name()) != nullptr) continue;
    bind(tensor.name(), add_stored(tensor.name(), tensor), tensor.data_type());
    if (untrained.count(tensor.name()) == 0) mark_trained(binding(tensor.name()).value, tensor.data_type());
  }
  for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    check_shape(tensor.values().name(), shape);
    bind(tensor.values().name(), add_value(tensor.values().name(), shape, TensorRole::kWeight),
         tensor.values().data_type());
    mark_trained(binding(tensor.values().name()).value, tensor.values().data_type());
  }
}

ValueId Resolver::add_stored(const std::string& name, const onnx::TensorProto& tensor) {
  const Shape shape(tensor.dims().begin(), tensor.dims().end());
  check_shape(name, shape);
  const ValueId id = add_value(name, shape, TensorRole::kWeight);
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    if (*element_count(shape) <= kLargestConstant) {
      network_.value(id).external = std::make_shared<ExternalConstant>(tensor, network_.path);
    }
    return id;
  }
  try {
    if (std::optional<Constant> constant = decode(tensor)) set_constant(id, std::move(*constant));
  } catch (const Error& error) {
    fail_at(error.what());
  }
  return id;
}

void Resolver::add_inputs(const onnx::GraphProto& graph) {
  const std::set<std::string> weights = find_weight_inputs(model_, has_stripped_weights(model_));
  std::set<std::string> batch_names;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    const auto& shape = present_type(input).tensor_type().shape();
    const bool is_data = weights.count(input.name()) == 0 && find_binding(input.name()) == nullptr;
    if (is_data && shape.dim_size() > 0 && shape.dim(0).has_dim_param()) batch_names.insert(shape.dim(0).dim_param());
  }
  check_given(graph, weights);
  bool any_empty = false;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    if (add_given(input)) continue;
    if (find_binding(input.name()) != nullptr) continue;  // an initializer gives its default: older files list both
    const bool is_weight = weights.count(input.name()) > 0;
    const Shape shape = input_shape(input, is_weight, batch_names);
    const int element_type = present_type(input).tensor_type().elem_type();
    if (!is_weight && element_count(shape) == 0) {
      any_empty = true;
      bind_empty(input.name(), shape, element_type);
      continue;
    }
    const ValueId id = add_value(input.name(), shape, is_weight ? TensorRole::kWeight : TensorRole::kGraphInput);
    if (!is_weight) network_.inputs.push_back(id);
    bind(input.name(), id, element_type);
    mark_trained(id, element_type);
  }
  if (!unset_sizes_.empty()) fail_unset_sizes();
  if (network_.inputs.empty() && graph.input_size() > 0 && !any_empty && options_.inputs.empty()) {
    fail_at("no graph input is data: every one is read only as a weight");
  }
}

Shape Resolver::input_shape(const onnx::ValueInfoProto& input, bool is_weight,
                            const std::set<std::string>& batch_names) {
  const onnx::TypeProto& type = present_type(input);
  if (type.has_sequence_type()) {
    fail_at(fmt::format("input '{}' is a sequence; how many tensors it holds is not in the file", input.name()));
  }
  if (!type.has_tensor_type()) fail_at(fmt::format("input '{}' is not a tensor", input.name()));
  if (!type.tensor_type().has_shape()) fail_at(fmt::format("input '{}' has no shape", input.name()));
  Shape shape;
  for (int i = 0; i < type.tensor_type().shape().dim_size(); ++i) {
    const auto& dimension = type.tensor_type().shape().dim(i);
    const bool is_fixed = dimension.has_dim_value();
    const bool is_batch = !is_weight && !is_fixed && (i == 0 || batch_names.count(dimension.dim_param()) > 0);
    if (const std::optional<std::int64_t> given = given_size(input.name(), i, dimension)) {
      shape.push_back(*given);
    } else if (is_batch) {
      shape.push_back(options_.batch.value_or(1));
    } else if (!is_fixed) {
      unset_sizes_.push_back({input.name(), i, dimension.dim_param()});
      shape.push_back(1);
    } else if (dimension.dim_value() < 0) {
      fail_at(fmt::format("input '{}': dimension {} is {}, but must be at least 0", input.name(), i,
                          dimension.dim_value()));
    } else if (i == 0 && !is_weight && change_ != nullptr && !change_->recording) {
      shape.push_back(change_->to);
    } else {
      shape.push_back(dimension.dim_value());
    }
  }
  check_shape(input.name(), shape);
  return shape;
}

void Resolver::add_constant(const Node& node) {
  const std::string& output = node.proto->output(0);
  for (const onnx::AttributeProto& attribute : node.proto->attribute()) {
    Constant constant;
    if (attribute.name() == "value") {
      bind(output, add_stored(output, attribute.t()), attribute.t().data_type());
      return mark_trained_table(output);
    }
    if (attribute.name() == "value_int") {
      constant = Constant::scalar(attribute.i());
    } else if (attribute.name() == "value_ints") {
      constant = Constant::of_whole({attribute.ints().begin(), attribute.ints().end()});
    } else if (attribute.name() == "value_float" || attribute.name() == "value_floats") {
      constant.is_real = true;
      constant.real.assign(attribute.floats().begin(), attribute.floats().end());
      if (attribute.name() == "value_float") {
        constant.real = {static_cast<double>(attribute.f())};
      } else {
        constant.shape = {static_cast<std::int64_t>(constant.real.size())};
      }
    } else {
      continue;
    }
    bind_constant(output, std::move(constant));
    return mark_trained_table(output);
  }
  fail(network_, node, "has no value that is a tensor or a number");
}

}  // namespace lanewise::network::importing
