// SPDX-License-Identifier: Apache-2.0
// Sizes and values that a person gives, and tensors that have no elements.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.hpp"
#include "core/network/onnx/given_value.hpp"
#include "core/network/onnx/resolver.hpp"
#include "core/network/onnx/size_expression.hpp"

namespace lanewise::network::importing {

namespace {

using Sizes = std::vector<std::pair<std::string, std::int64_t>>;

std::optional<std::int64_t> find_size(const Sizes& sizes, const std::string& name) {
  for (const auto& [known, size] : sizes) {
    if (known == name) return size;
  }
  return std::nullopt;
}

constexpr std::size_t kListed = 24;  // names that a message lists

std::string list_of(const std::vector<std::string>& names) {
  std::vector<std::string> shown(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kListed)));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (names.size() > kListed) text += fmt::format(" and {} more", names.size() - kListed);
  return text;
}

// Whether the text is a sum or product of names, one of which is this one.
bool uses_name(const std::string& text, const std::string& name) {
  bool found = false;
  evaluate_size(text, [&](const std::string& word) -> std::optional<std::int64_t> {
    found = found || word == name;
    return 1;
  });
  return found;
}

// What --dim may set: the names that the file gives to sizes, then every dimension by input and axis.
struct SizeNames {
  std::vector<std::string> symbols, places;

  // Weights have the sizes that they were trained in.
  SizeNames(const onnx::GraphProto& graph, const std::set<std::string>& weights) {
    for (const onnx::ValueInfoProto& input : graph.input()) {
      if (weights.count(input.name()) > 0) continue;
      const auto& shape = input.type().tensor_type().shape();
      for (int i = 0; i < shape.dim_size(); ++i) {
        const std::string& symbol = shape.dim(i).dim_param();
        places.push_back(fmt::format("{}.{}", input.name(), i));
        if (!symbol.empty() && !has(symbols, symbol)) symbols.push_back(symbol);
      }
    }
  }

  static bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  bool knows(const std::string& name) const {
    if (has(symbols, name) || has(places, name)) return true;
    return std::any_of(symbols.begin(), symbols.end(),
                       [&](const std::string& symbol) { return uses_name(symbol, name); });
  }
};

}  // namespace

const std::string* Resolver::given_value(const std::string& input) const {
  for (const auto& [name, value] : options_.inputs) {
    if (name == input) return &value;
  }
  return nullptr;
}

std::optional<std::int64_t> Resolver::given_size(const std::string& input, int axis,
                                                 const onnx::TensorShapeProto::Dimension& dimension) const {
  if (options_.dims.empty()) return std::nullopt;
  if (const auto size = find_size(options_.dims, fmt::format("{}.{}", input, axis))) return size;
  const std::string& symbol = dimension.dim_param();
  if (symbol.empty()) return std::nullopt;
  if (const auto size = find_size(options_.dims, symbol)) return size;
  return evaluate_size(symbol, [&](const std::string& name) { return find_size(options_.dims, name); });
}

void Resolver::check_given(const onnx::GraphProto& graph, const std::set<std::string>& weights) const {
  const SizeNames names(graph, weights);
  for (const auto& [name, size] : options_.dims) {
    constexpr std::int64_t kLargestSize = std::int64_t{1} << 31;
    if (size < 0 || size > kLargestSize) {
      fail_at(fmt::format("--dim {}={}: a size must be between 0 and {}", name, size, kLargestSize));
    }
    if (names.knows(name)) continue;
    if (names.symbols.empty()) {
      fail_at(fmt::format("--dim {}: the inputs have no such dimension; every one is fixed, and goes by INPUT.AXIS: {}",
                          name, list_of(names.places)));
    }
    fail_at(fmt::format("--dim {}: the inputs have no such dimension; they name {}, and any goes by INPUT.AXIS: {}",
                        name, list_of(names.symbols), list_of(names.places)));
  }
  std::vector<std::string> inputs, data;
  for (const onnx::ValueInfoProto& input : graph.input()) {
    inputs.push_back(input.name());
    if (weights.count(input.name()) == 0) data.push_back(input.name());
  }
  for (const auto& [name, value] : options_.inputs) {
    if (std::find(inputs.begin(), inputs.end(), name) != inputs.end()) continue;
    fail_at(fmt::format("--input {}: is no input; the inputs are {}", name, list_of(data)));
  }
}

