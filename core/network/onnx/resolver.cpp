// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/resolver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/evaluate.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/quantization.hpp"
#include "core/network/onnx/shapes.hpp"

namespace lanewise::network::importing {

namespace {

// A function that calls two others, and so on, must end, and a network of so many takes a gigabyte to be planned.
constexpr int kMostNodes = 60000;

// Where the shape of an output depends on numbers that are not known: which ones, and how to give them.
std::string missing_value(const Network& network, const Node& node) {
  for (std::size_t i = node.inputs.size(); i-- > 0;) {  // what is worked on stands first, what says how behind it
    const ValueId id = node.inputs[i];
    if (id == kNone || network.constant(id) != nullptr || network.value(id).shape.size() > 1) continue;
    const std::string how = how_to_give(network, id);
    if (!how.empty()) return fmt::format(" from '{}'{}", network.value(id).name, how);
  }
  return "";
}

}  // namespace

Resolver::Resolver(const onnx::ModelProto& model, const std::string& path, const ImportOptions& options,
                   const std::function<bool(const std::string&)>& is_supported, BatchChange* change)
    : model_(model), options_(options), is_supported_(is_supported), change_(change) {
  network_.path = path;
  network_.opset = opset(model);
  for (const onnx::TensorAnnotation& annotation : model.graph().quantization_annotation()) {
    for (const onnx::StringStringEntryProto& entry : annotation.quant_parameter_tensor_names()) {
      if (entry.key() != kPrecisionAnnotation) continue;
      const std::optional<Precision> stated = from_annotation(entry.value());
      if (stated) annotated_.emplace(annotation.tensor_name(), *stated);
    }
  }
  for (const onnx::FunctionProto& function : model.functions()) functions_.emplace(function.name(), &function);
  Scope whole;
  whole.opset = network_.opset;
  scopes_.push_back(std::move(whole));
}

Network Resolver::run() {
  const onnx::GraphProto& graph = model_.graph();
  for (const onnx::NodeProto& node : graph.node()) used_names_.insert(node.name());
  add_initializers(graph);
  add_inputs(graph);
  add_nodes(graph);
  for (const onnx::ValueInfoProto& output : graph.output()) {
    const std::vector<std::string>* sequence = scopes_.back().sequences->find(output.name());
    if (sequence == nullptr) {
      add_output(output.name());
    } else {
      for (const std::string& tensor : *sequence) add_output(tensor);
    }
  }
  if (network_.outputs.empty()) fail_at("no output holds a tensor");
  return std::move(network_);
}

void Resolver::add_output(const std::string& name) {
  network_.outputs.push_back(lookup(name, "the output list"));
  network_.output_names.push_back(name);
}

void Resolver::fail_at(const std::string& message) const { throw Error(network_.path + ": " + message); }

ValueId Resolver::add_value(const std::string& name, Shape shape, TensorRole role) {
  Value value;
  value.name = scopes_.back().prefix + name;
  value.shape = std::move(shape);
  value.role = role;
  network_.values.push_back(std::move(value));
  return static_cast<ValueId>(network_.values.size() - 1);
}

void Resolver::bind(const std::string& name, ValueId value, int element_type) {
  if (name.empty()) return;
  if (!scopes_.back().bindings.emplace(name, Binding{value, element_type}).second) {
    fail_at(fmt::format("tensor '{}' is produced twice", name));
  }
  const std::optional<Precision> precision = quantized_precision(element_type);
  if (precision && !network_.value(value).precision) network_.value(value).precision = precision;
  if (annotated_.empty() || scopes_.size() > 1) return;
  const auto stated = annotated_.find(name);
  if (stated != annotated_.end()) network_.value(value).precision = stated->second;
}

const Resolver::Binding* Resolver::find_binding(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->bindings.find(name);
    if (found != scope->bindings.end()) return &found->second;
    if (!scope->sees_outer) break;
  }
  return nullptr;
}

const Resolver::Binding& Resolver::binding(const std::string& name) const {
  const Binding* found = find_binding(name);
  if (found == nullptr) throw InternalError("a name was read before it was looked up");
  return *found;
}

ValueId Resolver::lookup(const std::string& name, const std::string& reader) const {
  const Binding* found = find_binding(name);
  if (found == nullptr && scopes_.back().sequences->find(name) != nullptr) {
    fail_at(fmt::format("{} reads '{}', which is a sequence and no tensor", reader, name));
  }
  if (found == nullptr) fail_at(fmt::format("{} reads tensor '{}', which nothing before it produces", reader, name));
  return found->value;
}

