// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/export_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/convert.hpp"
#include "core/network/onnx/external_constant.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/patterns.hpp"
#include "core/network/onnx/shapes.hpp"

namespace lanewise::network::exporting {

using importing::Shape;

namespace {

constexpr int kDeepest = 64;                           // nodes between a weight and what is stored
constexpr int kOldestCopied = 13, kNewestCopied = 17;  // operator sets whose nodes mean in ours what they mean there
constexpr std::int64_t kSmall = 4096;  // constants that are written as numbers where their nodes cannot be

bool is_default_domain(const onnx::NodeProto& node) { return node.domain().empty() || node.domain() == "ai.onnx"; }

bool is_real(int type) {
  return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::FLOAT16 || type == onnx::TensorProto::DOUBLE ||
         type == onnx::TensorProto::BFLOAT16;
}

std::int64_t elements(const onnx::TensorProto& tensor) {
  return importing::element_count(Shape(tensor.dims().begin(), tensor.dims().end())).value_or(0);
}

bool has_numbers(const onnx::TensorProto& tensor) {
  return tensor.has_raw_data() || tensor.float_data_size() > 0 || tensor.int32_data_size() > 0 ||
         tensor.int64_data_size() > 0 || tensor.double_data_size() > 0 || tensor.uint64_data_size() > 0 ||
         tensor.data_location() == onnx::TensorProto::EXTERNAL || elements(tensor) == 0;
}

// Element types that came after the operator set that is written.
bool is_written(int type) {
  return type > onnx::TensorProto::UNDEFINED && type <= onnx::TensorProto::BFLOAT16 &&
         type != onnx::TensorProto::STRING;
}

// What means the same in every operator set in which its inputs are as they are.
bool is_old(const std::string& type) {
  return type == "Transpose" || type == "Identity" || type == "Cast" || type == "Reshape" || type == "Concat" ||
         type == "Gather";
}

// Whether numbers of one shape, read in order, are those of the other: dimensions of 1, or leading ones taken together.
bool lies_alike(const Shape& stored, const Shape& wanted) {
  const Shape a = importing::without_ones(stored), b = importing::without_ones(wanted);
  if (a == b) return true;
  return importing::element_count(stored) == importing::element_count(wanted) && !a.empty() && !b.empty() &&
         a.back() == b.back() && b.size() == 2;
}

}  // namespace

Source::Source(const std::string& path, const ImportOptions& read_as) : path_(path) {
  model_ = importing::read_file(path);
  opset_ = importing::opset(model_);
  const auto is_supported = [](const std::string& type) {
    return importing::is_converted(type) || importing::is_host_operator(type);
  };
  network_ = importing::resolve_shapes(model_, path, read_as, is_supported);
  stripped_ = importing::has_stripped_weights(model_);
  canonical_ = *network_;
  importing::canonicalise(*canonical_);
  const Graph graph = importing::Converter(*canonical_, std::filesystem::path(path).stem().string(), read_as).run();
  for (const Tensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kWeight) weights_.emplace(tensor.name, std::pair(tensor.shape, tensor.parameters()));
  }
  for (std::size_t i = 0; i < network_->values.size(); ++i) {
    values_.emplace(network_->values[i].name, static_cast<importing::ValueId>(i));
  }
  onnx::GraphProto& file = *model_.mutable_graph();
  for (onnx::TensorProto& tensor : *file.mutable_initializer()) initializers_.emplace(tensor.name(), &tensor);
  for (const onnx::ValueInfoProto& input : file.input()) inputs_.emplace(input.name(), &input);
  for (onnx::NodeProto& node : *file.mutable_node()) {
    for (const std::string& output : node.output()) makers_.emplace(output, &node);
    for (int i = 0; i < node.input_size(); ++i) readers_.emplace(node.input(i), std::pair(&node, i));
    if (node.op_type() != "Constant" || !is_default_domain(node)) continue;
    for (onnx::AttributeProto& given : *node.mutable_attribute()) {
      if (given.name() == "value" && given.has_t()) initializers_.emplace(node.output(0), given.mutable_t());
    }
  }
  find_real_type();
}

void Source::find_real_type() {
  std::map<int, std::int64_t> counts;
  for (const auto& [name, tensor] : initializers_) {
    if (is_real(tensor->data_type())) counts[tensor->data_type()] += elements(*tensor);
  }
  std::int64_t most = 0;
  for (const auto& [type, count] : counts) {
    if (count > most) real_type_ = type;
    most = std::max(most, count);
  }
}

std::optional<int> Source::input_type(const std::string& name) const {
  const auto found = inputs_.find(name);
  if (found == inputs_.end() || !found->second->type().has_tensor_type()) return std::nullopt;
  const int type = found->second->type().tensor_type().elem_type();
  return is_written(type) ? std::optional(type) : std::nullopt;
}

const onnx::NodeProto* Source::maker(const std::string& tensor) const {
  const auto found = makers_.find(tensor);
  return found == makers_.end() ? nullptr : found->second;
}

bool Source::is_constant(const std::string& tensor) const {
  const auto found = values_.find(tensor);
  if (found != values_.end()) return network_->is_weight(found->second);
  return initializers_.count(tensor) > 0;
}