bool Resolver::add_given(const onnx::ValueInfoProto& input) {
  const std::string* text = given_value(input.name());
  if (text == nullptr) return false;
  if (!input.type().has_tensor_type()) fail_at(fmt::format("input '{}' is not a tensor", input.name()));
  const onnx::TypeProto::Tensor& type = input.type().tensor_type();
  Shape shape;
  for (int i = 0; i < type.shape().dim_size(); ++i) {
    const auto& dimension = type.shape().dim(i);
    const std::int64_t stated = dimension.has_dim_value() ? dimension.dim_value() : kAnySize;
    shape.push_back(given_size(input.name(), i, dimension).value_or(stated));
  }
  if (!type.has_shape()) shape = {kAnySize};
  try {
    Constant value = parse_given_value(*text, type.elem_type(), shape);
    const ValueId id = add_value(input.name(), value.shape, TensorRole::kWeight);
    set_constant(id, std::move(value));
    bind(input.name(), id, type.elem_type());
  } catch (const Error& error) {
    fail_at(fmt::format("--input {}={}: {}", input.name(), *text, error.what()));
  }
  return true;
}

void Resolver::fail_unset_sizes() const {
  const UnsetSize& first = unset_sizes_.front();
  const auto key = [](const UnsetSize& size) {
    return size.symbol.empty() ? fmt::format("{}.{}", size.input, size.axis) : size.symbol;
  };
  std::vector<std::string> others;
  for (const UnsetSize& size : unset_sizes_) {
    if (key(size) != key(first) && !SizeNames::has(others, key(size))) others.push_back(key(size));
  }
  const std::string symbol = first.symbol.empty() ? "" : fmt::format(" ('{}')", first.symbol);
  const std::string more = others.empty() ? "" : fmt::format("; not set either: {}", list_of(others));
  fail_at(fmt::format("input '{}': dimension {}{} is not fixed; set it with --dim {}=N{}", first.input, first.axis,
                      symbol, key(first), more));
}

void Resolver::bind_empty(const std::string& name, const Shape& shape, int element_type) {
  Constant nothing;
  nothing.shape = shape;
  nothing.is_real = element_type != onnx::TensorProto::INT64 && element_type != onnx::TensorProto::INT32 &&
                    element_type != onnx::TensorProto::BOOL;
  const ValueId id = add_value(name, shape, TensorRole::kWeight);
  set_constant(id, std::move(nothing));
  bind(name, id, element_type);
}

bool Resolver::without_empty(Node& node, const std::vector<std::optional<Shape>>& shapes,
                             const std::vector<int>& types) {
  const auto is_empty = [](const std::optional<Shape>& shape) { return shape && element_count(*shape) == 0; };
  const bool writes_empty = std::any_of(shapes.begin(), shapes.end(), is_empty);
  const bool reads_empty = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&](ValueId id) { return id != kNone && is_empty(network_.value(id).shape); });
  if (!writes_empty && !reads_empty) return false;
  const onnx::NodeProto& proto = *node.proto;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!shapes[i] && !proto.output(static_cast<int>(i)).empty()) return false;  // the caller names what is not known
  }
  bool any_left = false;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    any_left = any_left || (!is_empty(shapes[i]) && !proto.output(static_cast<int>(i)).empty());
  }
  if (!any_left) {
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::string& name = proto.output(static_cast<int>(i));
      if (!name.empty()) bind_empty(name, *shapes[i], types[i]);
    }
    return true;
  }
  if (node.inputs.empty() || node.inputs[0] == kNone) return false;
  static const std::set<std::string> updates = {"Concat", "ScatterElements", "ScatterND", "Scatter"};
  if (reads_empty && updates.count(node.type) > 0) {
    node.inputs.erase(std::remove_if(node.inputs.begin(), node.inputs.end(),
                                     [&](ValueId id) { return id != kNone && is_empty(network_.value(id).shape); }),
                      node.inputs.end());
    const bool is_whole = !node.inputs.empty() && shapes[0] == network_.value(node.inputs[0]).shape;
    if (!is_whole) return false;
    bind(proto.output(0), node.inputs[0], types[0]);
    return true;
  }
  if (writes_empty) {
    // A split whose other parts hold everything; the converter passes over the outputs that are not there.
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      node.outputs.push_back(kNone);
      if (is_empty(shapes[i])) bind_empty(proto.output(static_cast<int>(i)), *shapes[i], types[i]);
    }
    const Shape& whole = network_.value(node.inputs.at(0)).shape;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::string& name = proto.output(static_cast<int>(i));
      if (is_empty(shapes[i]) || name.empty()) continue;
      if (shapes[i] != whole) {
        node.outputs.clear();
        fail(network_, node, fmt::format("beside its output '{}' others have no elements", name));
      }
      bind(name, node.inputs[0], types[i]);
    }
    return true;
  }
  if (is_empty(network_.value(node.inputs.at(0)).shape) || node.type == "MatMul" || node.type == "Gemm") {
    // A sum over nothing: known before the network runs.
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::string& name = proto.output(static_cast<int>(i));
      if (!name.empty()) bind(name, add_value(name, *shapes[i], TensorRole::kWeight), types[i]);
    }
    return true;
  }
  return false;
}

}  // namespace lanewise::network::importing
