// SPDX-License-Identifier: Apache-2.0
// From one subgraph of a TensorFlow Lite file to ONNX's operators, which the rest of the importer understands.
//
// The format keeps images as [batch, height, width, channels]; here their channels stand second. A tensor of four
// dimensions therefore has up to two names: `plain`, with the axes as in the file, and `image`. Operators over images
// write the latter, and those that work element by element follow what they read. Where a tensor is needed in the form
// in which it was not written, a transpose that is marked as moving nothing stands between the two: in memory the
// numbers lie alike.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/network/onnx/attributes.hpp"
#include "core/network/tflite/file.hpp"

namespace lanewise::network::tflite {

using importing::attribute;
using Names = std::vector<std::string>;
using Attributes = std::vector<onnx::AttributeProto>;
using Axes = std::vector<std::int64_t>;

// Operator sets of ONNX that the emitted nodes are written for.
inline constexpr int kEmittedOpset = 17;

// What the subgraphs of a file share.
struct Whole {
  const File& file;
  onnx::GraphProto& graph;                            // of the network
  std::map<std::string, int> names = {};              // that are taken, of tensors and of nodes
  std::map<std::string, std::string> variables = {};  // by what a handle names: the tensor that holds its value now
  std::vector<std::string> assigned = {};             // variables that the network writes, in order
  std::vector<std::string> weight_inputs = {};        // constants whose numbers are not understood
  std::vector<std::string> untrained = {};            // numbers that the importer made
  std::size_t operators = 0;                          // that were translated, in all subgraphs together
  int depth = 0;                                      // subgraphs within each other
};

class Translator;

// One operator of the file, as the function that translates it sees it.
class Call {
 public:
  Call(Translator& translator, const schema::Operator& op, int number);

  const schema::Operator& op() const { return op_; }
  Translator& translator() const { return translator_; }
  // "operator 12 (CONV_2D)", for messages.
  std::string place() const;
  [[noreturn]] void fail(const std::string& message) const;

  // Numbers of tensors in the subgraph; fail where the operator has none there.
  std::int32_t index(std::size_t input) const;
  std::int32_t out_index(std::size_t output) const;
  std::size_t input_count() const;
  std::size_t output_count() const;
  bool has(std::size_t input) const;  // an optional input may be left out
  const schema::Tensor& in(std::size_t input) const;
  const schema::Tensor& out(std::size_t output = 0) const;
  Shape in_shape(std::size_t input) const;
  Shape out_shape(std::size_t output = 0) const;
  std::size_t rank(std::size_t input) const { return in_shape(input).size(); }
  bool is_constant(std::size_t input) const;
  // Whether every size is fixed: no dimension is left open by the file.
  bool is_static(const schema::Tensor& tensor) const;
  // Whole numbers that the file holds: sizes, axes.
  std::optional<std::vector<std::int64_t>> integers(std::size_t input) const;
  // Each lies within what sizes of tensors can be.
  std::vector<std::int64_t> known_integers(std::size_t input, const char* what) const;  // fails where it holds none
  // The axis counted from the front; fails outside the tensor.
  std::int64_t axis(std::int64_t given, std::size_t rank) const;
  // The options, or null.
  template <class Options>
  const Options* options() const {
    return op_.options_as<Options>();
  }

  // Names of inputs: with the axes of the file, or with the channels second.
  std::string plain(std::size_t input) const;
  std::string image(std::size_t input) const;
  // Whether the input was written as an image.
  bool is_image(std::size_t input) const;
  std::string operand(std::size_t input, bool as_image) const { return as_image ? image(input) : plain(input); }
  // A constant that is laid out for the operator: dimension i of what is read is dimension `order[i]` of the file's.
  std::string weight(std::size_t input, const Axes& order) const;

  // A node that writes the n-th output, plain or as an image, with the activation function that is fused into it.
  void finish(const std::string& type, const Names& inputs, const Attributes& attributes = {}, bool as_image = false,
              schema::Fused fused = schema::Fused::NONE, std::size_t output = 0) const;
  // The same for a node of several outputs.
  void finish_all(const std::string& type, const Names& inputs, const Attributes& attributes, bool as_image) const;
  // A node between others; the name of its output.
  std::string emit(const std::string& type, const Names& inputs, const Attributes& attributes = {}) const;
  Names emit_many(const std::string& type, const Names& inputs, std::size_t outputs,
                  const Attributes& attributes = {}) const;
  // Constants; they were not trained.
  std::string whole(const std::vector<std::int64_t>& values) const;  // one dimension
  std::string number(double value) const;                            // a scalar
  std::string numbers(const std::vector<float>& values, const Shape& shape) const;
  // The n-th output is a tensor that is there already.
  void forward(const std::string& name, bool as_image = false, std::size_t output = 0) const;
  // An operator that nothing is known of, with the shapes that the file gives its outputs.
  void finish_unknown(const std::string& type, const Names& inputs) const;
  // The name of the first output, which what stands for the operator is named by.
  std::string emit_name() const;
  // The output is a handle that names a variable, and the variable that an input's handle names.
  void bind_handle(const std::string& variable) const;
  std::string handle(std::size_t input) const;