void Resolver::set_constant(ValueId id, Constant constant) {
  network_.value(id).constant = std::make_shared<const Constant>(std::move(constant));
}

void Resolver::check_shape(const std::string& name, const Shape& shape) const {
  if (!element_count(shape) || shape.size() > kMostDimensions) {
    fail_at(fmt::format("tensor '{}' has the impossible shape [{}]", name, fmt::join(shape, ", ")));
  }
}

void Resolver::add_nodes(const onnx::GraphProto& graph) {
  for (const onnx::ValueInfoProto& value : graph.value_info()) scopes_.back().declared[value.name()] = &value;
  for (const onnx::ValueInfoProto& value : graph.output()) scopes_.back().declared[value.name()] = &value;
  for (const onnx::NodeProto& node : graph.node()) visit(node);
}

std::string Resolver::name_node(const onnx::NodeProto& node) {
  if (node_number_ >= kMostNodes) {
    fail_at(fmt::format("has more than {} nodes once loops and functions are written out", kMostNodes));
  }
  const int number = node_number_++;
  std::string name = node.name().empty() ? fmt::format("{}_{}", node.op_type(), number) : node.name();
  if (node.name().empty() && used_names_.count(name) > 0) name += "_unnamed";
  const std::string base = scopes_.back().prefix + name;
  name = base;
  while (!given_names_.emplace(name, 1).second) name = fmt::format("{}_{}", base, ++given_names_[base]);
  return name;
}

void Resolver::visit(const onnx::NodeProto& original, const std::string& name) {
  if (scopes_.back().sequences->concerns(original)) return add_sequence(original);
  Node node;
  node.name = name.empty() ? name_node(original) : name;
  node.opset = scopes_.back().opset;
  node.source_type = scopes_.back().lowered_from;
  if (node.source_type.empty()) {
    node.source_type = original.domain().empty() ? original.op_type() : original.domain() + "." + original.op_type();
  }
  if (std::optional<onnx::NodeProto> plain = without_quantization(original)) {
    network_.protos.push_back(std::move(*plain));
    node.proto = &network_.protos.back();
  } else {
    node.proto = &original;
  }
  const onnx::NodeProto& proto = *node.proto;
  node.type = proto.op_type();
  if (proto.output_size() == 0) fail(network_, node, "has no outputs");
  for (const std::string& input : proto.input()) {
    node.inputs.push_back(input.empty() ? kNone : lookup(input, fmt::format("node '{}'", node.name)));
  }
  if (stated_shape(proto) != nullptr) return add_operator(node);
  if (const CustomOperator* custom = find_custom(proto)) return add_custom(node, *custom);
  const bool is_default_domain = proto.domain().empty() || proto.domain() == "ai.onnx";
  // An operator that is known keeps its meaning; a function of the file gives one to all others, and to those that came
  // after the operator set of the file.
  const bool is_later = node.type == "Gelu" || node.type == "Mish";
  const bool is_known = is_default_domain && is_supported_(node.type) && !is_later;
  const onnx::FunctionProto* function = is_known ? nullptr : find_function(proto);
  const bool is_lowered = find_lowering(proto.domain(), node.type) != nullptr;
  if (function != nullptr && !is_lowered) return add_function(node, *function);
  if (is_default_domain) check_node(network_, node);
  if (add_lowered(node)) return;
  if (function != nullptr) return add_function(node, *function);
  if (!is_default_domain && !only_quantizes(proto)) fail_unsupported(node);
  if (node.type == "Constant") return add_constant(node);
  if (node.type == "If") return add_branch(node);
  if (node.type == "Loop") return add_loop(node);
  if (node.type == "Scan") return add_scan(node);
  if (node.type == "Shape" || node.type == "Size") return add_shape(node);
  if (only_quantizes(proto)) return add_quantization(node);
  if (is_alias(node)) return add_alias(node);
  if (!is_supported_(node.type) && !is_evaluated(node.type)) fail_unsupported(node);
  add_operator(node);
}

void Resolver::bind_constant(const std::string& name, Constant constant) {
  const int type = constant.is_real ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
  const ValueId id = add_value(name, constant.shape, TensorRole::kWeight);
  set_constant(id, std::move(constant));
  bind(name, id, type);
}

