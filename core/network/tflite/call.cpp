// SPDX-License-Identifier: Apache-2.0
// One operator of the file, as the function that translates it sees it.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr const char* kDomain = "tflite";  // of operators that are not translated

}  // namespace

Call::Call(Translator& translator, const schema::Operator& op, int number)
    : translator_(translator), op_(op), number_(number) {}

std::string Call::place() const {
  const std::string text = fmt::format("operator {} ({})", number_, name_of(translator_.file().code(op_)));
  if (translator_.file().subgraph_count() == 1) return text;
  const flatbuffers::String* name = translator_.subgraph().name();
  return fmt::format("{} of subgraph '{}'", text, name == nullptr ? "" : name->str());
}

void Call::fail(const std::string& message) const { translator_.file().fail(place() + ": " + message); }

std::size_t Call::input_count() const { return list_size(op_.inputs()); }
std::size_t Call::output_count() const { return list_size(op_.outputs()); }
bool Call::has(std::size_t input) const { return list_entry(op_.inputs(), input) >= 0; }

std::int32_t Call::index(std::size_t input) const {
  const std::int32_t result = list_entry(op_.inputs(), input);
  if (result < 0) fail(fmt::format("has no input {}", input));
  return result;
}

std::int32_t Call::out_index(std::size_t output) const {
  const std::int32_t result = list_entry(op_.outputs(), output);
  if (result < 0) fail(fmt::format("has no output {}", output));
  return result;
}

const schema::Tensor& Call::in(std::size_t input) const { return translator_.tensor(index(input)); }
const schema::Tensor& Call::out(std::size_t output) const { return translator_.tensor(out_index(output)); }
Shape Call::in_shape(std::size_t input) const { return shape_of(translator_.file(), in(input)); }
Shape Call::out_shape(std::size_t output) const { return shape_of(translator_.file(), out(output)); }
bool Call::is_constant(std::size_t input) const { return translator_.is_constant(index(input)); }

bool Call::is_static(const schema::Tensor& tensor) const {
  const auto* signature = tensor.signature();
  return signature == nullptr || std::all_of(signature->begin(), signature->end(), [](int size) { return size >= 0; });
}

std::optional<std::vector<std::int64_t>> Call::integers(std::size_t input) const {
  if (!has(input) || !is_constant(input)) return std::nullopt;
  std::optional<std::vector<std::int64_t>> numbers =
      whole_numbers(translator_.file(), translator_.tensor(translator_.resolved(index(input))));
  if (!numbers) return std::nullopt;
  // Beyond every size, and far enough from the ends of the range that sums of a few do not leave it.
  constexpr std::int64_t kBeyond = std::int64_t{1} << 41;
  for (std::int64_t& number : *numbers) number = std::clamp(number, -kBeyond, kBeyond);
  return numbers;
}

std::vector<std::int64_t> Call::known_integers(std::size_t input, const char* what) const {
  std::optional<std::vector<std::int64_t>> numbers = integers(input);
  if (!numbers) fail(fmt::format("{} is '{}', which is not a constant", what, translator_.tensor_name(index(input))));
  return std::move(*numbers);
}

std::int64_t Call::axis(std::int64_t given, std::size_t rank) const {
  const auto dimensions = static_cast<std::int64_t>(rank);
  if (given < -dimensions || given >= dimensions) {
    fail(fmt::format("axis {} is outside a tensor of {} dimensions", given, rank));
  }
  return given < 0 ? given + dimensions : given;
}

std::string Call::plain(std::size_t input) const { return translator_.plain(index(input), place()); }
std::string Call::image(std::size_t input) const { return translator_.image(index(input), place()); }
bool Call::is_image(std::size_t input) const { return translator_.is_image(index(input)); }

std::string Call::weight(std::size_t input, const Axes& order) const {
  if (in_shape(input).size() != order.size()) {
    fail(fmt::format("'{}' has {} dimensions, where {} are needed", translator_.tensor_name(index(input)),
                     in_shape(input).size(), order.size()));
  }
  if (is_constant(input)) return translator_.weight(index(input), order);
  return emit("Transpose", {plain(input)}, {attribute("perm", order)});
}

