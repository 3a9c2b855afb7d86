// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/network/onnx/attributes.hpp"
#include "core/network/onnx/evaluate.hpp"
#include "core/network/onnx/file.hpp"
#include "core/network/onnx/inference.hpp"
#include "core/network/onnx/inputs.hpp"
#include "core/network/onnx/quantization.hpp"

namespace lanewise::network::importing {

namespace {

class Resolver {
 public:
  Resolver(const onnx::ModelProto& model, const std::string& path, std::int64_t batch,
           const std::function<bool(const std::string&)>& is_supported)
      : model_(model), batch_(batch), is_supported_(is_supported) {
    network_.path = path;
    network_.opset = opset(model);
  }

  Network run() {
    const onnx::GraphProto& graph = model_.graph();
    for (const onnx::NodeProto& node : graph.node()) used_names_.insert(node.name());
    add_initializers(graph);
    add_inputs(graph);
    add_nodes(graph);
    for (const onnx::ValueInfoProto& output : graph.output()) {
      network_.outputs.push_back(lookup(output.name(), "the output list"));
      network_.output_names.push_back(output.name());
    }
    return std::move(network_);
  }

 private:
  // What a name in the file stands for: a value, in the number format that it has under this name.
  struct Binding {
    ValueId value = kNone;
    int element_type = 0;
  };

  const onnx::ModelProto& model_;
  std::int64_t batch_;
  const std::function<bool(const std::string&)>& is_supported_;
  Network network_;
  std::unordered_map<std::string, Binding> bindings_;
  std::unordered_map<std::string, const onnx::ValueInfoProto*> declared_;
  std::set<std::string> used_names_;  // of nodes
  std::set<std::string> given_names_;
  int node_number_ = 0;
  int depth_ = 0;

  [[noreturn]] void fail_at(const std::string& message) const { throw Error(network_.path + ": " + message); }

  ValueId add_value(const std::string& name, Shape shape, TensorRole role) {
    Value value;
    value.name = name;
    value.shape = std::move(shape);
    value.role = role;
    network_.values.push_back(std::move(value));
    return static_cast<ValueId>(network_.values.size() - 1);
  }

  void bind(const std::string& name, ValueId value, int element_type) {
    if (name.empty()) return;
    if (!bindings_.emplace(name, Binding{value, element_type}).second) {
      fail_at(fmt::format("tensor '{}' is produced twice", name));
    }
    const std::optional<Precision> precision = quantized_precision(element_type);
    if (precision && !network_.value(value).precision) network_.value(value).precision = precision;
  }

  // Numbers that were trained, unlike indices and sizes.
  void mark_trained(ValueId id, int element_type) {
    const bool counts = element_type == onnx::TensorProto::INT64 || element_type == onnx::TensorProto::BOOL;
    if (network_.value(id).role == TensorRole::kWeight && !counts) network_.value(id).sources = {id};
  }

  // A constant in the graph's text may hold weights too, but not where it says one number however often.
  void mark_trained_table(const std::string& name) {
    const Binding& binding = bindings_.at(name);
    const Constant* constant = network_.constant(binding.value);
    bool uniform = constant != nullptr;
    for (std::size_t i = 1; uniform && i < constant->size(); ++i)
      uniform = constant->as_real(i) == constant->as_real(0);
    if (!uniform) mark_trained(binding.value, binding.element_type);
  }

  // What a folded constant was made from. Indices, shapes and scales beside the first input leave no numbers in it, and
  // no number outlives a comparison.
  void inherit_sources(const Node& node, ValueId output) {
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

  ValueId lookup(const std::string& name, const std::string& reader) const {
    const auto found = bindings_.find(name);
    if (found == bindings_.end()) {
      fail_at(fmt::format("{} reads tensor '{}', which nothing before it produces", reader, name));
    }
    return found->second.value;
  }

  void add_initializers(const onnx::GraphProto& graph) {
    for (const onnx::TensorProto& tensor : graph.initializer()) {
      bind(tensor.name(), add_stored(tensor.name(), tensor), tensor.data_type());
      mark_trained(bindings_.at(tensor.name()).value, tensor.data_type());
    }
    for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
      const Shape shape(tensor.dims().begin(), tensor.dims().end());
      check_shape(tensor.values().name(), shape);
      bind(tensor.values().name(), add_value(tensor.values().name(), shape, TensorRole::kWeight),
           tensor.values().data_type());
      mark_trained(bindings_.at(tensor.values().name()).value, tensor.values().data_type());
    }
  }

