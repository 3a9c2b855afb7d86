// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/export_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inputs.hpp"
#include "core/network/onnx/quantization.hpp"

namespace lanewise::network::exporting {

namespace {

// Whether the operator reads whole numbers there: entries of a table.
bool reads_indices(const Operator& op, TensorId id) {
  if (op.kind != OperatorKind::kGather) return false;
  return op.weights.empty() ? op.inputs.size() > 1 && op.inputs[1] == id : op.inputs[0] == id;
}

}  // namespace

void set_type(onnx::ValueInfoProto& info, int type, const Shape& shape) {
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape()->clear_dim();  // a scalar has a shape without dimensions
  for (const std::int64_t size : shape) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

Writer::Writer(const Graph& graph, Source* source, const Numbers& numbers)
    : graph_(graph),
      source_(source),
      names_(graph.tensors().size()),
      forms_(graph.tensors().size(), Form::kReal),
      wide_readers_(graph.tensors().size(), false),
      other_readers_(graph.tensors().size(), false),
      numbers_(numbers) {
  constexpr int kIrVersion = 8;  // of ONNX 1.12
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name("lanewise");
  onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  file().set_name(graph.name().empty() ? "network" : graph.name());
  if (source_ != nullptr) real_type_ = source_->real_type();
  check_numbers();
  name_tensors();
  find_readers();
  declare_inputs();
}

void Writer::fail(const Operator& op, const std::string& rule) const {
  throw Error(fmt::format("network '{}': operator '{}' ({}, from {}) cannot be written as ONNX: {}", graph_.name(),
                          op.name, to_string(op.kind), op.source_type.empty() ? "no file" : op.source_type, rule));
}

std::string Writer::fresh(const std::string& base) {
  std::string name = base.empty() ? "unnamed" : base;
  for (int copy = 2; !used_.insert(name).second; ++copy) name = fmt::format("{}_{}", base, copy);
  return name;
}

// What others know the network by keeps its name: inputs and outputs, then activations, then weights.
void Writer::name_tensors() {
  const auto name = [&](TensorId id) {
    std::string& given = names_[static_cast<std::size_t>(id)];
    if (given.empty()) given = fresh(graph_.tensor(id).name);
  };
  for (const TensorId id : graph_.inputs()) name(id);
  for (const TensorId id : graph_.outputs()) {
    if (graph_.tensor(id).role == TensorRole::kActivation) name(id);
  }
  for (const TensorRole role : {TensorRole::kGraphInput, TensorRole::kActivation, TensorRole::kWeight}) {
    for (TensorId id = 0; id < static_cast<TensorId>(names_.size()); ++id) {
      if (graph_.tensor(id).role == role) name(id);
    }
  }
}

void Writer::find_readers() {
  for (const Operator& op : graph_.operators()) {
    for (std::size_t i = 0; i < op.weights.size(); ++i) {
      const auto weight = static_cast<std::size_t>(op.weights[i]);
      const bool is_matrix = op.kind == OperatorKind::kFullyConnected && i == 0;
      if (!is_matrix) other_readers_[weight] = true;
      if (is_matrix && shape(op.inputs[0]).size() > 2) wide_readers_[weight] = true;
    }
    for (const TensorId input : op.inputs) other_readers_[static_cast<std::size_t>(input)] = true;
  }
}

void Writer::declare_inputs() {
  const auto declare = [&](TensorId id) {
    const auto& readers = graph_.consumers(id);
    const bool indices = !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](OperatorId reader) {
      return reads_indices(graph_.op(reader), id);
    });
    std::optional<int> type;
    if (source_ != nullptr) type = source_->input_type(graph_.tensor(id).name);
    Form& form = forms_[static_cast<std::size_t>(id)];
    form = indices ? Form::kWhole : Form::kReal;
    int stored = type.value_or(type_of(form));
    if (type) {
      const bool is_real = *type == onnx::TensorProto::FLOAT || *type == onnx::TensorProto::FLOAT16 ||
                           *type == onnx::TensorProto::DOUBLE || *type == onnx::TensorProto::BFLOAT16;
      form = *type == onnx::TensorProto::BOOL ? Form::kTruth : is_real ? Form::kReal : Form::kWhole;
      if (is_real) stored = real_type_;
    }
    set_type(*file().add_input(), stored, shape(id));
    std::string& name = names_[static_cast<std::size_t>(id)];
    file().mutable_input(file().input_size() - 1)->set_name(name);
    // Of other whole numbers than indices are: what reads them, reads a cast.
    if (form == Form::kWhole && stored != onnx::TensorProto::INT64) {
      name = derive(name, "whole", "Cast", {}, {attribute("to", std::int64_t{onnx::TensorProto::INT64})});
    }
  };
  for (const TensorId id : graph_.inputs()) declare(id);
  for (TensorId id = 0; id < static_cast<TensorId>(names_.size()); ++id) {
    const bool declared = std::find(graph_.inputs().begin(), graph_.inputs().end(), id) != graph_.inputs().end();
    if (graph_.tensor(id).role == TensorRole::kGraphInput && !declared) declare(id);
  }
}

