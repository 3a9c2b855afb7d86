// SPDX-License-Identifier: Apache-2.0
// The walk over a file's nodes behind resolve_shapes: names and their scopes, constants, shapes, and what stands for
// several nodes (branches, functions, lowered operators).
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/network/import.hpp"
#include "core/network/onnx/lowering.hpp"
#include "core/network/onnx/network.hpp"
#include "core/network/onnx/sequences.hpp"

namespace lanewise::network::importing {

inline constexpr std::size_t kDeepestScope = 32;  // branches, loops and functions within each other

// Another batch for a file that fixes one: what the nodes looked like with the file's own.
struct BatchChange {
  struct Reading {
    std::vector<Shape> inputs;
    std::vector<std::int64_t> target;  // the shape that a Reshape, Expand or Resize states
    Shape output;
  };
  std::int64_t from = 0, to = 0;
  bool recording = true;
  std::unordered_map<std::string, Reading> readings = {};  // by node
};

class Resolver {
 public:
  // `is_supported` says which operator types the next step knows. `model` must outlive the network.
  // With `change` the nodes' shapes are recorded in it, or changed from what it has recorded.
  Resolver(const onnx::ModelProto& model, const std::string& path, const ImportOptions& options,
           const std::function<bool(const std::string&)>& is_supported, BatchChange* change = nullptr);
  // Once.
  Network run();

 private:
  // What a name in the file stands for: a value, in the number format that it has under this name.
  struct Binding {
    ValueId value = kNone;
    int element_type = 0;
  };

  // The names of the file's graph, of a branch, of a function's body, or of the nodes that an operator is lowered to.
  struct Scope {
    std::string prefix;             // of the names of its nodes and tensors
    bool sees_outer = true;         // names that it lacks are looked up in the scope around it; a function sees none
    int opset = 0;                  // of the default domain
    std::string lowered_from = {};  // the file's operator, where the nodes of this scope stand for one
    std::size_t first_value = 0;    // values from this one on were made in it; set by enter()
    std::shared_ptr<Sequences> sequences = std::make_shared<Sequences>();  // made anew by enter()
    std::unordered_map<std::string, Binding> bindings = {};
    std::unordered_map<std::string, const onnx::ValueInfoProto*> declared = {};
    std::map<std::string, Shape> stated = {};  // outputs of emitted nodes whose shapes their lowering gives
  };

  const onnx::ModelProto& model_;
  const ImportOptions& options_;
  const std::function<bool(const std::string&)>& is_supported_;
  Network network_;
  std::vector<Scope> scopes_;                         // the innermost last
  std::set<std::string> used_names_;                  // of nodes
  std::unordered_map<std::string, int> given_names_;  // and how many copies of each were asked for
  std::unordered_multimap<std::string, const onnx::FunctionProto*> functions_;
  std::map<std::pair<ValueId, Shape>, ValueId> repacked_;  // weights under another shape, by what they are read from
  std::unordered_map<std::string, Precision> annotated_;   // by tensor of the file's graph
  int node_number_ = 0;
  std::int64_t iterations_ = 0;  // of all loops
  BatchChange* change_;
  std::unordered_map<ValueId, std::int64_t> before_batch_;

  // A dimension of a graph input that nobody has fixed.
  struct UnsetSize {
    std::string input;
    int axis = 0;
    std::string symbol;  // "" where the file gives it no name
  };
  std::vector<UnsetSize> unset_sizes_;

  // What a loop repeats.
  struct Body {
    const onnx::GraphProto* graph = nullptr;
    std::vector<const onnx::NodeProto*> repeated;  // the nodes whose results differ from one iteration to the next
  };