const importing::Shape* Source::shape_of(const std::string& tensor) const {
  const auto found = values_.find(tensor);
  return found == values_.end() ? nullptr : &network_->value(found->second).shape;
}

const importing::Constant* Source::numbers(const std::string& tensor) const {
  const auto found = values_.find(tensor);
  return found == values_.end() ? nullptr : network_->constant(found->second);
}

std::vector<int> Source::output_types(const std::string& tensor, const std::vector<int>& input_types) const {
  const auto value = values_.find(tensor);
  std::vector<int> types;
  for (const importing::Node& node : network_->nodes) {
    const bool writes = value != values_.end() &&
                        std::find(node.outputs.begin(), node.outputs.end(), value->second) != node.outputs.end();
    if (!writes) continue;
    try {
      importing::infer_shapes(*network_, node, input_types, types);
    } catch (const Error&) {
      types.clear();  // its shapes are stated, not derived
    }
    return types;
  }
  return types;
}

const importing::Constant* Source::folded(const std::string& tensor) const {
  constexpr std::size_t kMost = 64;
  if (maker(tensor) == nullptr) return nullptr;
  const importing::Constant* known = numbers(tensor);
  const bool is_few = known != nullptr && !known->is_real && known->size() <= kMost;
  return is_few && type_of(tensor, 0) == onnx::TensorProto::INT64 ? known : nullptr;
}

bool Source::collect(const std::string& tensor, std::set<std::string>& seen, Kept& kept, int depth) {
  if (tensor.empty() || !seen.insert(tensor).second) return true;
  if (depth > kDeepest || seen.size() > kDeepest) return false;
  const auto stored = initializers_.find(tensor);
  if (stored != initializers_.end()) return is_written(stored->second->data_type());
  if (folded(tensor) != nullptr) return true;
  const onnx::NodeProto* node = maker(tensor);
  if (node == nullptr) return inputs_.count(tensor) > 0 && is_constant(tensor);
  const bool means_the_same = (opset_ >= kOldestCopied && opset_ <= kNewestCopied) || is_old(node->op_type());
  if (!is_default_domain(*node) || !means_the_same) return false;
  for (const onnx::AttributeProto& given : node->attribute()) {
    if (given.has_g() || given.graphs_size() > 0) return false;
  }
  for (const std::string& input : node->input()) {
    if (!collect(input, seen, kept, depth + 1)) return false;
  }
  kept.nodes.push_back(node);
  return true;
}

void Source::hand_out(const std::string& tensor, Kept& kept) {
  const auto stored = initializers_.find(tensor);
  if (stored == initializers_.end()) {
    if (maker(tensor) == nullptr && inputs_.count(tensor) > 0) kept.inputs.push_back(*inputs_.at(tensor));
    const importing::Constant* sizes = folded(tensor);
    if (sizes == nullptr || !handed_out_.insert(tensor).second) return;
    onnx::TensorProto numbers;
    numbers.set_name(tensor);
    numbers.set_data_type(onnx::TensorProto::INT64);
    for (const std::int64_t size : sizes->shape) numbers.add_dims(size);
    for (const std::int64_t number : sizes->whole) numbers.add_int64_data(number);
    kept.stored.push_back(std::move(numbers));
    return;
  }
  if (!handed_out_.insert(tensor).second) return;
  onnx::TensorProto numbers = std::move(*stored->second);
  // What the file itself asks later is type and shape.
  stored->second->set_data_type(numbers.data_type());
  *stored->second->mutable_dims() = numbers.dims();
  numbers.set_name(tensor);
  if (maker(tensor) != nullptr) kept.in_text.insert(tensor);
  if (numbers.data_location() == onnx::TensorProto::EXTERNAL) importing::load_external(numbers, path_);
  kept.stored.push_back(std::move(numbers));
}

int Source::type_of(const std::string& tensor, int depth) const {
  const auto stored = initializers_.find(tensor);
  if (stored != initializers_.end()) return stored->second->data_type();
  const onnx::NodeProto* node = maker(tensor);
  if (node == nullptr || node->input_size() == 0 || depth > kDeepest) return input_type(tensor).value_or(0);
  const std::string& type = node->op_type();
  if (type == "Cast") return static_cast<int>(importing::integer(*node, "to", 0));
  if (type == "Shape" || type == "Size" || type == "NonZero") return onnx::TensorProto::INT64;
  if (type == "DequantizeLinear") return type_of(node->input(1), depth + 1);
  if (type == "Equal" || type == "Less" || type == "Greater" || type == "Not" || type == "And" || type == "Or" ||
      type == "LessOrEqual" || type == "GreaterOrEqual") {
    return onnx::TensorProto::BOOL;
  }
  if (type == "ConstantOfShape") {
    const onnx::AttributeProto* value = importing::find_attribute(*node, "value");
    return value == nullptr ? onnx::TensorProto::FLOAT : value->t().data_type();
  }
  return type_of(node->input(type == "Where" ? 1 : 0), depth + 1);
}