void Resolver::require_input(const Node& node) const {
  if (node.inputs.empty() || node.inputs[0] == kNone) fail(network_, node, "has no input");
}

void Resolver::add_shape(const Node& node) {
  require_input(node);
  const Shape& shape = network_.value(node.inputs[0]).shape;
  if (node.type == "Size") return bind_constant(node.proto->output(0), Constant::scalar(*element_count(shape)));
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto place = [rank](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const std::int64_t start = place(integer(*node.proto, "start", 0));
  const std::int64_t end = std::max(start, place(integer(*node.proto, "end", rank)));
  bind_constant(node.proto->output(0), Constant::of_whole({shape.begin() + start, shape.begin() + end}));
}

void Resolver::add_quantization(const Node& node) {
  require_input(node);
  const onnx::NodeProto& proto = *node.proto;
  const bool dynamic = node.type == "DynamicQuantizeLinear";
  if (node.type == "DequantizeLinear" && add_evaluated(node, {Shape{network_.value(node.inputs[0]).shape}})) return;
  int type = onnx::TensorProto::FLOAT;
  if (node.type != "DequantizeLinear") {
    const bool has_zero_point = !dynamic && proto.input_size() > 2 && !proto.input(2).empty();
    type = has_zero_point ? binding(proto.input(2)).element_type : onnx::TensorProto::UINT8;
  }
  bind(proto.output(0), node.inputs[0], type);
  // Scale and zero point found while running: two numbers, not worth an operator.
  for (int i = 1; i < proto.output_size(); ++i) {
    if (!proto.output(i).empty()) {
      bind(proto.output(i), add_value(proto.output(i), {}, TensorRole::kWeight), onnx::TensorProto::FLOAT);
    }
  }
}

bool Resolver::is_alias(const Node& node) const {
  if (node.type == "Identity" || node.type == "Dropout") return true;
  return (node.type == "Cast" || node.type == "CastLike") && !node.inputs.empty() &&
         network_.constant(node.inputs[0]) == nullptr;
}

// What leaves the numbers as they are: the output is the input under another name.
void Resolver::add_alias(const Node& node) {
  require_input(node);
  const onnx::NodeProto& proto = *node.proto;
  int type = binding(proto.input(0)).element_type;
  if (node.type == "Cast") type = static_cast<int>(integer(proto, "to", type));
  // A cast of a quantised tensor keeps its precision; a cast to a narrow type does not make a network quantised.
  if (node.type == "Cast" && quantized_precision(type)) type = onnx::TensorProto::INT32;
  bind(proto.output(0), node.inputs[0], type);
  for (int i = 1; i < proto.output_size(); ++i) {
    // A dropout's mask: all true.
    if (!proto.output(i).empty()) {
      bind(proto.output(i), add_value(proto.output(i), network_.value(node.inputs[0]).shape, TensorRole::kWeight),
           onnx::TensorProto::BOOL);
    }
  }
}

bool Resolver::is_constant(const Node& node) const {
  return !node.inputs.empty() && std::all_of(node.inputs.begin(), node.inputs.end(),
                                             [&](ValueId id) { return id == kNone || network_.is_weight(id); });
}

void Resolver::add_operator(Node& node) {
  std::vector<int> types;
  if (change_ != nullptr) repeat_constants(node);
  const std::vector<std::optional<Shape>> shapes = infer(node, types);
  if (change_ != nullptr && change_->recording) record(node, shapes);
  if (add_evaluated(node, shapes)) return;
  if (without_empty(node, shapes, types)) return;
  const bool constant = is_constant(node);
  if (!constant && !is_supported_(node.type) && stated_shape(*node.proto) == nullptr) {
    fail(network_, node, "operator is supported only where everything it reads is constant");
  }
  for (int i = 0; i < node.proto->output_size(); ++i) {
    const std::string& name = node.proto->output(i);
    const auto at = static_cast<std::size_t>(i);
    if (name.empty()) {
      node.outputs.push_back(kNone);
      continue;
    }
    if (node.outputs.size() > at) continue;  // it has no elements
    if (!shapes[at]) {
      fail(network_, node,
           fmt::format("the shape of its output '{}' cannot be derived{}", name, missing_value(network_, node)));
    }
    check_shape(name, *shapes[at]);
    const TensorRole role = constant ? TensorRole::kWeight : TensorRole::kActivation;
    node.outputs.push_back(add_value(name, *shapes[at], role));
    bind(name, node.outputs.back(), types[at]);
    if (!constant) continue;
    inherit_precision(node, node.outputs.back());
    inherit_sources(node, node.outputs.back());
  }
  if (change_ != nullptr) follow_batch(node);
  if (!constant) network_.nodes.push_back(node);
}

void Resolver::inherit_precision(const Node& node, ValueId output) {
  for (const ValueId input : node.inputs) {
    if (input != kNone && network_.value(input).precision && !network_.value(output).precision) {
      network_.value(output).precision = network_.value(input).precision;
    }
  }
}

// What a folded constant was made from. Indices, shapes and scales beside the first input leave no numbers in it, and
// no number outlives a comparison.
void Resolver::inherit_sources(const Node& node, ValueId output) {
  static const std::set<std::string> first_only = {"Gather", "GatherElements", "GatherND", "DequantizeLinear"};
  static const std::set<std::string> none = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not"};
  if (none.count(node.type) > 0) return;
  std::set<ValueId> sources;
  for (std::size_t i = 0; i < (first_only.count(node.type) > 0 ? 1 : node.inputs.size()); ++i) {
    if (node.inputs[i] == kNone) continue;
    const std::vector<ValueId>& from = network_.value(node.inputs[i]).sources;
    sources.insert(from.begin(), from.end());
  }
  network_.value(output).sources.assign(sources.begin(), sources.end());
}

bool Resolver::add_evaluated(const Node& node, const std::vector<std::optional<Shape>>& shapes) {
  if (!is_evaluated(node.type)) return false;
  std::vector<const Constant*> constants;
  for (const ValueId id : node.inputs) {
    if (id != kNone && network_.constant(id) == nullptr) return false;
    constants.push_back(network_.constant(id));
  }
  std::optional<std::vector<Constant>> results = evaluate(*node.proto, constants, shapes);
  if (!results || results->size() != static_cast<std::size_t>(node.proto->output_size())) return false;
  for (std::size_t i = 0; i < results->size(); ++i) {
    const std::string& name = node.proto->output(static_cast<int>(i));
    if (name.empty()) continue;
    bind_constant(name, std::move((*results)[i]));
    inherit_precision(node, binding(name).value);
    inherit_sources(node, binding(name).value);
  }
  return true;
}

std::vector<std::optional<Shape>> Resolver::infer(const Node& node, std::vector<int>& types) {
  if (const Shape* stated = stated_shape(*node.proto)) {
    types = {node.inputs.empty() || node.inputs[0] == kNone ? 0 : element_types(node)[0]};
    return {*stated};
  }
  if (const std::optional<Shape> changed = changed_shape(node)) {
    types = {binding(node.proto->input(0)).element_type};
    return {changed};
  }
  std::vector<std::optional<Shape>> shapes = infer_shapes(network_, node, element_types(node), types);
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!shapes[i]) shapes[i] = declared_shape(node.proto->output(static_cast<int>(i)));
  }
  return shapes;
}