std::string Call::emit_name() const { return translator_.tensor_name(out_index(0)); }

std::string Call::emit(const std::string& type, const Names& inputs, const Attributes& attributes) const {
  return emit_many(type, inputs, 1, attributes)[0];
}

Names Call::emit_many(const std::string& type, const Names& inputs, std::size_t outputs,
                      const Attributes& attributes) const {
  const std::string name = translator_.fresh(emit_name() + "/" + type);
  Names names = {name};
  while (names.size() < outputs) names.push_back(translator_.fresh(name));
  translator_.add_node(name, type, inputs, names, attributes);
  return names;
}

std::string Call::whole(const std::vector<std::int64_t>& values) const {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  return translator_.add_initializer(emit_name() + "/sizes", std::move(tensor));
}

std::string Call::numbers(const std::vector<float>& values, const Shape& shape) const {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : shape) tensor.add_dims(size);
  for (const float value : values) tensor.add_float_data(value);
  const std::string name = translator_.add_initializer(emit_name() + "/number", std::move(tensor));
  translator_.shared().untrained.push_back(name);
  return name;
}

std::string Call::number(double value) const { return numbers({static_cast<float>(value)}, {}); }

void Call::finish(const std::string& type, const Names& inputs, const Attributes& attributes, bool as_image,
                  schema::Fused fused, std::size_t output) const {
  const std::string name = translator_.write(out_index(output), as_image, place());
  if (fused == schema::Fused::NONE) {
    translator_.add_node(name, type, inputs, {name}, attributes);
    return;
  }
  const std::string linear = translator_.fresh(name + "/linear");
  translator_.annotate(linear, out(output));
  translator_.add_node(linear, type, inputs, {linear}, attributes);
  const auto clip = [&](double low, double high) {
    translator_.add_node(name, "Clip", {linear, number(low), number(high)}, {name}, {});
  };
  switch (fused) {
    case schema::Fused::RELU:
      translator_.add_node(name, "Relu", {linear}, {name}, {});
      break;
    case schema::Fused::RELU6:
      clip(0.0, 6.0);
      break;
    case schema::Fused::RELU_N1_TO_1:
      clip(-1.0, 1.0);
      break;
    case schema::Fused::TANH:
      translator_.add_node(name, "Tanh", {linear}, {name}, {});
      break;
    default:
      fail(fmt::format("fused activation function {} is not supported", static_cast<int>(fused)));
  }
}

void Call::finish_all(const std::string& type, const Names& inputs, const Attributes& attributes, bool as_image) const {
  Names names;
  for (std::size_t i = 0; i < output_count(); ++i) {
    names.push_back(translator_.write(out_index(i), as_image, place()));
  }
  if (names.empty()) fail("writes nothing");
  translator_.add_node(names[0], type, inputs, names, attributes);
}

void Call::finish_unknown(const std::string& type, const Names& inputs) const {
  Names names;
  for (std::size_t i = 0; i < output_count(); ++i) {
    names.push_back(translator_.write(out_index(i), false, place()));
    // A shape of no dimensions is what files say of tensors whose shape shows only when they run.
    if (out(i).shape() != nullptr && out(i).shape()->size() > 0) {
      translator_.state_shape(names.back(), out_shape(i), element_type(out(i).type()));
    }
  }
  translator_.add_node(names.at(0), type, inputs, names, {}, kDomain);
}

void Call::bind_handle(const std::string& variable) const { translator_.handles()[out_index(0)] = variable; }

std::string Call::handle(std::size_t input) const {
  const auto found = translator_.handles().find(index(input));
  if (found == translator_.handles().end()) fail("its variable is named by no VAR_HANDLE of its subgraph");
  return found->second;
}

void Call::forward(const std::string& name, bool as_image, std::size_t output) const {
  // A node of its own, so that the output keeps its name.
  const std::string made = translator_.write(out_index(output), as_image, place());
  translator_.add_node(made, "Identity", {name}, {made}, {});
}

}  // namespace lanewise::network::tflite
