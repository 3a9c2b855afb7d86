// SPDX-License-Identifier: Apache-2.0
#include "core/network/tflite/translator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "core/network/onnx/quantization.hpp"
#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::size_t kImageRank = 4;

Axes identity_order(std::size_t rank) {
  Axes order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::vector<const schema::Operator*> operators_of(const schema::SubGraph& subgraph) {
  const auto* operators = subgraph.operators();
  if (operators == nullptr) return {};
  return {operators->begin(), operators->end()};
}

// What a quantised tensor's elements are computed as; "" for others.
std::string precision_of(const schema::Tensor& tensor) {
  if (!is_quantised(tensor)) return "";
  switch (tensor.type()) {
    case schema::TensorType::INT4:
      return "INT4";
    case schema::TensorType::INT8:
    case schema::TensorType::UINT8:
      return "INT8";
    case schema::TensorType::INT16:
    case schema::TensorType::UINT16:
      return "INT16";
    default:
      return "";
  }
}

}  // namespace

std::int64_t image_axis(std::int64_t axis) { return axis == 0 ? 0 : axis == 3 ? 1 : axis + 1; }

Translator::Translator(Whole& whole, const schema::SubGraph& subgraph, onnx::GraphProto& graph,
                       const std::string& prefix)
    : whole_(whole), subgraph_(subgraph), graph_(graph), prefix_(prefix) {}

std::string Translator::fresh(const std::string& base) {
  std::string name = base;
  while (!whole_.names.emplace(name, 0).second) name = fmt::format("{}_{}", base, ++whole_.names[base]);
  return name;
}

const schema::Tensor& Translator::tensor(std::int32_t index) const {
  return *subgraph_.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

std::string Translator::tensor_name(std::int32_t index) const {
  const flatbuffers::String* name = tensor(index).name();
  if (name == nullptr || name->size() == 0) return fmt::format("{}tensor_{}", prefix_, index);
  std::string text = prefix_ + name->str();
  std::replace(text.begin(), text.end(), '\n', ' ');  // lists of names have one a line
  return text;
}

std::int32_t Translator::resolved(std::int32_t index) const {
  const auto found = aliases_.find(index);
  return found == aliases_.end() ? index : found->second;
}

bool Translator::is_constant(std::int32_t index) const {
  if (index < 0 || plain_.count(index) > 0 || image_.count(index) > 0) return false;
  const schema::Tensor& asked = tensor(resolved(index));
  if (asked.is_variable()) return false;
  const auto elements = importing::element_count(shape_of(whole_.file, asked));
  return whole_.file.numbers(asked).size > 0 || elements == 0;
}

void Translator::annotate(const std::string& name, const schema::Tensor& given) {
  const std::string precision = precision_of(given);
  if (precision.empty() || &graph_ != &whole_.graph) return;
  onnx::TensorAnnotation& annotation = *graph_.add_quantization_annotation();
  annotation.set_tensor_name(name);
  onnx::StringStringEntryProto& entry = *annotation.add_quant_parameter_tensor_names();
  entry.set_key(importing::kPrecisionAnnotation);
  entry.set_value(precision);
}

std::string Translator::add_initializer(const std::string& base, onnx::TensorProto numbers) {
  numbers.set_name(fresh(base));
  *graph_.add_initializer() = std::move(numbers);
  return graph_.initializer(graph_.initializer_size() - 1).name();
}

std::string Translator::add_node(const std::string& name, const std::string& type, const Names& inputs,
                                 const Names& outputs, const Attributes& attributes, const std::string& domain) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_name(name);
  node.set_op_type(type);
  if (!domain.empty()) node.set_domain(domain);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const onnx::AttributeProto& given : attributes) *node.add_attribute() = given;
  return outputs.empty() ? "" : outputs[0];
}