std::optional<Shape> Resolver::declared_shape(const std::string& name) const {
  const auto found = scopes_.back().declared.find(name);
  return found == scopes_.back().declared.end() ? std::nullopt : complete_shape(found->second->type());
}

std::vector<int> Resolver::element_types(const Node& node) const {
  std::vector<int> types;
  for (const std::string& name : node.proto->input()) types.push_back(name.empty() ? 0 : binding(name).element_type);
  return types;
}

Network resolve_shapes(const onnx::ModelProto& model, const std::string& path, const ImportOptions& options,
                       const std::function<bool(const std::string&)>& is_supported) {
  const std::optional<std::int64_t> own = replaced_batch(model, path, options);
  if (!own) return Resolver(model, path, options, is_supported).run();
  BatchChange change;
  change.from = *own;
  change.to = *options.batch;
  Resolver(model, path, options, is_supported, &change).run();
  change.recording = false;
  try {
    return Resolver(model, path, options, is_supported, &change).run();
  } catch (const Error& error) {
    const std::string message = error.what();
    throw Error(fmt::format("{}: a batch of {} cannot be set: the file fixes {}, and {}", path, change.to, change.from,
                            message.rfind(path + ": ", 0) == 0 ? message.substr(path.size() + 2) : message));
  }
}

}  // namespace lanewise::network::importing