int Writer::type_of(Form form) const {
  switch (form) {
    case Form::kReal:
      return real_type_;
    case Form::kWhole:
      return onnx::TensorProto::INT64;
    case Form::kTruth:
      return onnx::TensorProto::BOOL;
  }
  throw InternalError("a form of numbers has no type");
}

Form Writer::form(TensorId id) {
  return graph_.tensor(id).role == TensorRole::kWeight ? stored(id).form : forms_[static_cast<std::size_t>(id)];
}

std::string Writer::read(TensorId id, Form as) {
  const bool is_weight = graph_.tensor(id).role == TensorRole::kWeight;
  std::string name = is_weight ? stored(id).name : names_[static_cast<std::size_t>(id)];
  if (is_weight && stored(id).turned) {
    name = derive(name, "turned", "Transpose", {}, {attribute("perm", std::vector<std::int64_t>{1, 0})});
  }
  if (form(id) == as) return name;
  static const char* const kinds[] = {"real", "whole", "truth"};
  return derive(name, kinds[static_cast<int>(as)], "Cast", {}, {attribute("to", std::int64_t{type_of(as)})});
}

std::string Writer::read_as(TensorId weight, const Shape& as) {
  const std::string name = read(weight, Form::kReal);
  if (shape(weight) == as) return name;
  return derive(name, fmt::format("as_{}", fmt::join(as, "x")), "Reshape", {whole(as)}, {});
}

std::pair<std::string, bool> Writer::read_matrix(TensorId weight) {
  const Stored& matrix = stored(weight);
  if (!matrix.turned || matrix.form != Form::kReal) return {read(weight), false};
  return {matrix.name, true};
}

std::string Writer::read_turned_matrix(TensorId weight) {
  const auto [name, turned] = read_matrix(weight);
  if (turned) return name;
  return derive(name, "turned", "Transpose", {}, {attribute("perm", std::vector<std::int64_t>{1, 0})});
}

std::string Writer::whole(const std::vector<std::int64_t>& values) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  return add_constant(fmt::format("whole_{}", fmt::join(values, "_")), std::move(tensor));
}

std::string Writer::real(double value) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_float_data(static_cast<float>(value));
  const std::string name = add_constant(fmt::format("real_{:.9g}", value), std::move(tensor));
  if (real_type_ == onnx::TensorProto::FLOAT) return name;
  return derive(name, "real", "Cast", {}, {attribute("to", std::int64_t{real_type_})});
}

std::string Writer::reals(std::int64_t count, double value) {
  onnx::TensorProto tensor;
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(count);
  for (std::int64_t i = 0; i < count; ++i) tensor.add_float_data(static_cast<float>(value));
  const std::string name = add_constant(fmt::format("real_{}x{:.9g}", count, value), std::move(tensor));
  if (real_type_ == onnx::TensorProto::FLOAT) return name;
  return derive(name, "real", "Cast", {}, {attribute("to", std::int64_t{real_type_})});
}

std::string Writer::add_constant(const std::string& key, onnx::TensorProto tensor) {
  std::string& name = derived_[{"", key}];
  if (!name.empty()) return name;
  name = fresh("constant/" + key);
  tensor.set_name(name);
  *file().add_initializer() = std::move(tensor);
  return name;
}

std::string Writer::derive(const std::string& from, const std::string& what, const std::string& type, const Names& more,
                           const Attributes& attributes) {
  std::string& name = derived_[{from, what}];
  if (!name.empty()) return name;
  const std::string made = fresh(fmt::format("{}/{}", from, what));
  name = made;
  Names inputs{from};
  inputs.insert(inputs.end(), more.begin(), more.end());
  add_node(made, type, inputs, {made}, attributes);
  return made;
}

onnx::NodeProto& Writer::add_node(const std::string& name, const std::string& type, const Names& inputs,
                                  const Names& outputs, const Attributes& attributes) {
  onnx::NodeProto& node = *file().add_node();
  node.set_name(name);
  node.set_op_type(type);
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const onnx::AttributeProto& given : attributes) *node.add_attribute() = given;
  return node;
}