 private:
  Translator& translator_;
  const schema::Operator& op_;
  int number_;
};

class Translator {
 public:
  // `graph` receives the nodes; `prefix` stands before the names of a subgraph that another one calls.
  Translator(Whole& whole, const schema::SubGraph& subgraph, onnx::GraphProto& graph, const std::string& prefix);

  Whole& shared() { return whole_; }
  const File& file() const { return whole_.file; }
  const schema::SubGraph& subgraph() const { return subgraph_; }
  onnx::GraphProto& graph() { return graph_; }

  // The subgraph's inputs are graph inputs.
  void declare_inputs();
  // The subgraph's inputs are tensors that are there already, with the axes of the file.
  void bind_inputs(const Names& names, const std::string& asker);
  void add_operators();
  // Names of the subgraph's outputs: as they were written for the network, with the axes of the file for a caller.
  Names outputs(bool plain);
  void declare_outputs();

  const schema::Tensor& tensor(std::int32_t index) const;
  bool is_constant(std::int32_t index) const;
  std::string plain(std::int32_t index, const std::string& reader);
  std::string image(std::int32_t index, const std::string& reader);
  bool is_image(std::int32_t index) const;
  std::string weight(std::int32_t index, const Axes& order);
  // The name that an operator is about to write.
  std::string write(std::int32_t index, bool as_image, const std::string& writer);
  void forward(std::int32_t index, const std::string& name, bool as_image, const std::string& writer);
  // A constant behind operators that only convert it stands for what they write.
  void alias(std::int32_t made, std::int32_t from) { aliases_[made] = resolved(from); }
  std::int32_t resolved(std::int32_t index) const;
  std::string add_node(const std::string& name, const std::string& type, const Names& inputs, const Names& outputs,
                       const Attributes& attributes, const std::string& domain = "");
  std::string fresh(const std::string& base);
  std::string add_initializer(const std::string& base, onnx::TensorProto tensor);
  std::string tensor_name(std::int32_t index) const;
  void annotate(const std::string& name, const schema::Tensor& tensor);
  // A tensor that one run of the network leaves to the next: an input more.
  std::string add_state(const std::string& base, const Shape& shape);
  // The shape of a tensor of a node whose rules do not give it.
  void state_shape(const std::string& name, const Shape& shape, int element_type);
  std::map<std::int32_t, std::string>& handles() { return handles_; }

 private:
  Whole& whole_;
  const schema::SubGraph& subgraph_;
  onnx::GraphProto& graph_;
  std::string prefix_;
  std::map<std::int32_t, std::string> plain_, image_;  // of tensors that were written
  std::map<std::int32_t, bool> written_as_image_;
  std::map<std::int32_t, std::int32_t> aliases_;
  std::map<std::pair<std::int32_t, Axes>, std::string> weights_;
  std::map<std::int32_t, std::string> handles_;  // variables by the tensor that names them

  std::set<std::int32_t> find_image_inputs() const;
  void declare_type(onnx::ValueInfoProto& info, const schema::Tensor& tensor, bool as_image) const;
};

// The order of an image's axes in the file, by its axes here, and the other way round.
inline const Axes kToImage = {0, 3, 1, 2};
inline const Axes kToPlain = {0, 2, 3, 1};
// Lists of tensors' numbers, which a table may lack.
inline std::size_t list_size(const flatbuffers::Vector<std::int32_t>* list) {
  return list == nullptr ? 0 : list->size();
}
// -1 behind the end: what is left out.
inline std::int32_t list_entry(const flatbuffers::Vector<std::int32_t>* list, std::size_t at) {
  if (list == nullptr || at >= list->size()) return -1;
  return list->Get(static_cast<flatbuffers::uoffset_t>(at));
}

// Where an axis of the file stands in an image.
std::int64_t image_axis(std::int64_t axis);

// ONNX's type for the elements of a tensor that is no quantised one; indices and sizes are 64 bits wide.
int element_type(schema::TensorType type);

// A tensor of the file as an initializer: its dimension i is dimension order[i] of the file's. Numbers of 16 and 4 bits
// that stand for real ones become real; the others keep their type. Nothing where the file's numbers are stored in a
// way that is not understood.
std::optional<onnx::TensorProto> stored(const File& file, const schema::Tensor& tensor, const Axes& order);
// Whole numbers of a tensor; nothing for real ones.
std::optional<std::vector<std::int64_t>> whole_numbers(const File& file, const schema::Tensor& tensor);

}  // namespace lanewise::network::tflite