// By what multiplies with the matrix.
std::optional<bool> Source::is_turned(const std::string& tensor) const {
  const auto [begin, end] = readers_.equal_range(tensor);
  for (auto reader = begin; reader != end; ++reader) {
    const auto& [node, position] = reader->second;
    const std::string& type = node->op_type();
    if (type == "MatMul" || type == "QLinearMatMul" || type == "MatMulInteger") return true;
    if (type == "Gemm" || type == "QGemm") return importing::integer(*node, "transB", 0) == 0;
    if (type == "LSTM" || type == "GRU" || type == "RNN") return false;
    if ((type == "DequantizeLinear" || type == "Identity" || type == "Cast") && position == 0) {
      return is_turned(node->output(0));
    }
  }
  return std::nullopt;
}

void Source::find_scale(const std::string& tensor, Kept& kept) {
  const auto [begin, end] = readers_.equal_range(tensor);
  for (auto reader = begin; reader != end; ++reader) {
    const auto& [node, position] = reader->second;
    const std::string& type = node->op_type();
    int scale = 0;
    if (type == "DequantizeLinear" && position == 0) scale = 1;
    if ((type == "QLinearConv" || type == "QLinearMatMul") && position == 3) scale = 4;
    if (scale == 0 || scale >= node->input_size()) continue;
    const auto is_there = [&](int at) { return at < node->input_size() && initializers_.count(node->input(at)) > 0; };
    // Scales of blocks came with operator set 21.
    if (!is_there(scale) || importing::integer(*node, "block_size", 0) != 0) continue;
    const onnx::TensorProto& scales = *initializers_.at(node->input(scale));
    if (scales.data_type() != onnx::TensorProto::FLOAT || scales.dims_size() > 1) continue;
    kept.scale = node->input(scale);
    hand_out(kept.scale, kept);
    if (is_there(scale + 1)) {
      kept.zero_point = node->input(scale + 1);
      hand_out(kept.zero_point, kept);
    }
    if (elements(scales) > 1) {
      const std::int64_t rank = static_cast<std::int64_t>(kept.shape.size());
      const std::int64_t usual = type == "QLinearConv" ? 0 : 1;
      const std::int64_t axis = importing::integer(*node, "axis", type == "QLinearMatMul" ? rank - 1 : usual);
      kept.axis = axis < 0 ? axis + rank : axis;
    }
    return;
  }
}

std::optional<Source::Kept> Source::keep(const Tensor& weight, bool is_matrix) {
  const auto [begin, end] = weights_.equal_range(weight.name);
  const bool same = std::any_of(begin, end, [&](const auto& entry) { return entry.second.first == weight.shape; });
  const auto value = values_.find(weight.name);
  if (!same || value == values_.end() || !network_->is_weight(value->second)) return std::nullopt;
  Kept kept;
  kept.name = weight.name;
  kept.shape = network_->value(value->second).shape;
  kept.type = type_of(weight.name, 0);
  if (is_matrix && kept.shape.size() == 2) {
    const std::optional<bool> turned = is_turned(weight.name);
    const Shape& wanted = weight.shape;
    const bool straight = kept.shape == wanted;
    const bool across = kept.shape == Shape{wanted[1], wanted[0]};
    if (!straight && !across) return std::nullopt;
    if (straight && across && !turned) return std::nullopt;
    kept.turned = straight && across ? *turned : across;
  } else if (!lies_alike(kept.shape, weight.shape)) {
    return std::nullopt;
  }
  std::set<std::string> seen;
  if (!is_written(kept.type) || !collect(weight.name, seen, kept, 0)) {
    // Few numbers are written as they are.
    const importing::Constant* known = numbers(weight.name);
    if (known == nullptr || !known->is_real || importing::element_count(known->shape).value_or(kSmall) >= kSmall) {
      return std::nullopt;
    }
    // What nobody trained is told by its being one number in the graph's text.
    const bool is_uniform = std::all_of(known->real.begin(), known->real.end(),
                                        [&](double number) { return number == known->real.front(); });
    if (weight.parameters() != weight.elements() && (weight.parameters() != 0 || !is_uniform)) return std::nullopt;
    if (weight.parameters() == 0) kept.in_text.insert(weight.name);
    kept.nodes.clear();
    onnx::TensorProto tensor;
    tensor.set_name(weight.name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : known->shape) tensor.add_dims(size);
    for (const double number : known->real) tensor.add_float_data(static_cast<float>(number));
    kept.type = onnx::TensorProto::FLOAT;
    kept.stored.push_back(std::move(tensor));
    return kept;
  }
  for (const std::string& name : seen) {
    const auto stored = initializers_.find(name);
    if (stored != initializers_.end() && handed_out_.count(name) == 0 && !has_numbers(*stored->second)) {
      return std::nullopt;
    }
  }
  for (const std::string& name : seen) hand_out(name, kept);
  const bool quantised =
      kept.nodes.empty() && (kept.type == onnx::TensorProto::INT8 || kept.type == onnx::TensorProto::UINT8);
  if (quantised) find_scale(weight.name, kept);
  return kept;
}

}  // namespace lanewise::network::exporting