// The numbers, and what turns them into real ones.
std::string Translator::weight(std::int32_t asked, const Axes& order) {
  const std::int32_t index = resolved(asked);
  const auto known = weights_.find({index, order});
  if (known != weights_.end()) return known->second;
  const schema::Tensor& from = tensor(index);
  const std::string base = tensor_name(index);
  std::optional<onnx::TensorProto> numbers = stored(whole_.file, from, order);
  std::string name;
  if (!numbers) {
    // Their count is known, which is all that most costs depend on.
    const Shape shape = shape_of(whole_.file, from);
    name = fresh(base);
    onnx::ValueInfoProto& input = *whole_.graph.add_input();
    input.set_name(name);
    input.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t axis : order) {
      input.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(
          shape[static_cast<std::size_t>(axis)]);
    }
    whole_.weight_inputs.push_back(name);
    return weights_[{index, order}] = name;
  }
  const int type = numbers->data_type();
  name = add_initializer(base, std::move(*numbers));
  const bool scaled = is_quantised(from) && (type == onnx::TensorProto::INT8 || type == onnx::TensorProto::UINT8 ||
                                             type == onnx::TensorProto::INT32);
  if (!scaled) annotate(name, from);
  if (scaled) {
    const schema::Quantization& quantization = *from.quantization();
    const bool per_axis = quantization.scale()->size() > 1;
    onnx::TensorProto scale, zero;
    scale.set_data_type(onnx::TensorProto::FLOAT);
    zero.set_data_type(type);
    for (flatbuffers::uoffset_t i = 0; i < quantization.scale()->size(); ++i) {
      scale.add_float_data(quantization.scale()->Get(i));
      const auto* zeros = quantization.zero_point();
      zero.add_int32_data(zeros == nullptr || i >= zeros->size() ? 0 : static_cast<std::int32_t>(zeros->Get(i)));
    }
    Attributes attributes;
    if (per_axis) {
      scale.add_dims(static_cast<std::int64_t>(quantization.scale()->size()));
      zero.add_dims(static_cast<std::int64_t>(quantization.scale()->size()));
      const auto place = std::find(order.begin(), order.end(), quantization.axis());
      if (place == order.end()) {
        whole_.file.fail(fmt::format("tensor '{}' has scales along axis {} of {} dimensions", base, quantization.axis(),
                                     order.size()));
      }
      attributes.push_back(attribute("axis", static_cast<std::int64_t>(place - order.begin())));
    }
    const std::string scale_name = add_initializer(name + "/scale", std::move(scale));
    const std::string zero_name = add_initializer(name + "/zero_point", std::move(zero));
    whole_.untrained.insert(whole_.untrained.end(), {scale_name, zero_name});
    const std::string real = fresh(name + "/real");
    add_node(real, "DequantizeLinear", {name, scale_name, zero_name}, {real}, attributes);
    name = real;
  } else if (type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::BFLOAT16 ||
             type == onnx::TensorProto::DOUBLE) {
    const std::string real = fresh(name + "/real");
    add_node(real, "Cast", {name}, {real}, {attribute("to", std::int64_t{onnx::TensorProto::FLOAT})});
    name = real;
  }
  return weights_[{index, order}] = name;
}

bool Translator::is_image(std::int32_t index) const {
  const auto found = written_as_image_.find(index);
  return found != written_as_image_.end() && found->second;
}

std::string Translator::plain(std::int32_t index, const std::string& reader) {
  const auto known = plain_.find(index);
  if (known != plain_.end()) return known->second;
  const auto other = image_.find(index);
  if (other != image_.end()) {
    const std::string name = fresh(tensor_name(index) + "/channels_last");
    add_node(name, "Transpose", {other->second}, {name},
             {attribute("perm", kToPlain), attribute(importing::kMovesNothing, std::int64_t{1})});
    return plain_[index] = name;
  }
  if (is_constant(index)) return weight(index, identity_order(shape_of(whole_.file, tensor(resolved(index))).size()));
  whole_.file.fail(fmt::format("{} reads tensor '{}', which nothing before it produces", reader, tensor_name(index)));
}

std::string Translator::image(std::int32_t index, const std::string& reader) {
  const auto known = image_.find(index);
  if (known != image_.end()) return known->second;
  const std::size_t rank = shape_of(whole_.file, tensor(resolved(index))).size();
  if (rank != kImageRank) {
    whole_.file.fail(fmt::format("{} reads tensor '{}' as an image, which has {} dimensions and not 4", reader,
                                 tensor_name(index), rank));
  }
  if (is_constant(index)) return weight(index, kToImage);
  const std::string from = plain(index, reader);
  const std::string name = fresh(tensor_name(index) + "/channels_first");
  add_node(name, "Transpose", {from}, {name},
           {attribute("perm", kToImage), attribute(importing::kMovesNothing, std::int64_t{1})});
  return image_[index] = name;
}

std::string Translator::write(std::int32_t index, bool as_image, const std::string& writer) {
  const std::string name = fresh(tensor_name(index));
  forward(index, name, as_image, writer);
  annotate(name, tensor(index));
  return name;
}

void Translator::forward(std::int32_t index, const std::string& name, bool as_image, const std::string& writer) {
  if (!written_as_image_.emplace(index, as_image).second || aliases_.count(index) > 0) {
    whole_.file.fail(fmt::format("{} writes tensor '{}', which is written before", writer, tensor_name(index)));
  }
  (as_image ? image_ : plain_)[index] = name;
}