std::string Writer::emit(const Operator& op, const std::string& type, const Names& inputs,
                         const Attributes& attributes) {
  const std::string name = fresh(fmt::format("{}/{}", op.name, type));
  add_node(name, type, inputs, {name}, attributes);
  return name;
}

onnx::NodeProto& Writer::finish(const Operator& op, const std::string& type, const Names& inputs,
                                const Attributes& attributes, Form form) {
  Names outputs;
  for (const TensorId id : op.outputs) {
    outputs.push_back(names_[static_cast<std::size_t>(id)]);
    forms_[static_cast<std::size_t>(id)] = form;
  }
  return add_node(op.name, type, inputs, outputs, attributes);
}

void Writer::finish_as(const Operator& op, const Operator& last, const std::string& type, const Names& inputs,
                       const Attributes& attributes) {
  Names outputs;
  for (const TensorId id : last.outputs) outputs.push_back(names_[static_cast<std::size_t>(id)]);
  add_node(op.name, type, inputs, outputs, attributes);
  write_with(last);
}

void Writer::finish_by(const Operator& op, const std::string& first, const Names& inputs, const std::string& second,
                       const Names& more) {
  const std::string between = fresh(fmt::format("{}/{}", op.name, first));
  add_node(op.name, first, inputs, {between}, {});
  Names rest{between};
  rest.insert(rest.end(), more.begin(), more.end());
  add_node(fresh(fmt::format("{}/{}", op.name, second)), second, rest,
           {names_[static_cast<std::size_t>(op.outputs[0])]}, {});
}

void Writer::copy_host(const Operator& op, onnx::NodeProto node, const std::vector<int>& input_types) {
  const std::vector<int> types = source_->output_types(graph_.tensor(op.outputs[0]).name, input_types);
  std::size_t next = 0;
  for (int i = 0; i < node.output_size(); ++i) {
    std::string& name = *node.mutable_output(i);
    if (name.empty()) continue;
    if (next >= op.outputs.size() || name != graph_.tensor(op.outputs[next]).name) {
      name = fresh(name);
      continue;
    }
    const auto at = static_cast<std::size_t>(op.outputs[next++]);
    const auto output = static_cast<std::size_t>(i);
    const int type = output < types.size() && types[output] != 0 ? types[output] : real_type_;
    if (type == onnx::TensorProto::INT64) {
      forms_[at] = Form::kWhole;
    } else if (type == onnx::TensorProto::BOOL) {
      forms_[at] = Form::kTruth;
    } else if (type != real_type_) {
      fail(op, "its elements are of a type that no other operator of the network has");
    }
    name = names_[at];
  }
  if (next < op.outputs.size()) fail(op, "its outputs are not those of the file");
  copy(std::move(node));
}

std::string Writer::argument(const importing::Constant& constant) {
  onnx::TensorProto tensor;
  tensor.set_data_type(constant.is_real ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64);
  for (const std::int64_t size : constant.shape) tensor.add_dims(size);
  for (const double number : constant.real) tensor.add_float_data(static_cast<float>(number));
  for (const std::int64_t number : constant.whole) tensor.add_int64_data(number);
  const std::string key = fmt::format("argument_{}_{}_{}", fmt::join(constant.shape, "x"),
                                      fmt::join(constant.real, "_"), fmt::join(constant.whole, "_"));
  return add_constant(key, std::move(tensor));
}

const importing::Node* Writer::canonical(const Operator& op) const {
  if (source_ == nullptr) return nullptr;
  for (const importing::Node& node : source_->canonical().nodes) {
    if (!node.removed && node.name == op.name && node.source_type == op.source_type) return &node;
  }
  return nullptr;
}

double Writer::number(const Operator& op, const char* name, double usual) const {
  const importing::Node* node = canonical(op);
  const onnx::AttributeProto* found = node == nullptr ? nullptr : importing::find_attribute(*node->proto, name);
  if (found == nullptr) return usual;
  return found->type() == onnx::AttributeProto::INT ? static_cast<double>(found->i()) : static_cast<double>(found->f());
}

std::string Writer::text(const Operator& op, const char* name, const char* usual) const {
  const importing::Node* node = canonical(op);
  return node == nullptr ? usual : importing::text(*node->proto, name, usual);
}

void Writer::copy(onnx::NodeProto node) { *file().add_node() = std::move(node); }

const onnx::NodeProto* Writer::original(const Operator& op, const std::set<std::string>& types) const {
  if (source_ == nullptr || op.outputs.empty()) return nullptr;
  const onnx::NodeProto* node = source_->maker(graph_.tensor(op.outputs[0]).name);
  const bool alike =
      node != nullptr && (node->domain().empty() || node->domain() == "ai.onnx") && types.count(node->op_type()) > 0;
  return alike ? node : nullptr;
}

