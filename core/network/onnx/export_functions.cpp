// SPDX-License-Identifier: Apache-2.0
// Functions of single numbers and of several operands. What operator set 17 has no operator for is spelled out in the
// form that is read back as one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/network/onnx/export_operators.hpp"

namespace lanewise::network::exporting {

namespace {

// The operator of a function: the first, unless the file had another of those that cost the same.
struct Function {
  ActivationFunction function;
  std::vector<const char*> types;
  std::set<std::string> attributes;
};

const std::vector<Function>& functions() {
  using F = ActivationFunction;
  static const std::vector<Function> rows = {
      {F::kRelu, {"Relu", "ThresholdedRelu", "Shrink"}, {"alpha", "lambd", "bias"}},
      {F::kLeakyRelu, {"LeakyRelu"}, {"alpha"}},
      {F::kElu, {"Elu", "Selu", "Celu"}, {"alpha", "gamma"}},
      {F::kSigmoid, {"Sigmoid"}, {}},
      {F::kTanh, {"Tanh", "Softsign"}, {}},
      {F::kHardSwish, {"HardSwish"}, {}},
      {F::kErf, {"Erf"}, {}},
      {F::kExp, {"Exp", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cos", "Cosh", "Sin", "Sinh", "Tan"}, {}},
      {F::kLog, {"Log"}, {}},
      {F::kSqrt, {"Sqrt"}, {}},
      {F::kSoftplus, {"Softplus"}, {}},
      {F::kReciprocal, {"Reciprocal"}, {}},
      {F::kNegate, {"Neg"}, {}},
      {F::kAbs, {"Abs", "Sign"}, {}},
      {F::kFloor, {"Floor", "Ceil", "Round"}, {}},
  };
  return rows;
}

void write_clip(Writer& writer, const Operator& op, double low, double high) {
  writer.finish(op, "Clip", {writer.read(op.inputs[0]), writer.real(low), writer.real(high)});
}

// The bounds of the file's own Clip; a bound that it lacks is far away.
void write_clip(Writer& writer, const Operator& op) {
  constexpr double kFar = 3e38;
  double bounds[2] = {-1, 1};
  if (const onnx::NodeProto* original = writer.original(op, {"Clip"})) {
    const char* const names[] = {"min", "max"};
    for (const int i : {0, 1}) {
      if (const onnx::AttributeProto* given = importing::find_attribute(*original, names[i])) {
        bounds[i] = static_cast<double>(given->f());
      } else if (original->input_size() > i + 1 && !original->input(i + 1).empty()) {
        const importing::Constant* number = writer.source()->numbers(original->input(i + 1));
        if (number != nullptr && number->size() == 1) bounds[i] = number->as_real(0);
      } else {
        bounds[i] = i == 0 ? -kFar : kFar;
      }
    }
  }
  write_clip(writer, op, bounds[0], bounds[1]);
}

// Its slope as PyTorch has it, unless the product with its own input would then be read as a hard swish.
void write_hard_sigmoid(Writer& writer, const Operator& op) {
  const Graph& graph = writer.graph();
  bool gates_itself = false;
  for (const OperatorId reader : graph.consumers(op.outputs[0])) {
    const Operator& product = graph.op(reader);
    gates_itself =
        gates_itself || (product.kind == OperatorKind::kElementwise &&
                         std::find(product.inputs.begin(), product.inputs.end(), op.inputs[0]) != product.inputs.end());
  }
  const onnx::NodeProto* original = writer.original(op, {"HardSigmoid"});
  if (gates_itself && original == nullptr && writer.is_exact()) {
    writer.fail(op, "with its usual slope and its own input it would be read as a hard swish");
  }
  constexpr double kUsualSlope = 1.0 / 6, kOtherSlope = 0.2, kOffset = 0.5;
  onnx::NodeProto& node =
      writer.finish(op, "HardSigmoid", {writer.read(op.inputs[0])},
                    {attribute("alpha", gates_itself ? kOtherSlope : kUsualSlope), attribute("beta", kOffset)});
  if (original == nullptr) return;
  // The operator set's own defaults count where the file names none.
  onnx::NodeProto defaults;
  *defaults.add_attribute() = attribute("alpha", kOtherSlope);
  *defaults.add_attribute() = attribute("beta", kOffset);
  Writer::keep_attributes(&defaults, {"alpha", "beta"}, node);
  Writer::keep_attributes(original, {"alpha", "beta"}, node);
}

// x * sigmoid(x), x * tanh(softplus(x)).
void write_silu(Writer& writer, const Operator& op) {
  const std::string x = writer.read(op.inputs[0]);
  const double slope = writer.number(op, "alpha", 1);
  const std::string scaled = slope == 1 ? x : writer.emit(op, "Mul", {x, writer.real(slope)});
  const std::string gate = op.source_type == "Mish" ? writer.emit(op, "Tanh", {writer.emit(op, "Softplus", {x})})
                                                    : writer.emit(op, "Sigmoid", {scaled});
  writer.finish(op, "Mul", {x, gate});
}

// x / 2 * (1 + erf(x / sqrt(2))).
void write_gelu(Writer& writer, const Operator& op) {
  const std::string x = writer.read(op.inputs[0]);
  if (writer.is_exact() && writer.text(op, "approximate", "none") != "none") {
    writer.fail(op, "only the exact function is written, not what approximates it");
  }
  const std::string scaled = writer.emit(op, "Div", {x, writer.real(std::sqrt(2.0))});
  const std::string erf = writer.emit(op, "Erf", {scaled});
  const std::string raised = writer.emit(op, "Add", {erf, writer.real(1)});
  const std::string product = writer.emit(op, "Mul", {x, raised});
  writer.finish(op, "Mul", {product, writer.real(0.5)});
}

// The slope lies as in the file: broadcast against the input from the last axis on.
void write_prelu(Writer& writer, const Operator& op) {
  if (op.weights.size() != 1) writer.fail(op, "it has no constant slope");
  writer.finish(op, "PRelu", {writer.read(op.inputs[0]), writer.read(op.weights[0])});
}

std::string elementwise_type(const Operator& op, std::size_t operands) {
  switch (op.elementwise) {
    case ElementwiseFunction::kAdd:
      if (op.source_type == "Mean") return "Mean";
      return operands == 2 ? "Add" : "Sum";
    case ElementwiseFunction::kSubtract:
      return "Sub";
    case ElementwiseFunction::kMultiply:
      return "Mul";
    case ElementwiseFunction::kDivide:
      return "Div";
    case ElementwiseFunction::kMaximum:
      return "Max";
    case ElementwiseFunction::kMinimum:
      return "Min";
    case ElementwiseFunction::kPower:
      return "Pow";
    case ElementwiseFunction::kCompare:
      return "Less";
    case ElementwiseFunction::kSelect:
      return "Where";
  }
  return "";
}

void write_comparison(Writer& writer, const Operator& op) {
  static const std::set<std::string> logic = {"And", "Or", "Xor"};
  static const std::set<std::string> comparisons = {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"};
  const bool is_logic = logic.count(op.source_type) > 0;
  const std::string type = is_logic || comparisons.count(op.source_type) > 0 ? op.source_type : "Less";
  Names inputs;
  for (const TensorId id : writer.operands(op, {type})) {
    inputs.push_back(writer.read(id, is_logic ? Form::kTruth : Form::kReal));
  }
  if (inputs.size() != 2) writer.fail(op, "it compares other than two tensors");
  writer.finish(op, type, inputs, {}, Form::kTruth);
}

// The condition first: the operand that holds truth values, or else the first one.
void write_choice(Writer& writer, const Operator& op) {
  std::vector<TensorId> operands = writer.operands(op, {"Where"});
  if (operands.size() != 3) writer.fail(op, "it chooses from other than two tensors");
  if (writer.original(op, {"Where"}) == nullptr) {
    const auto condition =
        std::find_if(operands.begin(), operands.end(), [&](TensorId id) { return writer.form(id) == Form::kTruth; });
    if (condition != operands.end()) std::rotate(operands.begin(), condition, condition + 1);
  }
  Form form = writer.form(operands[1]);
  if (form != writer.form(operands[2])) form = Form::kReal;
  writer.finish(
      op, "Where",
      {writer.read(operands[0], Form::kTruth), writer.read(operands[1], form), writer.read(operands[2], form)}, {},
      form);
}

}  // namespace

void write_activation(Writer& writer, const Operator& op) {
  switch (op.activation) {
    case ActivationFunction::kRelu6:
      return write_clip(writer, op, 0, 6);
    case ActivationFunction::kClip:
      return write_clip(writer, op);
    case ActivationFunction::kPRelu:
      return write_prelu(writer, op);
    case ActivationFunction::kHardSigmoid:
      return write_hard_sigmoid(writer, op);
    case ActivationFunction::kSilu:
      return write_silu(writer, op);
    case ActivationFunction::kGelu:
      return write_gelu(writer, op);
    case ActivationFunction::kNone:
    case ActivationFunction::kCast:
      writer.fail(op, "it computes nothing that is read back as an operator");
    default:
      break;
  }
  if (op.activation == ActivationFunction::kNegate &&
      (op.source_type == "Not" || writer.form(op.inputs[0]) == Form::kTruth)) {
    writer.finish(op, "Not", {writer.read(op.inputs[0], Form::kTruth)}, {}, Form::kTruth);
    return;
  }
  for (const Function& row : functions()) {
    if (row.function != op.activation) continue;
    std::string type = row.types.front();
    for (const char* other : row.types) {
      if (op.source_type == other) type = other;
    }
    onnx::NodeProto& node = writer.finish(op, type, {writer.read(op.inputs[0])});
    Writer::keep_attributes(writer.original(op, {type}), row.attributes, node);
    return;
  }
  writer.fail(op, fmt::format("the function '{}' has no operator", to_string(op.activation)));
}

void write_elementwise(Writer& writer, const Operator& op) {
  const std::size_t count = op.inputs.size() + op.weights.size();
  if (op.elementwise == ElementwiseFunction::kCompare) return write_comparison(writer, op);
  if (op.elementwise == ElementwiseFunction::kSelect) return write_choice(writer, op);
  if (op.elementwise == ElementwiseFunction::kMultiply && count == 3) return write_rotary_embedding(writer, op);
  const std::string type = elementwise_type(op, count);
  const bool takes_any = type == "Sum" || type == "Mean" || type == "Max" || type == "Min";
  if (count < 2 || (count > 2 && !takes_any)) writer.fail(op, fmt::format("{} of {} operands", type, count));
  Names inputs;
  for (const TensorId id : writer.operands(op, {type})) inputs.push_back(writer.read(id));
  writer.finish(op, type, inputs);
}

}  // namespace lanewise::network::exporting