  ValueId add_stored(const std::string& name, const onnx::TensorProto& tensor) {
    const Shape shape(tensor.dims().begin(), tensor.dims().end());
    check_shape(name, shape);
    const ValueId id = add_value(name, shape, TensorRole::kWeight);
    try {
      if (std::optional<Constant> constant = decode(tensor)) set_constant(id, std::move(*constant));
    } catch (const Error& error) {
      fail_at(error.what());
    }
    return id;
  }

  void set_constant(ValueId id, Constant constant) {
    network_.value(id).constant = std::make_shared<const Constant>(std::move(constant));
  }

  void check_shape(const std::string& name, const Shape& shape) const {
    if (!element_count(shape)) {
      fail_at(fmt::format("tensor '{}' has the impossible shape [{}]", name, fmt::join(shape, ", ")));
    }
  }

  void add_inputs(const onnx::GraphProto& graph) {
    const std::set<std::string> weights = find_weight_inputs(graph, has_stripped_weights(model_));
    std::set<std::string> batch_names;
    for (const onnx::ValueInfoProto& input : graph.input()) {
      const auto& shape = input.type().tensor_type().shape();
      const bool is_data = weights.count(input.name()) == 0 && bindings_.count(input.name()) == 0;
      if (is_data && shape.dim_size() > 0 && shape.dim(0).has_dim_param()) batch_names.insert(shape.dim(0).dim_param());
    }
    bool has_batch = false;
    bool fits_batch = true;
    for (const onnx::ValueInfoProto& input : graph.input()) {
      if (bindings_.count(input.name()) > 0) continue;  // an initializer gives its default: older files list both
      const bool is_weight = weights.count(input.name()) > 0;
      const Shape shape = input_shape(input, is_weight, batch_names, has_batch);
      const ValueId id = add_value(input.name(), shape, is_weight ? TensorRole::kWeight : TensorRole::kGraphInput);
      if (!is_weight) {
        network_.inputs.push_back(id);
        fits_batch = fits_batch && !shape.empty() && shape[0] == batch_;
      }
      bind(input.name(), id, input.type().tensor_type().elem_type());
      mark_trained(id, input.type().tensor_type().elem_type());
    }
    if (network_.inputs.empty()) fail_at("no graph input is data: every one is read only as a weight");
    if (batch_ != 1 && !has_batch && !fits_batch) {
      fail_at(fmt::format("a batch of {} was asked for, but the file fixes the first dimension of its inputs", batch_));
    }
  }

  Shape input_shape(const onnx::ValueInfoProto& input, bool is_weight, const std::set<std::string>& batch_names,
                    bool& has_batch) const {
    if (!input.type().has_tensor_type()) fail_at(fmt::format("input '{}' is not a tensor", input.name()));
    if (!input.type().tensor_type().has_shape()) fail_at(fmt::format("input '{}' has no shape", input.name()));
    Shape shape;
    for (int i = 0; i < input.type().tensor_type().shape().dim_size(); ++i) {
      const auto& dimension = input.type().tensor_type().shape().dim(i);
      const bool is_batch =
          !is_weight && !dimension.has_dim_value() && (i == 0 || batch_names.count(dimension.dim_param()) > 0);
      if (is_batch) {
        has_batch = true;
        shape.push_back(batch_);
      } else if (!dimension.has_dim_value()) {
        fail_at(fmt::format("input '{}': dimension {}{} is not fixed; only the first may be dynamic", input.name(), i,
                            dimension.dim_param().empty() ? "" : " ('" + dimension.dim_param() + "')"));
      } else if (dimension.dim_value() < 1) {
        fail_at(fmt::format("input '{}': dimension {} is {}, but must be at least 1", input.name(), i,
                            dimension.dim_value()));
      } else {
        shape.push_back(dimension.dim_value());
      }
    }
    check_shape(input.name(), shape);
    return shape;
  }

  void add_nodes(const onnx::GraphProto& graph) {
    for (const onnx::ValueInfoProto& value : graph.value_info()) declared_[value.name()] = &value;
    for (const onnx::ValueInfoProto& value : graph.output()) declared_[value.name()] = &value;
    for (const onnx::NodeProto& node : graph.node()) visit(node);
  }

  std::string name_node(const onnx::NodeProto& node) {
    const int number = node_number_++;
    std::string name = node.name().empty() ? fmt::format("{}_{}", node.op_type(), number) : node.name();
    if (node.name().empty() && used_names_.count(name) > 0) name += "_unnamed";
    const std::string base = name;
    for (int copy = 2; !given_names_.insert(name).second; ++copy) name = fmt::format("{}_{}", base, copy);
    return name;
  }

