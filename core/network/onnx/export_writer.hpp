// SPDX-License-Identifier: Apache-2.0
// An ONNX model under construction: names, constants, weights, and number forms, which a Graph does not keep.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/export_source.hpp"

namespace lanewise::network::exporting {

using importing::attribute;
using importing::Shape;
using Names = std::vector<std::string>;
using Attributes = std::vector<onnx::AttributeProto>;

// The operator set that is written, the newest that ONNX 1.12 and the tools of its time read.
inline constexpr int kOpset = 17;

// What a tensor's elements are.
enum class Form { kReal, kWhole, kTruth };

// Declares a tensor of this element type and shape.
void set_type(onnx::ValueInfoProto& info, int type, const Shape& shape);

class Writer {
 public:
  // Numbers of weights by tensor, row-major.
  using Numbers = std::map<TensorId, std::vector<float>>;
  // `source` is the file that the graph came from, or null. `numbers` must outlive the writer. Throws Error for numbers
  // that do not fit their weight.
  Writer(const Graph& graph, Source* source, const Numbers& numbers);

  const Graph& graph() const { return graph_; }
  const Shape& shape(TensorId id) const { return graph_.tensor(id).shape; }
  // Throws Error naming the operator and the rule.
  [[noreturn]] void fail(const Operator& op, const std::string& rule) const;

  Form form(TensorId id);
  // The name of the tensor with elements of this form, which a cast gives where it has another.
  std::string read(TensorId id, Form as);
  std::string read(TensorId id) { return read(id, Form::kReal); }
  // A weight under another shape of as many elements.
  std::string read_as(TensorId weight, const Shape& shape);
  // A matrix of the graph, [outputs, inputs], and whether the file has it turned: [inputs, outputs].
  std::pair<std::string, bool> read_matrix(TensorId weight);
  // The same, turned to [inputs, outputs] where it is not yet.
  std::string read_turned_matrix(TensorId weight);

  // Constants; equal ones are stored once.
  std::string whole(const std::vector<std::int64_t>& values);  // one dimension
  std::string real(double value);                              // a scalar
  std::string reals(std::int64_t count, double value);         // one dimension, all equal

  // A node between others. Returns the name of its output.
  std::string emit(const Operator& op, const std::string& type, const Names& inputs, const Attributes& attributes = {});
  // The node that writes the operator's outputs and has its name.
  onnx::NodeProto& finish(const Operator& op, const std::string& type, const Names& inputs,
                          const Attributes& attributes = {}, Form form = Form::kReal);
  // A node of the operator's name that writes another operator's outputs.
  void finish_as(const Operator& op, const Operator& last, const std::string& type, const Names& inputs,
                 const Attributes& attributes);
  // Two nodes in a row that are read as one operator of the first node's name; the second also reads `more`.
  void finish_by(const Operator& op, const std::string& first, const Names& inputs, const std::string& second,
                 const Names& more);
  // A node of the source whose inputs are already this file's names, of these element types; it gets the operator's
  // outputs. Fails where the elements of one of them have no form here.
  void copy_host(const Operator& op, onnx::NodeProto node, const std::vector<int>& input_types);
  // A constant as the source has it.
  std::string argument(const importing::Constant& constant);
  // An attribute of the operator as the source was read, patterns recognised; `usual` where it says none.
  double number(const Operator& op, const char* name, double usual) const;
  std::string text(const Operator& op, const char* name, const char* usual) const;
  // Whether what is written must compute what the network does: where its numbers are given.
  bool is_exact() const { return !numbers_.empty(); }
  // A node copied from the source: its inputs and outputs are already this file's names.
  void copy(onnx::NodeProto node);

  // The source's node that wrote the operator's first output, if it has this type (or any of these); null otherwise.
  const onnx::NodeProto* original(const Operator& op, const std::set<std::string>& types) const;
  // The attributes of these names that the source's node has.
  static void keep_attributes(const onnx::NodeProto* from, const std::set<std::string>& names, onnx::NodeProto& to);
  // Activations and weights of an operator together, in the order of the source's node of this type; where that is not
  // known, activations first, or weights first.
  std::vector<TensorId> operands(const Operator& op, const std::set<std::string>& types, bool weights_first = false);
  Source* source() const { return source_; }
  int type_of(Form form) const;
  // The operator's node is a Transpose that moves nothing: file.hpp.
  void mark_layout(const Operator& op) { layout_nodes_ += op.name + '\n'; }
  // Two operators that one node stands for: the second is written with the first.
  void write_with(const Operator& second) { written_.insert(second.name); }
  bool is_written(const Operator& op) const { return written_.count(op.name) > 0; }

  // The model, once every operator is written; the writer is spent. `kept` and `stripped` count weights.
  onnx::ModelProto take();
  std::size_t given() const { return given_; }
  std::size_t kept() const { return kept_; }
  std::size_t stripped() const { return stripped_.size(); }

 private:
  struct Stored {
    std::string name;
    Form form = Form::kReal;
    bool turned = false;
  };

  const Graph& graph_;
  Source* source_;
  onnx::ModelProto model_;
  int real_type_ = onnx::TensorProto::FLOAT;
  Names names_;                     // by tensor
  std::vector<Form> forms_;         // by tensor, of activations
  std::vector<bool> wide_readers_;  // by weight: a matrix that something of more than two dimensions is multiplied with
  std::vector<bool> other_readers_;  // by weight: read by something else than fully connected layers
  std::set<std::string> used_;       // names of tensors and nodes
  std::set<std::string> written_;    // operators that the node of another stands for
  std::map<TensorId, Stored> stored_;
  std::map<std::pair<std::string, std::string>, std::string> derived_;  // (tensor, what became of it) -> name
  std::vector<std::pair<std::string, onnx::ValueInfoProto>> stripped_;
  const Numbers& numbers_;
  std::size_t given_ = 0;
  std::string untrained_;     // names of initializers, one a line
  std::string layout_nodes_;  // names of nodes, one a line
  std::size_t kept_ = 0;

  std::string fresh(const std::string& base);
  void name_tensors();
  void find_readers();
  void declare_inputs();
  void declare_outputs();
  void declare_shapes();
  void declare_precisions();
  onnx::GraphProto& file() { return *model_.mutable_graph(); }
  onnx::NodeProto& add_node(const std::string& name, const std::string& type, const Names& inputs, const Names& outputs,
                            const Attributes& attributes);
  std::string add_constant(const std::string& key, onnx::TensorProto tensor);
  // Once per tensor, input and way: what a node makes of a tensor.
  std::string derive(const std::string& from, const std::string& what, const std::string& type, const Names& more,
                     const Attributes& attributes);
  const Stored& stored(TensorId id);
  Stored store(TensorId id);
  void check_numbers() const;
  Stored give(TensorId id, const std::vector<float>& numbers);
  const importing::Node* canonical(const Operator& op) const;
  Stored keep(TensorId id, Source::Kept kept);
  void take_shape(const Tensor& weight, const Shape& wanted, Source::Kept& kept) const;
  Stored strip(TensorId id);
  std::string add_stripped(const std::string& name, const Shape& shape);
  // Numbers that nobody trained.
  std::string table(const std::string& name, const Shape& shape);
};

}  // namespace lanewise::network::exporting
