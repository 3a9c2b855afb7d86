// SPDX-License-Identifier: Apache-2.0
// Operators that stand for several simpler ones: a table, one row per operator, and what a row is given to work with.
//
// A row sees the shapes and constants of the node's inputs and emits the nodes that take its place. They are visited in
// turn, as if the file had held them, so a row may emit operators that other rows lower. Rows stand in lowerings/, one
// file per group.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

class Lowering {
 public:
  using Attributes = std::vector<onnx::AttributeProto>;
  using Names = std::vector<std::string>;

  // Weights of another shape or precision than the file's tensor that they are read from: packed matrices, tables.
  struct Weight {
    std::string name;
    ValueId from = kNone;
    Shape shape;
    std::optional<Precision> precision;
    bool trained = true;
  };

  // `element_types` are ONNX's, of the node's inputs, 0 where one is absent; `declared` are the shapes that the file
  // gives the node's outputs.
  Lowering(const Network& network, const Node& node, std::vector<int> element_types,
           std::vector<std::optional<Shape>> declared);

  const onnx::NodeProto& proto() const { return *node_.proto; }
  int opset() const { return opset_; }
  // The operator set that the emitted nodes are written for; the node's own unless a row says otherwise.
  void use_opset(int version) { opset_ = version; }

  bool has(std::size_t input) const;
  // Fail where the input is absent.
  const std::string& input(std::size_t i) const;
  const Shape& shape(std::size_t i) const;
  int element_type(std::size_t i) const;
  const Constant* constant(std::size_t i) const;  // null where its numbers are not known
  bool is_weight(std::size_t i) const;
  bool wants(std::size_t output) const;  // whether the node names this output
  // As the rules have it, for an operator that has one; fails where it depends on data.
  Shape output_shape(std::size_t output) const;
  const std::optional<Shape>& declared(std::size_t output) const;
  [[noreturn]] void fail(const std::string& message) const;

  // Emits a node of the default domain (or `domain`) and returns the name of its output, or of its `outputs` outputs.
  std::string emit(const std::string& type, const Names& inputs, const Attributes& attributes = {});
  Names emit_many(const std::string& type, const Names& inputs, std::size_t outputs, const Attributes& attributes = {},
                  const std::string& domain = "");
  // Emits a node whose output's shape is stated here: an operator that only the converter knows, or that goes to the
  // host. It is lowered no further.
  std::string emit_stated(const std::string& type, const Names& inputs, const Shape& shape,
                          const Attributes& attributes = {});
  // A weight of this shape, read from the tensor of an input. Nodes that read the same tensor alike share one.
  std::string weight(std::size_t input, Shape shape, std::optional<Precision> precision = std::nullopt);
  // Numbers of this shape that were computed before the network runs and not trained: a mask, a table of angles.
  std::string table(Shape shape);
  // A constant for emitted nodes to read, which was not trained.
  std::string constant(Constant value);
  std::string integers(std::vector<std::int64_t> values);  // one dimension
  std::string number(double value);                        // a scalar

  // The node's n-th output is this emitted (or input) tensor. An output that is given none may be named, but not read.
  void set_result(std::size_t output, const std::string& name);

  // For the caller of the row.
  std::vector<Weight> take_weights() { return std::move(weights_); }
  std::map<std::string, Shape> take_stated() { return std::move(stated_); }
  std::vector<std::pair<std::string, Constant>> take_constants() { return std::move(constants_); }
  std::vector<onnx::NodeProto> take_nodes() { return std::move(nodes_); }
  const std::string& result(int output) const;  // "" where none was given

 private:
  const Network& network_;
  const Node& node_;
  std::vector<int> element_types_;
  std::vector<std::optional<Shape>> declared_;
  int opset_;
  int counter_ = 0;
  std::vector<std::pair<std::string, Constant>> constants_;
  std::vector<Weight> weights_;
  std::map<std::string, Shape> stated_;
  std::vector<onnx::NodeProto> nodes_;
  Names results_;

  std::string fresh(const std::string& what);
};

struct LoweringRow {
  std::string domain;  // "" is the default domain
  std::string type;
  // False: the node stays as it is, and nothing was emitted.
  bool (*lower)(Lowering& lowering);
};

// Every row, by domain and type.
std::vector<const LoweringRow*> all_lowerings();

// The row of an operator; null where the table has none.
const LoweringRow* find_lowering(const std::string& domain, const std::string& type);

}  // namespace lanewise::network::importing
