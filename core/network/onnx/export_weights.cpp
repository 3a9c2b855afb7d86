// SPDX-License-Identifier: Apache-2.0
// How weights are stored: with the numbers of the file that the graph came from, or as inputs.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/onnx/export_writer.hpp"

namespace lanewise::network::exporting {

const Writer::Stored& Writer::stored(TensorId id) {
  const auto found = stored_.find(id);
  return found != stored_.end() ? found->second : stored_.emplace(id, store(id)).first->second;
}

Writer::Stored Writer::store(TensorId id) {
  const auto at = static_cast<std::size_t>(id);
  const bool is_matrix = !other_readers_[at] && shape(id).size() == 2;
  if (const auto given = numbers_.find(id); given != numbers_.end()) return give(id, given->second);
  if (source_ != nullptr) {
    if (std::optional<Source::Kept> kept = source_->keep(graph_.tensor(id), is_matrix)) {
      return keep(id, std::move(*kept));
    }
  }
  return strip(id);
}

void Writer::check_numbers() const {
  for (const auto& [id, numbers] : numbers_) {
    const Tensor& tensor = graph_.tensor(id);
    const auto wanted = static_cast<std::size_t>(tensor.elements());
    if (tensor.role != TensorRole::kWeight || numbers.size() != wanted) {
      throw Error(fmt::format(
          "network '{}': {} numbers are given for tensor '{}', which is {}", graph_.name(), numbers.size(), tensor.name,
          tensor.role == TensorRole::kWeight ? fmt::format("a weight of {}", wanted) : "no weight"));
    }
    if (tensor.parameters() != 0 && tensor.parameters() != tensor.elements()) {
      throw Error(fmt::format("network '{}': weight '{}' is made from {} trained numbers, and is not written as {}",
                              graph_.name(), tensor.name, tensor.parameters(), wanted));
    }
  }
}

// A matrix that something of more than two dimensions is multiplied with is stored as it is read: [inputs, outputs].
Writer::Stored Writer::give(TensorId id, const std::vector<float>& numbers) {
  const auto at = static_cast<std::size_t>(id);
  const Tensor& weight = graph_.tensor(id);
  const bool turned = wide_readers_[at] && !other_readers_[at] && weight.shape.size() == 2;
  Shape stored = weight.shape;
  if (turned) std::swap(stored[0], stored[1]);
  onnx::TensorProto tensor;
  tensor.set_name(names_[at]);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : stored) tensor.add_dims(size);
  std::vector<float> in_order = numbers;
  if (turned) {
    const auto rows = static_cast<std::size_t>(weight.shape[0]), columns = static_cast<std::size_t>(weight.shape[1]);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column)
        in_order[column * rows + row] = numbers[row * columns + column];
    }
  }
  tensor.set_raw_data(in_order.data(), in_order.size() * sizeof(float));
  *file().add_initializer() = std::move(tensor);
  ++given_;
  if (weight.parameters() == 0) untrained_ += names_[at] + '\n';
  Stored result{names_[at], Form::kReal, turned};
  if (real_type_ != onnx::TensorProto::FLOAT) {
    result.name = derive(result.name, "real", "Cast", {}, {attribute("to", std::int64_t{real_type_})});
  }
  return result;
}

// What is stored as it is read, for one reader's view, is stored in that shape.
void Writer::take_shape(const Tensor& weight, const Shape& wanted, Source::Kept& kept) const {
  const auto& tensors = graph_.tensors();
  const auto namesakes =
      std::count_if(tensors.begin(), tensors.end(), [&](const Tensor& other) { return other.name == weight.name; });
  if (kept.shape == wanted || importing::without_ones(kept.shape) != importing::without_ones(wanted) ||
      !kept.nodes.empty() || !kept.scale.empty() || namesakes > 1)
    return;
  if (kept.stored.size() == 1 && kept.inputs.empty()) {
    kept.stored[0].clear_dims();
    for (const std::int64_t size : wanted) kept.stored[0].add_dims(size);
    kept.shape = wanted;
  } else if (kept.inputs.size() == 1 && kept.stored.empty()) {
    set_type(kept.inputs[0], kept.inputs[0].type().tensor_type().elem_type(), wanted);
    kept.shape = wanted;
  }
}