// Inputs of four dimensions whose first readers, behind what works element by element, take images.
std::set<std::int32_t> Translator::find_image_inputs() const {
  std::set<std::int32_t> result;
  const std::vector<const schema::Operator*> operators = operators_of(subgraph_);
  for (std::size_t i = 0; i < list_size(subgraph_.inputs()); ++i) {
    const std::int32_t input = list_entry(subgraph_.inputs(), i);
    if (input < 0 || shape_of(whole_.file, tensor(input)).size() != kImageRank) continue;
    std::set<std::int32_t> reached = {input};
    bool is_image = false, is_plain = false;
    for (const schema::Operator* op : operators) {
      bool reads = false;
      for (std::size_t k = 0; k < list_size(op->inputs()); ++k)
        reads = reads || reached.count(list_entry(op->inputs(), k)) > 0;
      if (!reads || is_image || is_plain) continue;
      const Layout layout = layout_of(whole_.file.code(*op));
      is_image = layout == Layout::kImage;
      is_plain = layout == Layout::kPlain;
      for (std::size_t k = 0; k < list_size(op->outputs()); ++k) reached.insert(list_entry(op->outputs(), k));
    }
    if (is_image) result.insert(input);
  }
  return result;
}

void Translator::declare_type(onnx::ValueInfoProto& info, const schema::Tensor& given, bool as_image) const {
  onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(element_type(given.type()));
  const Shape shape = shape_of(whole_.file, given);
  const Axes order = as_image ? kToImage : identity_order(shape.size());
  onnx::TensorShapeProto& dimensions = *type.mutable_shape();
  for (const std::int64_t axis : order) {
    const auto at = static_cast<std::size_t>(axis);
    onnx::TensorShapeProto::Dimension& dimension = *dimensions.add_dim();
    const bool is_open = given.signature() != nullptr && given.signature()->size() == shape.size() &&
                         given.signature()->Get(static_cast<flatbuffers::uoffset_t>(at)) < 0;
    if (!is_open) dimension.set_dim_value(shape[at]);
    if (is_open && at == 0) dimension.set_dim_param("batch");
  }
}

void Translator::declare_inputs() {
  const std::set<std::int32_t> images = find_image_inputs();
  for (std::size_t i = 0; i < list_size(subgraph_.inputs()); ++i) {
    const std::int32_t index = list_entry(subgraph_.inputs(), i);
    if (index < 0) continue;
    const bool as_image = images.count(index) > 0;
    const std::string name = write(index, as_image, "the input list");
    onnx::ValueInfoProto& input = *graph_.add_input();
    input.set_name(name);
    declare_type(input, tensor(index), as_image);
  }
}

void Translator::bind_inputs(const Names& names, const std::string& asker) {
  if (names.size() != list_size(subgraph_.inputs())) {
    whole_.file.fail(fmt::format("{} gives {} inputs to a subgraph that has {}", asker, names.size(),
                                 list_size(subgraph_.inputs())));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::int32_t index = list_entry(subgraph_.inputs(), i);
    if (index >= 0) forward(index, names[i], false, asker);
  }
}

void Translator::add_operators() {
  constexpr std::size_t kMostOperators = 60000;  // as many as a network may have
  int number = 0;
  for (const schema::Operator* op : operators_of(subgraph_)) {
    const Call call(*this, *op, number++);
    if (++whole_.operators > kMostOperators) {
      call.fail(fmt::format("the file has more than {} operators once its subgraphs are written out", kMostOperators));
    }
    translate(call);
  }
}

Names Translator::outputs(bool as_plain) {
  Names names;
  for (std::size_t i = 0; i < list_size(subgraph_.outputs()); ++i) {
    const std::int32_t index = list_entry(subgraph_.outputs(), i);
    if (index < 0) continue;
    const bool as_image = !as_plain && is_image(index);
    names.push_back(as_image ? image(index, "the output list") : plain(index, "the output list"));
  }
  return names;
}

void Translator::declare_outputs() {
  std::set<std::string> declared;
  const auto declare = [&](const std::string& name) {
    if (declared.insert(name).second) graph_.add_output()->set_name(name);
  };
  for (const std::string& name : outputs(false)) declare(name);
  for (const std::string& variable : whole_.assigned) declare(whole_.variables[variable]);
}

std::string Translator::add_state(const std::string& base, const Shape& shape) {
  onnx::ValueInfoProto& input = *whole_.graph.add_input();
  input.set_name(fresh(base));
  onnx::TypeProto::Tensor& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : shape) type.mutable_shape()->add_dim()->set_dim_value(size);
  return input.name();
}

void Translator::state_shape(const std::string& name, const Shape& shape, int type) {
  onnx::ValueInfoProto& info = *graph_.add_value_info();
  info.set_name(name);
  info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
  for (const std::int64_t size : shape) {
    info.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(size);
  }
}

}  // namespace lanewise::network::tflite