  void visit(const onnx::NodeProto& original) {
    Node node;
    node.name = name_node(original);
    node.source_type = original.domain().empty() ? original.op_type() : original.domain() + "." + original.op_type();
    if (std::optional<onnx::NodeProto> plain = without_quantization(original)) {
      network_.protos.push_back(std::move(*plain));
      node.proto = &network_.protos.back();
    } else {
      node.proto = &original;
    }
    const onnx::NodeProto& proto = *node.proto;
    node.type = proto.op_type();
    const bool is_default_domain = proto.domain().empty() || proto.domain() == "ai.onnx";
    if (!is_default_domain && !only_quantizes(proto)) {
      fail(network_, node, "operator is not supported");
    }
    if (proto.output_size() == 0) fail(network_, node, "has no outputs");
    for (const std::string& input : proto.input()) {
      node.inputs.push_back(input.empty() ? kNone : lookup(input, fmt::format("node '{}'", node.name)));
    }
    if (node.type == "Constant") return add_constant(node);
    if (node.type == "If") return add_branch(node);
    if (node.type == "Shape" || node.type == "Size") return add_shape(node);
    if (only_quantizes(proto)) return add_quantization(node);
    if (is_alias(node)) return add_alias(node);
    if (!is_supported_(node.type) && !is_evaluated(node.type)) fail(network_, node, "operator is not supported");
    add_operator(node);
  }

  void add_constant(const Node& node) {
    const std::string& output = node.proto->output(0);
    for (const onnx::AttributeProto& attribute : node.proto->attribute()) {
      Constant constant;
      if (attribute.name() == "value") {
        bind(output, add_stored(output, attribute.t()), attribute.t().data_type());
        return mark_trained_table(output);
      }
      if (attribute.name() == "value_int") {
        constant = Constant::scalar(attribute.i());
      } else if (attribute.name() == "value_ints") {
        constant = Constant::of_whole({attribute.ints().begin(), attribute.ints().end()});
      } else if (attribute.name() == "value_float" || attribute.name() == "value_floats") {
        constant.is_real = true;
        constant.real.assign(attribute.floats().begin(), attribute.floats().end());
        if (attribute.name() == "value_float") {
          constant.real = {static_cast<double>(attribute.f())};
        } else {
          constant.shape = {static_cast<std::int64_t>(constant.real.size())};
        }
      } else {
        continue;
      }
      bind_constant(output, std::move(constant));
      return mark_trained_table(output);
    }
    fail(network_, node, "has no value that is a tensor or a number");
  }

  void bind_constant(const std::string& name, Constant constant) {
    const int type = constant.is_real ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64;
    const ValueId id = add_value(name, constant.shape, TensorRole::kWeight);
    set_constant(id, std::move(constant));
    bind(name, id, type);
  }

  void add_branch(const Node& node) {
    const Constant* condition = node.inputs.empty() ? nullptr : network_.constant(node.inputs[0]);
    if (condition == nullptr || condition->size() != 1) fail(network_, node, "the condition is not a constant");
    const bool chosen = condition->as_real(0) != 0;
    const onnx::AttributeProto* branch = find_attribute(*node.proto, chosen ? "then_branch" : "else_branch");
    if (branch == nullptr || branch->g().output_size() < node.proto->output_size()) {
      fail(network_, node, "the branch taken is missing or yields too little");
    }
    if (++depth_ > 16) fail(network_, node, "branches are nested too deep");
    add_initializers(branch->g());
    add_nodes(branch->g());
    --depth_;
    for (int i = 0; i < node.proto->output_size(); ++i) {
      const std::string& inner = branch->g().output(i).name();
      const ValueId value = lookup(inner, fmt::format("node '{}'", node.name));
      const int type = bindings_.at(inner).element_type;
      if (inner != node.proto->output(i)) bind(node.proto->output(i), value, type);
    }
  }

  void require_input(const Node& node) const {
    if (node.inputs.empty() || node.inputs[0] == kNone) fail(network_, node, "has no input");
  }

