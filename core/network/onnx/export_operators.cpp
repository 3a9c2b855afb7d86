// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/export_operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/error.hpp"

namespace lanewise::network::exporting {

namespace {

std::size_t index(std::int64_t axis) { return static_cast<std::size_t>(axis); }

std::vector<std::int64_t> pair(const std::int64_t (&values)[2]) { return {values[0], values[1]}; }

std::vector<std::int64_t> pads_of(const Window& window) {
  return {window.pad_begin[0], window.pad_begin[1], window.pad_end[0], window.pad_end[1]};
}

bool is_dilated(const Window& window) { return window.dilation[0] != 1 || window.dilation[1] != 1; }

void write_convolution(Writer& writer, const Operator& op) {
  if (op.weights.empty() || op.inputs.size() != 1) writer.fail(op, "its weight is computed, and none is read so");
  Names inputs{writer.read(op.inputs[0]), writer.read(op.weights[0])};
  if (op.weights.size() > 1) inputs.push_back(writer.read(op.weights[1]));
  std::vector<std::int64_t> pads = pads_of(op.window);
  Attributes attributes{attribute("dilations", pair(op.window.dilation)), attribute("group", op.groups),
                        attribute("kernel_shape", pair(op.window.kernel)),
                        attribute("strides", pair(op.window.stride))};
  if (op.transposed) {
    // What the graph took off the end pad is output padding.
    std::vector<std::int64_t> more{0, 0};
    for (std::size_t i = 0; i < 2; ++i) {
      if (pads[i + 2] >= 0) continue;
      more[i] = -pads[i + 2];
      pads[i + 2] = 0;
    }
    attributes.push_back(attribute("output_padding", more));
  }
  attributes.push_back(attribute("pads", pads));
  writer.finish(op, op.transposed ? "ConvTranspose" : "Conv", inputs, attributes);
}

// The addition of a Gemm's third operand, where it is none of one number an output: an operator of its own in the
// graph.
const Operator* gemm_sum(const Writer& writer, const Operator& op) {
  const Graph& graph = writer.graph();
  const auto& readers = graph.consumers(op.outputs[0]);
  if (op.source_type != "Gemm" || op.weights.size() != 1 || readers.size() != 1 || graph.is_output(op.outputs[0])) {
    return nullptr;
  }
  const Operator& sum = graph.op(readers[0]);
  const bool adds = sum.kind == OperatorKind::kElementwise && sum.elementwise == ElementwiseFunction::kAdd &&
                    sum.name == op.name + "/sum" && sum.inputs[0] == op.outputs[0];
  return adds && sum.weights.size() == 1 && sum.inputs.size() == 1 ? &sum : nullptr;
}

void write_fully_connected(Writer& writer, const Operator& op) {
  const bool flat = writer.shape(op.inputs[0]).size() == 2;
  const std::string x = writer.read(op.inputs[0]);
  if (flat) {
    const auto [matrix, turned] = writer.read_matrix(op.weights[0]);
    Names inputs{x, matrix};
    if (op.weights.size() > 1) inputs.push_back(writer.read(op.weights[1]));
    const Attributes attributes{attribute("transB", std::int64_t{turned ? 0 : 1})};
    if (const Operator* sum = gemm_sum(writer, op)) {
      inputs.push_back(writer.read(sum->weights[0]));
      writer.finish_as(op, *sum, "Gemm", inputs, attributes);
    } else {
      writer.finish(op, "Gemm", inputs, attributes);
    }
    return;
  }
  const std::string matrix = writer.read_turned_matrix(op.weights[0]);
  if (op.weights.size() < 2) {
    writer.finish(op, "MatMul", {x, matrix});
    return;
  }
  // A bias is an addition behind the product, which carries the name when it is read.
  const std::string bias = writer.read(op.weights[1]);
  writer.finish_by(op, "MatMul", {x, matrix}, "Add", {bias});
}

void write_matmul(Writer& writer, const Operator& op) {
  writer.finish(op, "MatMul", {writer.read(op.inputs.at(0)), writer.read(op.inputs.at(1))});
}

void write_pooling(Writer& writer, const Operator& op) {
  const bool averages = op.kind == OperatorKind::kAveragePool;
  if (averages && is_dilated(op.window)) {
    writer.fail(op, fmt::format("operator set {} has no dilated average pooling", kOpset));
  }
  Attributes attributes{attribute("kernel_shape", pair(op.window.kernel)), attribute("pads", pads_of(op.window)),
                        attribute("strides", pair(op.window.stride))};
  if (is_dilated(op.window)) attributes.push_back(attribute("dilations", pair(op.window.dilation)));
  const char* type = averages ? "AveragePool" : "MaxPool";
  onnx::NodeProto& node = writer.finish(op, type, {writer.read(op.inputs[0])}, attributes);
  Writer::keep_attributes(writer.original(op, {type}), {"count_include_pad"}, node);
}

void write_global_pooling(Writer& writer, const Operator& op) {
  const bool averages = op.kind == OperatorKind::kGlobalAveragePool;
  writer.finish(op, averages ? "GlobalAveragePool" : "GlobalMaxPool", {writer.read(op.inputs[0])});
}

void write_reduction(Writer& writer, const Operator& op) {
  static const std::set<std::string> types = {"ArgMax",    "ArgMin",     "ReduceL1",       "ReduceL2",
                                              "ReduceMax", "ReduceMean", "ReduceMin",      "ReduceLogSumExp",
                                              "ReduceSum", "ReduceProd", "ReduceSumSquare"};
  const bool keeps = writer.shape(op.inputs[0]).size() == writer.shape(op.outputs[0]).size();
  std::string type = types.count(op.source_type) > 0 ? op.source_type : "ReduceMean";
  const bool finds = type == "ArgMax" || type == "ArgMin";
  if (finds && op.axes.size() != 1) type = "ReduceMean";
  const auto keepdims = attribute("keepdims", std::int64_t{keeps ? 1 : 0});
  const std::string x = writer.read(op.inputs[0]);
  if (type == "ArgMax" || type == "ArgMin") {
    writer.finish(op, type, {x}, {attribute("axis", op.axes[0]), keepdims}, Form::kWhole);
  } else if (type == "ReduceSum") {  // whose axes became an input in operator set 13
    writer.finish(op, type, {x, writer.whole(op.axes)}, {keepdims});
  } else {
    writer.finish(op, type, {x}, {attribute("axes", op.axes), keepdims});
  }
}

void write_pad(Writer& writer, const Operator& op) {
  const Shape& in = writer.shape(op.inputs[0]);
  const Shape& out = writer.shape(op.outputs[0]);
  if (in.size() != out.size() || op.offsets.size() != in.size()) writer.fail(op, "it does not pad every dimension");
  std::vector<std::int64_t> pads = op.offsets;
  for (std::size_t i = 0; i < in.size(); ++i) pads.push_back(out[i] - in[i] - op.offsets[i]);
  // Zeros before a convolution would be read as its own padding; they stand by themselves here, so they are no zeros.
  const auto& readers = writer.graph().consumers(op.outputs[0]);
  const bool stays_apart = readers.size() == 1 && writer.graph().op(readers[0]).kind == OperatorKind::kConvolution &&
                           !writer.graph().op(readers[0]).transposed && !writer.graph().is_output(op.outputs[0]);
  const onnx::NodeProto* original = writer.original(op, {"Pad"});
  const std::string mode = original != nullptr ? importing::text(*original, "mode", "constant") : "constant";
  if (mode == "constant" && stays_apart && writer.is_exact()) {
    writer.fail(op, "zeros before a convolution would be read as its own padding");
  }
  Attributes attributes;
  if (mode != "constant") attributes.push_back(attribute("mode", mode.c_str()));
  if (mode == "constant" && stays_apart) attributes.push_back(attribute("mode", "edge"));
  const Form form = writer.form(op.inputs[0]) == Form::kTruth ? Form::kReal : writer.form(op.inputs[0]);
  writer.finish(op, "Pad", {writer.read(op.inputs[0], form), writer.whole(pads)}, attributes, form);
}

void write_concat(Writer& writer, const Operator& op) {
  const std::vector<TensorId> parts = writer.operands(op, {"Concat"}, true);
  Form form = writer.form(parts.at(0));
  for (const TensorId part : parts) {
    if (writer.form(part) != form) form = Form::kReal;
  }
  Names inputs;
  for (const TensorId part : parts) inputs.push_back(writer.read(part, form));
  if (inputs.size() < 2) writer.fail(op, "it joins a single tensor");
  writer.finish(op, "Concat", inputs, {attribute("axis", op.axes.at(0))}, form);
}

void write_split(Writer& writer, const Operator& op) {
  const auto axis = index(op.axes.at(0));
  std::vector<std::int64_t> sizes;
  std::int64_t left = writer.shape(op.inputs[0]).at(axis);
  for (const TensorId part : op.outputs) {
    sizes.push_back(writer.shape(part).at(axis));
    left -= sizes.back();
  }
  if (left < 0) writer.fail(op, "its parts are longer than what it divides");
  if (left > 0) sizes.push_back(left);
  const Form form = writer.form(op.inputs[0]);
  onnx::NodeProto& node = writer.finish(op, "Split", {writer.read(op.inputs[0], form), writer.whole(sizes)},
                                        {attribute("axis", op.axes[0])}, form);
  if (left > 0) node.add_output("");  // a part that nothing reads
}

void write_slice(Writer& writer, const Operator& op) {
  const Shape& out = writer.shape(op.outputs[0]);
  std::vector<std::int64_t> ends, steps;
  for (std::size_t i = 0; i < op.axes.size(); ++i) {
    const std::int64_t step = op.steps.empty() ? 1 : op.steps[i];
    const std::int64_t last = op.offsets.at(i) + (out.at(index(op.axes[i])) - 1) * step;
    std::int64_t end = step > 0 ? last + 1 : last - 1;
    if (end < 0) end = -writer.shape(op.inputs[0]).at(index(op.axes[i])) - 1;  // beyond the first
    ends.push_back(end);
    steps.push_back(step);
  }
  const Form form = writer.form(op.inputs[0]);
  writer.finish(op, "Slice",
                {writer.read(op.inputs[0], form), writer.whole(op.offsets), writer.whole(ends), writer.whole(op.axes),
                 writer.whole(steps)},
                {}, form);
}

// Which entries constant indices chose, the graph does not keep: those of the file, or some that are no run.
std::string chosen_entries(Writer& writer, const Operator& op, std::int64_t count, std::int64_t size) {
  const onnx::NodeProto* original = writer.original(op, {"Gather"});
  if (original != nullptr && original->input_size() == 2 && writer.source()->numbers(original->input(1)) != nullptr) {
    std::vector<std::int64_t> entries = writer.source()->numbers(original->input(1))->all_whole();
    const bool fits =
        std::all_of(entries.begin(), entries.end(), [&](std::int64_t entry) { return entry >= -size && entry < size; });
    if (fits && static_cast<std::int64_t>(entries.size()) == count) return writer.whole(entries);
  }
  if (size < 2) writer.fail(op, "it picks from a single entry");
  std::vector<std::int64_t> entries;
  for (std::int64_t i = 0; i < count; ++i) entries.push_back(i % 2 == 0 ? 1 : 0);
  return writer.whole(entries);
}

void write_gather(Writer& writer, const Operator& op) {
  const bool is_table = !op.weights.empty();
  const TensorId data = is_table ? op.weights[0] : op.inputs.at(0);
  const TensorId chosen = is_table ? op.inputs.at(0) : op.inputs.size() > 1 ? op.inputs[1] : kNone;
  const std::int64_t axis = op.axes.at(0);
  const Shape& from = writer.shape(data);
  const Shape& out = writer.shape(op.outputs[0]);
  if (index(axis) >= from.size()) writer.fail(op, "it moves numbers in no order that ONNX has an operator for");
  Shape expected = from;
  const Shape entries = chosen != kNone            ? writer.shape(chosen)
                        : index(axis) < out.size() ? Shape{out[index(axis)]}
                                                   : Shape{};
  expected.erase(expected.begin() + axis);
  expected.insert(expected.begin() + axis, entries.begin(), entries.end());
  if (expected != out) writer.fail(op, "it moves numbers in no order that ONNX has an operator for");
  const Form form = writer.form(data);
  const std::string indices =
      chosen != kNone ? writer.read(chosen, Form::kWhole) : chosen_entries(writer, op, entries[0], from[index(axis)]);
  writer.finish(op, "Gather", {writer.read(data, form), indices}, {attribute("axis", axis)}, form);
}

void write_resize(Writer& writer, const Operator& op) {
  const Shape& in = writer.shape(op.inputs[0]);
  const Shape& out = writer.shape(op.outputs[0]);
  if (op.axes.empty()) {
    onnx::NodeProto& node = writer.finish(op, "Resize", {writer.read(op.inputs[0]), "", "", writer.whole(out)},
                                          {attribute("mode", "linear")});
    Writer::keep_attributes(
        writer.original(op, {"Resize"}),
        {"mode", "coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "exclude_outside"}, node);
    return;
  }
  const Form form = writer.form(op.inputs[0]);
  const std::string x = writer.read(op.inputs[0], form);
  std::vector<std::int64_t> repeats;
  bool from_one = true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (in.size() != out.size() || out[i] % in[i] != 0) writer.fail(op, "it repeats part of a tensor");
    repeats.push_back(out[i] / in[i]);
    from_one = from_one && (in[i] == 1 || in[i] == out[i]);
  }
  writer.finish(op, from_one ? "Expand" : "Tile", {x, writer.whole(from_one ? out : repeats)}, {}, form);
}

void write_transpose(Writer& writer, const Operator& op) {
  const Form form = writer.form(op.inputs[0]);
  writer.finish(op, "Transpose", {writer.read(op.inputs[0], form)}, {attribute("perm", op.axes)}, form);
}

void write_reshape(Writer& writer, const Operator& op) {
  const Shape& in = writer.shape(op.inputs[0]);
  const Shape& out = writer.shape(op.outputs[0]);
  const Form form = writer.form(op.inputs[0]);
  const std::string x = writer.read(op.inputs[0], form);
  // Where the file came from keeps the channels last, what is only looked at with the channels second is turned in
  // ONNX.
  const onnx::NodeProto* turned = writer.original(op, {"Transpose"});
  if (turned != nullptr && importing::integer(*turned, importing::kMovesNothing, 0) != 0) {
    const std::vector<std::int64_t> order = importing::integers(*turned, "perm");
    Shape made;
    for (const std::int64_t axis : order) made.push_back(in.at(index(axis)));
    if (made == out) {
      writer.finish(op, "Transpose", {x}, {attribute("perm", order)}, form);
      writer.mark_layout(op);
      return;
    }
  }
  if (in != out) {
    writer.finish(op, "Reshape", {x, writer.whole(out)}, {}, form);
    return;
  }
  // A reshape to the same shape would vanish when it is read; two dimensions of 1 that change places do not.
  std::vector<std::int64_t> order, ones;
  for (std::size_t i = 0; i < in.size(); ++i) {
    order.push_back(static_cast<std::int64_t>(i));
    if (in[i] == 1) ones.push_back(static_cast<std::int64_t>(i));
  }
  if (ones.size() < 2) writer.fail(op, "it changes nothing");
  std::swap(order[index(ones[0])], order[index(ones[1])]);
  writer.finish(op, "Transpose", {x}, {attribute("perm", order)}, form);
}

void write_softmax(Writer& writer, const Operator& op) {
  if (op.axes.size() != 1) writer.fail(op, "a softmax goes over one axis");
  writer.finish(op, op.source_type == "LogSoftmax" ? "LogSoftmax" : "Softmax", {writer.read(op.inputs[0])},
                {attribute("axis", op.axes[0])});
}

void write_local_response(Writer& writer, const Operator& op) {
  constexpr std::int64_t kUsualWindow = 5;  // channels, as in AlexNet
  onnx::NodeProto& node = writer.finish(op, "LRN", {writer.read(op.inputs[0])}, {attribute("size", kUsualWindow)});
  Writer::keep_attributes(writer.original(op, {"LRN"}), {"size", "alpha", "beta", "bias"}, node);
}

// Operators of the host whose elements have no form here, or that later operator sets took away.
bool is_unsaid(const std::string& type) {
  static const std::set<std::string> types = {"BitShift", "Scatter", "StringNormalizer", "TfIdfVectorizer", "Upsample"};
  return types.count(type) > 0;
}

// Whether an input of a host's operator takes entries of another.
bool takes_entries(const std::string& type, int input) {
  const bool moves = type == "GatherElements" || type == "GatherND" || type == "ScatterElements" || type == "ScatterND";
  return (moves && input == 1) || (type == "RoiAlign" && input == 2) || (type == "ReverseSequence" && input == 1) ||
         (type == "MaxUnpool" && input == 1);
}

// An operator of the host means what it meant in the file; the graph alone does not say.
void write_host(Writer& writer, const Operator& op) {
  const std::string& type = op.source_type;
  const onnx::NodeProto* original = writer.original(op, {type});
  if (original == nullptr || original->output(0) != writer.graph().tensor(op.outputs[0]).name) {
    writer.fail(op, writer.source() == nullptr ? "what the host computes is only known from the file that it came from"
                                               : "it stands for nothing that the file has as an operator of its own");
  }
  if (is_unsaid(type) || writer.source()->opset() > kOpset) {
    writer.fail(op, fmt::format("operator set {} has no such operator of real or whole numbers", kOpset));
  }
  onnx::NodeProto node = *original;
  node.set_name(op.name);
  std::size_t inputs = 0, weights = 0;
  std::vector<int> types;
  for (int i = 0; i < node.input_size(); ++i) {
    std::string& name = *node.mutable_input(i);
    types.push_back(0);
    if (name.empty()) continue;
    constexpr std::size_t kArgument = 64;  // as the importer takes constants for arguments
    const importing::Constant* argument = writer.source()->numbers(name);
    if (argument != nullptr && argument->size() <= kArgument) {
      types.back() = argument->is_real ? int{onnx::TensorProto::FLOAT} : int{onnx::TensorProto::INT64};
      name = writer.argument(*argument);
      continue;
    }
    const bool constant = writer.source()->is_constant(name);
    std::size_t& next = constant ? weights : inputs;
    const std::vector<TensorId>& list = constant ? op.weights : op.inputs;
    if (next >= list.size()) writer.fail(op, "its operands are not those of the file");
    const Form form = takes_entries(type, i) ? Form::kWhole : writer.form(list[next]);
    name = writer.read(list[next], form);
    types.back() = writer.type_of(form);
    ++next;
  }
  writer.copy_host(op, std::move(node), types);
}

using Write = void (*)(Writer&, const Operator&);

// In the order of the enumeration.
constexpr Write kRows[] = {
    write_convolution,
    write_fully_connected,
    write_matmul,
    write_batch_normalization,
    write_layer_normalization,
    write_pooling,
    write_pooling,
    write_global_pooling,
    write_global_pooling,
    write_reduction,
    write_elementwise,
    write_activation,
    write_pad,
    write_concat,
    write_split,
    write_slice,
    write_gather,
    write_resize,
    write_transpose,
    write_reshape,
    write_softmax,
    write_local_response,
    write_host,
};
static_assert(std::size(kRows) == kOperatorKindCount);

}  // namespace

void write_operator(Writer& writer, const Operator& op) {
  const auto row = static_cast<std::size_t>(op.kind);
  if (row >= std::size(kRows)) throw InternalError("an operator kind is not written");
  if (op.outputs.empty() || (op.inputs.empty() && op.kind != OperatorKind::kHost)) {
    writer.fail(op, "it reads or writes nothing");
  }
  if (writer.is_written(op)) return;
  kRows[row](writer, op);
}

}  // namespace lanewise::network::exporting
