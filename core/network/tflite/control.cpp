// SPDX-License-Identifier: Apache-2.0
// Subgraphs that others call, and variables that outlive a run.
#include <fmt/format.h>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr int kMostDepth = 16;  // subgraphs within each other

class Deeper {
 public:
  explicit Deeper(const Call& call) : depth_(call.translator().shared().depth) {
    if (++depth_ > kMostDepth) call.fail(fmt::format("subgraphs call each other more than {} deep", kMostDepth));
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  int& depth_;
};

Names all_inputs(const Call& call, std::size_t first = 0) {
  Names names;
  for (std::size_t i = first; i < call.input_count(); ++i) names.push_back(call.plain(i));
  return names;
}

std::string prefix_of(const Call& call, const char* what) {
  return call.translator().fresh(fmt::format("{}/{}", call.emit_name(), what)) + "/";
}

// The subgraph's operators among those of `graph`; the names of its outputs.
Names write_out(const Call& call, std::int64_t number, onnx::GraphProto& graph, const std::string& prefix,
                const Names& inputs) {
  const Deeper deeper(call);
  Translator& outer = call.translator();
  Translator inner(outer.shared(), outer.file().subgraph(number, call.place()), graph, prefix);
  inner.bind_inputs(inputs, call.place());
  inner.add_operators();
  return inner.outputs(true);
}

void require_outputs(const Call& call, const Names& names) {
  if (names.size() < call.output_count()) {
    call.fail(fmt::format("has {} outputs, its subgraph {}", call.output_count(), names.size()));
  }
}

onnx::AttributeProto graph_attribute(const char* name, onnx::GraphProto graph) {
  onnx::AttributeProto result;
  result.set_name(name);
  result.set_type(onnx::AttributeProto::GRAPH);
  *result.mutable_g() = std::move(graph);
  return result;
}

}  // namespace

void call_subgraph(const Call& call) {
  const auto* options = call.options<schema::CallOptions>();
  if (options == nullptr) call.fail("does not say which subgraph it calls");
  const Names results =
      write_out(call, options->subgraph(), call.translator().graph(), prefix_of(call, "call"), all_inputs(call));
  require_outputs(call, results);
  for (std::size_t i = 0; i < call.output_count(); ++i) call.forward(results[i], false, i);
}

// What gives variables their first values runs before the network does.
void call_once(const Call&) {}

void branch(const Call& call) {
  const auto* options = call.options<schema::IfOptions>();
  if (options == nullptr) call.fail("does not say which subgraphs it chooses between");
  const Names inputs = all_inputs(call, 1);
  Attributes branches;
  for (const bool taken : {true, false}) {
    onnx::GraphProto graph;
    const char* name = taken ? "then" : "else";
    const std::int64_t number = taken ? options->then_subgraph() : options->else_subgraph();
    const Names results = write_out(call, number, graph, prefix_of(call, name), inputs);
    require_outputs(call, results);
    for (std::size_t i = 0; i < call.output_count(); ++i) graph.add_output()->set_name(local(call, graph, results[i]));
    branches.push_back(graph_attribute(taken ? "then_branch" : "else_branch", std::move(graph)));
  }
  call.finish_all("If", {call.plain(0)}, branches, false);
}

// A condition before the first run, and one more at the end of each.
void repeat_while(const Call& call) {
  const auto* options = call.options<schema::WhileOptions>();
  if (options == nullptr) call.fail("does not say which subgraphs it repeats");
  Translator& outer = call.translator();
  const Names start = all_inputs(call);
  const Names first = write_out(call, options->condition(), outer.graph(), prefix_of(call, "first"), start);
  if (first.empty()) call.fail("its condition has no output");
  onnx::GraphProto body;
  Names carried;
  body.add_input()->set_name(outer.fresh(call.emit_name() + "/iteration"));
  body.add_input()->set_name(outer.fresh(call.emit_name() + "/goes_on"));
  for (std::size_t i = 0; i < start.size(); ++i) {
    carried.push_back(outer.fresh(fmt::format("{}/carried_{}", call.emit_name(), i)));
    body.add_input()->set_name(carried.back());
  }
  const Names results = write_out(call, options->body(), body, prefix_of(call, "body"), carried);
  if (results.size() != start.size())
    call.fail(fmt::format("its body takes {} tensors and gives {}", start.size(), results.size()));
  const Names next = write_out(call, options->condition(), body, prefix_of(call, "next"), results);
  if (next.empty()) call.fail("its condition has no output");
  body.add_output()->set_name(local(call, body, next[0]));
  for (const std::string& result : results) body.add_output()->set_name(local(call, body, result));
  Names inputs = {"", first[0]};
  inputs.insert(inputs.end(), start.begin(), start.end());
  call.finish_all("Loop", inputs, {graph_attribute("body", std::move(body))}, false);
}

std::string local(const Call& call, onnx::GraphProto& graph, const std::string& name) {
  onnx::NodeProto& node = *graph.add_node();
  const std::string own = call.translator().fresh(name + "/result");
  node.set_name(own);
  node.set_op_type("Identity");
  node.add_input(name);
  node.add_output(own);
  return own;
}

void variable_handle(const Call& call) {
  const auto* options = call.options<schema::VarHandleOptions>();
  const bool named = options != nullptr && options->shared_name() != nullptr && options->shared_name()->size() > 0;
  const std::string name = named ? options->shared_name()->str() : call.emit_name();
  // A handle is no tensor of numbers: what is bound is the variable's name.
  call.bind_handle(name);
}

void read_variable(const Call& call) {
  Whole& shared = call.translator().shared();
  const std::string variable = call.handle(0);
  if (shared.variables.count(variable) == 0) {
    shared.variables[variable] = call.translator().add_state(variable, call.out_shape());
  }
  call.forward(shared.variables[variable]);
}

void assign_variable(const Call& call) {
  Whole& shared = call.translator().shared();
  const std::string variable = call.handle(0);
  if (&call.translator().graph() != &shared.graph)
    call.fail("assigns a variable where it may not run, which is not supported");
  shared.variables[variable] = call.plain(1);
  for (const std::string& known : shared.assigned) {
    if (known == variable) return;
  }
  shared.assigned.push_back(variable);
}

std::string read_state(const Call& call, std::size_t input, const Shape& shape) {
  Translator& translator = call.translator();
  return translator.add_state(translator.tensor_name(call.index(input)), shape);
}

void write_state(const Call& call, std::size_t input, const std::string& value) {
  Whole& shared = call.translator().shared();
  const std::string name = fmt::format("state of {}", call.translator().tensor_name(call.index(input)));
  shared.variables[name] = value;
  shared.assigned.push_back(name);
}

}  // namespace lanewise::network::tflite