  void add_shape(const Node& node) {
    require_input(node);
    const Shape& shape = network_.value(node.inputs[0]).shape;
    if (node.type == "Size") return bind_constant(node.proto->output(0), Constant::scalar(*element_count(shape)));
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto place = [rank](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
    const std::int64_t start = place(integer(*node.proto, "start", 0));
    const std::int64_t end = std::max(start, place(integer(*node.proto, "end", rank)));
    bind_constant(node.proto->output(0), Constant::of_whole({shape.begin() + start, shape.begin() + end}));
  }

  void add_quantization(const Node& node) {
    require_input(node);
    const onnx::NodeProto& proto = *node.proto;
    const bool dynamic = node.type == "DynamicQuantizeLinear";
    if (node.type == "DequantizeLinear" && add_evaluated(node, {Shape{network_.value(node.inputs[0]).shape}})) return;
    int type = onnx::TensorProto::FLOAT;
    if (node.type != "DequantizeLinear") {
      const bool has_zero_point = !dynamic && proto.input_size() > 2 && !proto.input(2).empty();
      type = has_zero_point ? bindings_.at(proto.input(2)).element_type : onnx::TensorProto::UINT8;
    }
    bind(proto.output(0), node.inputs[0], type);
    // Scale and zero point found while running: two numbers, not worth an operator.
    for (int i = 1; i < proto.output_size(); ++i) {
      if (!proto.output(i).empty()) {
        bind(proto.output(i), add_value(proto.output(i), {}, TensorRole::kWeight), onnx::TensorProto::FLOAT);
      }
    }
  }

  bool is_alias(const Node& node) const {
    if (node.type == "Identity" || node.type == "Dropout") return true;
    return (node.type == "Cast" || node.type == "CastLike") && !node.inputs.empty() &&
           network_.constant(node.inputs[0]) == nullptr;
  }

  // What leaves the numbers as they are: the output is the input under another name.
  void add_alias(const Node& node) {
    require_input(node);
    const onnx::NodeProto& proto = *node.proto;
    int type = bindings_.at(proto.input(0)).element_type;
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

  bool is_constant(const Node& node) const {
    return !node.inputs.empty() && std::all_of(node.inputs.begin(), node.inputs.end(),
                                               [&](ValueId id) { return id == kNone || network_.is_weight(id); });
  }

  void add_operator(Node& node) {
    std::vector<int> types;
    const std::vector<std::optional<Shape>> shapes = infer(node, types);
    if (add_evaluated(node, shapes)) return;
    const bool constant = is_constant(node);
    if (!constant && !is_supported_(node.type)) {
      fail(network_, node, "operator is supported only where everything it reads is constant");
    }
    for (int i = 0; i < node.proto->output_size(); ++i) {
      const std::string& name = node.proto->output(i);
      const auto at = static_cast<std::size_t>(i);
      if (name.empty()) {
        node.outputs.push_back(kNone);
        continue;
      }
      if (!shapes[at]) fail(network_, node, fmt::format("the shape of its output '{}' cannot be derived", name));
      check_shape(name, *shapes[at]);
      const TensorRole role = constant ? TensorRole::kWeight : TensorRole::kActivation;
      node.outputs.push_back(add_value(name, *shapes[at], role));
      bind(name, node.outputs.back(), types[at]);
      if (!constant) continue;
      inherit_precision(node, node.outputs.back());
      inherit_sources(node, node.outputs.back());
    }
    if (!constant) network_.nodes.push_back(node);
  }

  void inherit_precision(const Node& node, ValueId output) {
    for (const ValueId input : node.inputs) {
      if (input != kNone && network_.value(input).precision && !network_.value(output).precision) {
        network_.value(output).precision = network_.value(input).precision;
      }
    }
  }

  bool add_evaluated(const Node& node, const std::vector<std::optional<Shape>>& shapes) {
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
      inherit_precision(node, bindings_.at(name).value);
      inherit_sources(node, bindings_.at(name).value);
    }
    return true;
  }

  std::vector<std::optional<Shape>> infer(const Node& node, std::vector<int>& types) {
    std::vector<int> input_types;
    for (const std::string& name : node.proto->input()) {
      input_types.push_back(name.empty() ? 0 : bindings_.at(name).element_type);
    }
    std::vector<std::optional<Shape>> shapes = infer_shapes(network_, node, input_types, types);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (!shapes[i]) shapes[i] = declared_shape(node.proto->output(static_cast<int>(i)));
    }
    return shapes;
  }

  std::optional<Shape> declared_shape(const std::string& name) const {
    const auto found = declared_.find(name);
    return found == declared_.end() ? std::nullopt : complete_shape(found->second->type());
  }
};

}  // namespace

Network resolve_shapes(const onnx::ModelProto& model, const std::string& path, std::int64_t batch,
                       const std::function<bool(const std::string&)>& is_supported) {
  return Resolver(model, path, batch, is_supported).run();
}

}  // namespace lanewise::network::importing