Writer::Stored Writer::keep(TensorId id, Source::Kept kept) {
  if (kept.inputs.empty()) ++kept_;
  const std::string given = names_[static_cast<std::size_t>(id)];
  const auto rename = [&](const std::string& name) {
    if (name.empty()) return name;
    std::string& mine = derived_[{"kept", name}];
    if (mine.empty()) mine = name == graph_.tensor(id).name ? given : fresh(name);
    return mine;
  };
  Shape wanted = shape(id);
  if (kept.turned) std::swap(wanted[0], wanted[1]);
  take_shape(graph_.tensor(id), wanted, kept);
  for (onnx::TensorProto& tensor : kept.stored) {
    const bool in_text = kept.in_text.count(tensor.name()) > 0;
    tensor.set_name(rename(tensor.name()));
    if (in_text) {
      onnx::AttributeProto value;
      value.set_name("value");
      value.set_type(onnx::AttributeProto::TENSOR);
      const std::string name = tensor.name();
      *value.mutable_t() = std::move(tensor);
      add_node(name, "Constant", {}, {name}, {value});
      continue;
    }
    *file().add_initializer() = std::move(tensor);
  }
  for (onnx::ValueInfoProto& input : kept.inputs) {
    std::string& made = derived_[{"stripped", input.name()}];
    if (!made.empty()) continue;
    made = rename(input.name());
    input.set_name(made);
    stripped_.emplace_back(made, input);
  }
  for (const onnx::NodeProto* node : kept.nodes) {
    if (!derived_.emplace(std::pair<std::string, std::string>{"made", node->output(0)}, "").second) continue;
    onnx::NodeProto copied = *node;
    for (std::string& name : *copied.mutable_input()) name = rename(name);
    for (std::string& name : *copied.mutable_output()) name = rename(name);
    copied.set_name(copied.output(0));
    copy(std::move(copied));
  }
  Stored result{rename(kept.name), Form::kReal, kept.turned};
  if (!kept.scale.empty()) {
    Names more{rename(kept.scale)};
    if (!kept.zero_point.empty()) more.push_back(rename(kept.zero_point));
    Attributes attributes;
    if (kept.axis) attributes.push_back(attribute("axis", *kept.axis));
    result.name = derive(result.name, "dequantized", "DequantizeLinear", more, attributes);
    kept.type = onnx::TensorProto::FLOAT;
  }
  if (kept.type == onnx::TensorProto::BOOL) {
    result.form = Form::kTruth;
  } else if (kept.type == onnx::TensorProto::INT64) {
    result.form = Form::kWhole;
  } else if (kept.type != real_type_) {
    result.name = derive(result.name, "real", "Cast", {}, {attribute("to", std::int64_t{real_type_})});
  }
  if (kept.shape != wanted) result.name = derive(result.name, "reshaped", "Reshape", {whole(wanted)}, {});
  return result;
}

std::string Writer::add_stripped(const std::string& name, const Shape& as) {
  onnx::ValueInfoProto info;
  info.set_name(name);
  set_type(info, real_type_, as);
  stripped_.emplace_back(name, std::move(info));
  return name;
}

std::string Writer::table(const std::string& name, const Shape& as) {
  constexpr float kNeutral = 0.37F;  // means nothing, so that no number of a pattern is met by chance
  onnx::AttributeProto value;
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
  value.mutable_t()->add_dims(1);
  value.mutable_t()->add_float_data(kNeutral);
  add_node(name, "ConstantOfShape", {whole(as)}, {name}, {value});
  if (real_type_ == onnx::TensorProto::FLOAT) return name;
  return derive(name, "real", "Cast", {}, {attribute("to", std::int64_t{real_type_})});
}

// As many trained numbers as the tensor has are an input; more or fewer become the tensor on the way.
Writer::Stored Writer::strip(TensorId id) {
  const Tensor& tensor = graph_.tensor(id);
  const auto at = static_cast<std::size_t>(id);
  const std::string& name = names_[at];
  const std::int64_t elements = tensor.elements();
  const std::int64_t trained = tensor.parameters();
  if (trained == elements) {
    const bool turned = wide_readers_[at] && !other_readers_[at] && tensor.shape.size() == 2;
    return {add_stripped(name, turned ? Shape{tensor.shape[1], tensor.shape[0]} : tensor.shape), Form::kReal, turned};
  }
  if (trained == 0) return {table(name, tensor.shape)};
  std::string flat = add_stripped(fresh(name + "/trained"), {trained});
  const std::string joined = fresh(name + "/flat");
  if (trained < elements) {
    const std::string rest = table(fresh(name + "/rest"), {elements - trained});
    add_node(joined, "Concat", {flat, rest}, {joined}, {attribute("axis", std::int64_t{0})});
  } else {
    add_node(joined, "Slice", {flat, whole({0}), whole({elements}), whole({0})}, {joined}, {});
  }
  add_node(name, "Reshape", {joined, whole(tensor.shape)}, {name}, {});
  return {name};
}

}  // namespace lanewise::network::exporting