void Writer::keep_attributes(const onnx::NodeProto* from, const std::set<std::string>& names, onnx::NodeProto& to) {
  if (from == nullptr) return;
  for (const onnx::AttributeProto& given : from->attribute()) {
    if (names.count(given.name()) == 0) continue;
    const auto same = std::find_if(to.mutable_attribute()->begin(), to.mutable_attribute()->end(),
                                   [&](const auto& there) { return there.name() == given.name(); });
    if (same != to.mutable_attribute()->end()) {
      *same = given;
    } else {
      *to.add_attribute() = given;
    }
  }
}

std::vector<TensorId> Writer::operands(const Operator& op, const std::set<std::string>& types, bool weights_first) {
  std::vector<TensorId> all;
  if (const onnx::NodeProto* node = original(op, types)) {
    std::size_t inputs = 0, weights = 0;
    for (const std::string& name : node->input()) {
      const bool constant = source_->is_constant(name);
      std::size_t& next = constant ? weights : inputs;
      const std::vector<TensorId>& from = constant ? op.weights : op.inputs;
      if (next < from.size()) all.push_back(from[next]);
      ++next;
    }
    if (inputs == op.inputs.size() && weights == op.weights.size()) return all;
  }
  all = weights_first ? op.weights : op.inputs;
  const std::vector<TensorId>& rest = weights_first ? op.inputs : op.weights;
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

void Writer::declare_outputs() {
  for (const TensorId id : graph_.outputs()) {
    std::string name = names_[static_cast<std::size_t>(id)];
    if (graph_.tensor(id).role != TensorRole::kActivation) {
      const std::string from = read(id, form(id));
      name = fresh(graph_.tensor(id).name + "/output");
      add_node(name, "Identity", {from}, {name}, {});
    }
    onnx::ValueInfoProto& output = *file().add_output();
    output.set_name(name);
    set_type(output, type_of(form(id)), shape(id));
  }
}

void Writer::declare_shapes() {
  for (TensorId id = 0; id < static_cast<TensorId>(names_.size()); ++id) {
    if (graph_.tensor(id).role != TensorRole::kActivation || graph_.is_output(id) || graph_.producer(id) == kNone) {
      continue;
    }
    // Between two operators that one node stands for there is nothing.
    const auto& readers = graph_.consumers(id);
    if (readers.size() == 1 && is_written(graph_.op(readers[0]))) continue;
    onnx::ValueInfoProto& value = *file().add_value_info();
    value.set_name(names_[static_cast<std::size_t>(id)]);
    set_type(value, type_of(forms_[static_cast<std::size_t>(id)]), shape(id));
  }
}

// A network of int8 alone is what a file without precisions is read as. Of any other every tensor says what it is, as
// files of QONNX do.
void Writer::declare_precisions() {
  const auto is_read = [&](TensorId id) {
    return graph_.tensor(id).role != TensorRole::kWeight || stored_.count(id) > 0;
  };
  bool all_default = true;
  for (TensorId id = 0; id < static_cast<TensorId>(names_.size()); ++id) {
    all_default = all_default && (!is_read(id) || graph_.tensor(id).precision == Precision::kInt8);
  }
  if (all_default) return;
  for (TensorId id = 0; id < static_cast<TensorId>(names_.size()); ++id) {
    if (!is_read(id)) continue;
    const auto found = stored_.find(id);
    onnx::TensorAnnotation& annotation = *file().add_quantization_annotation();
    annotation.set_tensor_name(found != stored_.end() ? found->second.name : names_[static_cast<std::size_t>(id)]);
    onnx::StringStringEntryProto& entry = *annotation.add_quant_parameter_tensor_names();
    entry.set_key(importing::kPrecisionAnnotation);
    entry.set_value(importing::annotated(graph_.tensor(id).precision));
  }
}

onnx::ModelProto Writer::take() {
  declare_outputs();
  declare_shapes();
  declare_precisions();
  std::string listed;
  for (const auto& [name, info] : stripped_) {
    *file().add_input() = info;
    listed += name + '\n';
  }
  if (!untrained_.empty()) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(importing::kUntrained);
    entry.set_value(untrained_);
  }
  if (!layout_nodes_.empty()) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(importing::kLayoutNodes);
    entry.set_value(layout_nodes_);
  }
  const bool misread = stripped_.empty() && !importing::find_weight_inputs(model_, false).empty();
  if (!stripped_.empty()) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key("weights");
    entry.set_value("stripped:inputs");
  }
  if (!stripped_.empty() || misread) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(importing::kWeightInputs);
    entry.set_value(listed);
  }
  return std::move(model_);
}

}  // namespace lanewise::network::exporting
