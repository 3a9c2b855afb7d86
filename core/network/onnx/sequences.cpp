// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/sequences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/network/onnx/attributes.hpp"

namespace lanewise::network::importing {

namespace {

constexpr std::int64_t kMostTensors = 4096;  // of one sequence that a tensor is split into
constexpr std::size_t kMostHeld = 1U << 20;  // by all sequences of a file together

onnx::NodeProto make_node(const onnx::NodeProto& from, const char* type, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
  onnx::NodeProto node;
  node.set_name(from.name());
  node.set_op_type(type);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  return node;
}

void set(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

// A place in a list of `size`, from the front; `size` itself too where something is put in.
std::size_t position(const onnx::NodeProto& node, int input, std::size_t size, bool inserts,
                     const Sequences::ConstantOf& constant_of) {
  const bool is_given = input < node.input_size() && !node.input(input).empty();
  const auto count = static_cast<std::int64_t>(size);
  std::int64_t at = inserts ? count : count - 1;
  if (is_given) {
    const Constant* known = constant_of(node.input(input));
    if (known == nullptr || known->size() != 1) {
      throw std::invalid_argument("its position is not known before the network runs");
    }
    at = known->as_whole(0);
  }
  if (at < -count || at >= count + (inserts ? 1 : 0)) {
    throw std::invalid_argument(fmt::format("position {} is outside a sequence of {} tensors", at, size));
  }
  return static_cast<std::size_t>(at < 0 ? at + count : at);
}

}  // namespace

bool Sequences::concerns(const onnx::NodeProto& node) const {
  static const std::set<std::string> types = {"ConcatFromSequence", "Optional",       "OptionalGetElement",
                                              "OptionalHasElement", "SequenceAt",     "SequenceConstruct",
                                              "SequenceEmpty",      "SequenceErase",  "SequenceInsert",
                                              "SequenceLength",     "SplitToSequence"};
  return types.count(node.op_type()) > 0 ||
         (node.op_type() == "Identity" && node.input_size() == 1 && find(node.input(0)) != nullptr);
}

const std::vector<std::string>* Sequences::find(const std::string& name) const {
  const auto found = lists_.find(name);
  if (found != lists_.end()) return &found->second;
  return outer_ == nullptr ? nullptr : outer_->find(name);
}

void Sequences::add(const std::string& name, std::vector<std::string> tensors) {
  held_ += tensors.size();
  if (held_ > kMostHeld) throw std::invalid_argument(fmt::format("sequences of over {} tensors in all", kMostHeld));
  if (!lists_.emplace(name, std::move(tensors)).second) {
    throw std::invalid_argument(fmt::format("sequence '{}' is made twice", name));
  }
}

const std::vector<std::string>& Sequences::list(const onnx::NodeProto& node, int input) const {
  const std::vector<std::string>* found = input < node.input_size() ? find(node.input(input)) : nullptr;
  if (found == nullptr) {
    throw std::invalid_argument(
        fmt::format("its input {} is no sequence that is known before the network runs", input));
  }
  return *found;
}

std::vector<onnx::NodeProto> Sequences::resolve(const onnx::NodeProto& node, const ShapeOf& shape_of,
                                                const ConstantOf& constant_of) {
  const std::string& type = node.op_type();
  if (node.output_size() != 1) throw std::invalid_argument("does not have one output");
  if (type == "SplitToSequence") return split(node, shape_of, constant_of);
  if (type == "ConcatFromSequence") return concatenate(node);
  const auto constant = [&](std::int64_t value) {
    onnx::NodeProto result = make_node(node, "Constant", {}, {node.output(0)});
    set(result, "value_int", value);
    return std::vector<onnx::NodeProto>{result};
  };
  if (type == "SequenceLength") return constant(static_cast<std::int64_t>(list(node, 0).size()));
  if (type == "OptionalHasElement") return constant(node.input_size() > 0 && !node.input(0).empty() ? 1 : 0);
  if (type == "SequenceAt") {
    const std::vector<std::string>& tensors = list(node, 0);
    return {make_node(node, "Identity", {tensors[position(node, 1, tensors.size(), false, constant_of)]},
                      {node.output(0)})};
  }
  if (type == "Identity" || type == "Optional" || type == "OptionalGetElement") {
    if (node.input_size() == 0) throw std::invalid_argument("holds nothing");
    if (find(node.input(0)) == nullptr) return {make_node(node, "Identity", {node.input(0)}, {node.output(0)})};
    add(node.output(0), list(node, 0));
    return {};
  }
  std::vector<std::string> tensors;
  if (type == "SequenceConstruct") tensors.assign(node.input().begin(), node.input().end());
  if (type == "SequenceInsert" || type == "SequenceErase") tensors = list(node, 0);
  if (type == "SequenceInsert") {
    const std::size_t at = position(node, 2, tensors.size(), true, constant_of);
    tensors.insert(tensors.begin() + static_cast<std::ptrdiff_t>(at), node.input(1));
  }
  if (type == "SequenceErase") {
    const std::size_t at = position(node, 1, tensors.size(), false, constant_of);
    tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (const std::string& name : tensors) shape_of(name);  // each must be there
  add(node.output(0), std::move(tensors));
  return {};
}

// By parts of one size, by the sizes that are listed, or one by one, then without the axis unless the file keeps it.
std::vector<onnx::NodeProto> Sequences::split(const onnx::NodeProto& node, const ShapeOf& shape_of,
                                              const ConstantOf& constant_of) {
  const Shape& shape = shape_of(node.input(0));
  const auto rank = static_cast<std::int64_t>(shape.size());
  std::int64_t axis = integer(node, "axis", 0);
  if (axis < -rank || axis >= rank) {
    throw std::invalid_argument(fmt::format("axis {} is outside a tensor of {} dimensions", axis, rank));
  }
  if (axis < 0) axis += rank;
  const std::int64_t size = shape[static_cast<std::size_t>(axis)];
  const bool is_given = node.input_size() > 1 && !node.input(1).empty();
  std::vector<std::int64_t> sizes;
  std::int64_t part = 1;
  if (is_given) {
    const Constant* known = constant_of(node.input(1));
    if (known == nullptr) throw std::invalid_argument("its parts are not known before the network runs");
    if (known->shape.empty()) {
      part = known->as_whole(0);
    } else {
      sizes = known->all_whole();
    }
  }
  if (sizes.empty()) {
    if (part < 1 || size / part >= kMostTensors) {
      throw std::invalid_argument(
          fmt::format("parts of {} elements of {}; at most {} parts are supported", part, size, kMostTensors));
    }
    for (std::int64_t done = 0; done < size; done += part) sizes.push_back(std::min(part, size - done));
  }
  const bool drops = !is_given && integer(node, "keepdims", 1) == 0;
  std::vector<std::string> parts, names;
  std::vector<onnx::NodeProto> result(1);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    names.push_back(fmt::format("{}/{}", node.output(0), i));
    parts.push_back(drops ? names.back() + "/kept" : names.back());
    if (!drops) continue;
    onnx::NodeProto squeeze = make_node(node, "Squeeze", {parts.back()}, {names.back()});
    set(squeeze, "axes", std::vector<std::int64_t>{axis});
    result.push_back(std::move(squeeze));
  }
  result[0] = make_node(node, "Split", {node.input(0)}, parts);
  set(result[0], "axis", axis);
  set(result[0], "split", sizes);
  add(node.output(0), std::move(names));
  if (sizes.empty()) result.clear();
  return result;
}

std::vector<onnx::NodeProto> Sequences::concatenate(const onnx::NodeProto& node) const {
  std::vector<std::string> tensors = list(node, 0);
  if (tensors.empty()) throw std::invalid_argument("joins a sequence of no tensors");
  const std::int64_t axis = integer(node, "axis", 0);
  std::vector<onnx::NodeProto> result;
  if (integer(node, "new_axis", 0) != 0) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::string wide = fmt::format("{}/{}", node.output(0), i);
      onnx::NodeProto unsqueeze = make_node(node, "Unsqueeze", {tensors[i]}, {wide});
      set(unsqueeze, "axes", std::vector<std::int64_t>{axis});
      result.push_back(std::move(unsqueeze));
      tensors[i] = wide;
    }
  }
  result.push_back(make_node(node, "Concat", tensors, {node.output(0)}));
  set(result.back(), "axis", axis);
  return result;
}

}  // namespace lanewise::network::importing