  // --- resolver.cpp: names, values, nodes
  [[noreturn]] void fail_at(const std::string& message) const;
  ValueId add_value(const std::string& name, Shape shape, TensorRole role);
  void bind(const std::string& name, ValueId value, int element_type);
  const Binding* find_binding(const std::string& name) const;
  const Binding& binding(const std::string& name) const;  // of a name that lookup has found
  ValueId lookup(const std::string& name, const std::string& reader) const;
  void set_constant(ValueId id, Constant constant);
  void check_shape(const std::string& name, const Shape& shape) const;
  void add_nodes(const onnx::GraphProto& graph);
  void add_output(const std::string& name);
  std::string name_node(const onnx::NodeProto& node);
  // `name` is what the node goes by where it stands for another alone.
  void visit(const onnx::NodeProto& original, const std::string& name = "");
  void bind_constant(const std::string& name, Constant constant);
  void require_input(const Node& node) const;
  void add_shape(const Node& node);
  void add_quantization(const Node& node);
  bool is_alias(const Node& node) const;
  // What leaves the numbers as they are: the output is the input under another name.
  void add_alias(const Node& node);
  bool is_constant(const Node& node) const;
  void add_operator(Node& node);
  void inherit_precision(const Node& node, ValueId output);
  // What a folded constant was made from. Indices, shapes and scales beside the first input leave no numbers in it, and
  // no number outlives a comparison.
  void inherit_sources(const Node& node, ValueId output);
  bool add_evaluated(const Node& node, const std::vector<std::optional<Shape>>& shapes);
  std::vector<std::optional<Shape>> infer(const Node& node, std::vector<int>& types);
  std::optional<Shape> declared_shape(const std::string& name) const;
  std::vector<int> element_types(const Node& node) const;  // of its inputs, 0 where one is absent
  // --- resolver_inputs.cpp: what the file gives a value or a shape
  // Numbers that were trained, unlike indices and sizes.
  void mark_trained(ValueId id, int element_type);
  // A constant in the graph's text may hold weights too, but not where it says one number however often.
  void mark_trained_table(const std::string& name);
  void add_initializers(const onnx::GraphProto& graph);
  ValueId add_stored(const std::string& name, const onnx::TensorProto& tensor);
  void add_inputs(const onnx::GraphProto& graph);
  Shape input_shape(const onnx::ValueInfoProto& input, bool is_weight, const std::set<std::string>& batch_names);
  void add_constant(const Node& node);
  // --- resolver_given.cpp: sizes and values that a person gives
  const std::string* given_value(const std::string& input) const;
  std::optional<std::int64_t> given_size(const std::string& input, int axis,
                                         const onnx::TensorShapeProto::Dimension& dimension) const;
  // Fails for a name that the file does not have.
  void check_given(const onnx::GraphProto& graph, const std::set<std::string>& weights) const;
  // Whether the input has a value.
  bool add_given(const onnx::ValueInfoProto& input);
  [[noreturn]] void fail_unset_sizes() const;
  // A tensor without elements: a constant, since nothing is left to compute.
  void bind_empty(const std::string& name, const Shape& shape, int element_type);
  // Tensors without elements vanish from `node`. Whether nothing is left of it.
  bool without_empty(Node& node, const std::vector<std::optional<Shape>>& shapes, const std::vector<int>& types);
  // --- resolver_batch.cpp: another batch than the file fixes
  void record(const Node& node, const std::vector<std::optional<Shape>>& shapes);
  // The output of a node whose stated shape holds the old batch.
  std::optional<Shape> changed_shape(const Node& node) const;
  // How many numbers of its own an axis holds before each image of the batch that it was joined with: 197 where
  // [197, batch, 768] became [197 * batch, 768]; 1 where the batch comes first.
  std::int64_t before_batch(ValueId id) const;
  void follow_batch(const Node& node);
  // Constants beside tensors of the new batch are repeated.
  void repeat_constants(Node& node);
  // --- resolver_custom.cpp: operators that only a person knows
  const CustomOperator* find_custom(const onnx::NodeProto& node) const;
  void add_custom(Node& node, const CustomOperator& custom);
  Shape custom_shape(const Node& node, const CustomOperator& custom, std::size_t output) const;
  void shape_custom(Node& node, const CustomOperator& custom, const Shape& shape);
  [[noreturn]] void fail_unsupported(const Node& node) const;
  void list_unsupported(const onnx::GraphProto& graph, std::vector<std::string>& names) const;
  // --- resolver_expand.cpp: what stands for several nodes
  void enter(Scope scope);
  // What a branch yields that is a sequence: its tensors get names outside.
  void leave_sequence(const std::string& outer, const std::vector<Binding>& tensors, const Node& node);
  // Ends the innermost scope. Its `inner` names become the `outer` names of the scope around it, in turn; an outer name
  // that is empty is wanted by nobody, and one whose inner name is empty is made by nobody.
  void leave(const std::vector<std::string>& inner, const std::vector<std::string>& outer, const Node& node);
  // The same by what the outer names become.
  void close(const std::vector<Binding>& results, const std::vector<std::string>& outer);
  void add_branch(const Node& node);
  void add_sequence(const onnx::NodeProto& original);
  const onnx::FunctionProto* find_function(const onnx::NodeProto& node) const;
  void add_function(const Node& node, const onnx::FunctionProto& function);
  // Whether an emitted node's shape was given with it.
  const Shape* stated_shape(const onnx::NodeProto& node) const;
  void add_repacked(const Lowering::Weight& weight);
  // Whether the node was replaced by others: lowering.hpp.
  bool add_lowered(const Node& node);
  // --- resolver_loops.cpp: what is repeated
  void add_loop(const Node& node);
  void add_scan(const Node& node);
  Body open_body(const Node& node);
  std::vector<Binding> run_body(const Node& node, const Body& body, const std::vector<Binding>& inputs,
                                std::int64_t iteration);
  Binding constant_binding(const std::string& name, Constant constant);
  // The one number or truth value of an input that must be known.
  std::int64_t known_number(const Node& node, std::size_t input, const char* what) const;
  // A node that the importer makes, of operator set 11.
  Binding made(const Node& node, const std::string& what, const onnx::NodeProto& proto,
               const std::vector<Binding>& inputs);
  Binding taken(const Node& node, const Binding& from, std::int64_t axis, std::int64_t index);
  // Tensors of equal shape beside each other along a new axis. `element` is the shape of one where there is none.
  Binding stacked(const Node& node, const std::vector<Binding>& parts, std::int64_t axis, const std::string& element);
};

}  // namespace lanewise::network::importing
