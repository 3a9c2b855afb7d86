// SPDX-License-Identifier: Apache-2.0
// What a shape rule may ask of one node, and where it leaves its answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Everything that is asked for and missing or impossible throws Error in one line that names the node.
class Query {
 public:
  // `input_types` are the element types of the node's inputs, 0 where one is absent.
  Query(const Network& network, const Node& node, const std::vector<int>& input_types);

  int opset() const { return node_.opset; }  // of the default domain, where the node stands
  const std::string& type() const { return node_.type; }
  std::size_t inputs() const { return node_.inputs.size(); }
  std::size_t outputs() const { return shapes.size(); }
  [[noreturn]] void fail(const std::string& message) const { importing::fail(network_, node_, message); }
  void require(bool holds, const char* rule) const;

  bool has(std::size_t n) const { return n < node_.inputs.size() && node_.inputs[n] != kNone; }
  const Shape& shape(std::size_t n) const;
  std::size_t rank(std::size_t n) const { return shape(n).size(); }
  int element_type(std::size_t n) const { return has(n) ? input_types_[n] : 0; }
  // The shape of input n, which must have between `least` and `most` dimensions.
  const Shape& ranked(std::size_t n, std::size_t least, std::size_t most) const;

  bool has_attribute(const char* name) const;
  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  std::vector<std::int64_t> integers(const char* name) const;
  double real(const char* name, double otherwise) const;
  std::vector<double> reals(const char* name) const;
  std::string text(const char* name, const char* otherwise) const;
  // The number format of a tensor that an attribute holds.
  int tensor_type(const char* name, int otherwise) const;
  // The axis counted from the front, of a tensor of `rank` dimensions.
  std::size_t axis(std::int64_t given, std::size_t rank) const;
  // The same for several, none of which may stand twice.
  std::vector<std::size_t> axes(const std::vector<std::int64_t>& given, std::size_t rank) const;

  // The constant that input n is; null where it is absent or not known before the network runs.
  const Constant* constant(std::size_t n) const;
  std::optional<std::vector<std::int64_t>> numbers(std::size_t n) const;
  std::optional<std::int64_t> number(std::size_t n) const;  // fails where the constant has not one element
  // Numbers that stand in an attribute in older operator sets and in an input in newer ones.
  struct Argument {
    bool is_given = false;  // by the one or the other
    bool is_known = false;  // and its value is there before the network runs
    std::vector<std::int64_t> values;
  };
  Argument argument(const char* attribute, std::size_t input) const;

  // Sums and products of sizes; fail where they leave 64 bits.
  std::int64_t plus(std::int64_t a, std::int64_t b) const;
  std::int64_t times(std::int64_t a, std::int64_t b) const;
  // The shape that both broadcast to.
  Shape broadcast(const Shape& a, const Shape& b) const;

  // Answers. An output that the node does not have is passed over.
  void give(std::size_t output, Shape shape, int element_type);
  void give_type(std::size_t output, int element_type);

  std::vector<std::optional<Shape>> shapes;  // of the outputs; nothing where a shape depends on data
  std::vector<int> types;

 private:
  const Network& network_;
  const Node& node_;
  const std::vector<int>& input_types_;
};

// The rule of operators whose first output has the shape and type of their first input.
void same(Query& query);

}  // namespace lanewise::network::importing
