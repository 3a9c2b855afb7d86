// SPDX-License-Identifier: Apache-2.0
// Sequences and optionals while importing: lists of tensors that are known by name, so that no operator on them is
// left.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

class Sequences {
 public:
  // What is known of a tensor by its name in the file; null where its numbers are not.
  using ShapeOf = std::function<const Shape&(const std::string&)>;
  using ConstantOf = std::function<const Constant*(const std::string&)>;

  // Those of the scope around are seen too, where there is one.
  explicit Sequences(std::shared_ptr<const Sequences> outer = nullptr) : outer_(std::move(outer)) {}

  // The names of a sequence's tensors; null where the name stands for no sequence.
  const std::vector<std::string>* find(const std::string& name) const;
  void add(const std::string& name, std::vector<std::string> tensors);

  // Whether the node makes, changes or reads a sequence or an optional: one of their operators, or an Identity of one.
  bool concerns(const onnx::NodeProto& node) const;
  // The plain nodes that stand for it, none where it only changes a list. Throws std::invalid_argument, saying why,
  // where its lists or positions are not known before the network runs.
  std::vector<onnx::NodeProto> resolve(const onnx::NodeProto& node, const ShapeOf& shape_of,
                                       const ConstantOf& constant_of);

 private:
  std::shared_ptr<const Sequences> outer_;
  std::map<std::string, std::vector<std::string>> lists_;
  std::size_t held_ = 0;  // names in all lists

  const std::vector<std::string>& list(const onnx::NodeProto& node, int input) const;
  std::vector<onnx::NodeProto> split(const onnx::NodeProto& node, const ShapeOf& shape_of,
                                     const ConstantOf& constant_of);
  std::vector<onnx::NodeProto> concatenate(const onnx::NodeProto& node) const;
};

}  // namespace lanewise::network::importing
