// SPDX-License-Identifier: Apache-2.0
// Operators that work element by element.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::size_t kMapRank = 4;

// ONNX's operator for one of the format's, where one stands for it.
const char* pointwise_type(const Call& call) {
  struct Pair {
    const char* from;
    const char* to;
  };
  static constexpr Pair kPairs[] = {
      {"ABS", "Abs"},
      {"CEIL", "Ceil"},
      {"COS", "Cos"},
      {"ELU", "Elu"},
      {"EQUAL", "Equal"},
      {"EXP", "Exp"},
      {"FLOOR", "Floor"},
      {"FLOOR_MOD", "Mod"},
      {"GREATER", "Greater"},
      {"GREATER_EQUAL", "GreaterOrEqual"},
      {"HARD_SWISH", "HardSwish"},
      {"LESS", "Less"},
      {"LESS_EQUAL", "LessOrEqual"},
      {"LOG", "Log"},
      {"LOGICAL_AND", "And"},
      {"LOGICAL_NOT", "Not"},
      {"LOGICAL_OR", "Or"},
      {"LOGISTIC", "Sigmoid"},
      {"MAXIMUM", "Max"},
      {"MINIMUM", "Min"},
      {"NEG", "Neg"},
      {"POW", "Pow"},
      {"RELU", "Relu"},
      {"ROUND", "Round"},
      {"SIGN", "Sign"},
      {"SIN", "Sin"},
      {"SQRT", "Sqrt"},
      {"TANH", "Tanh"},
  };
  const std::string name = name_of(call.translator().file().code(call.op()));
  for (const Pair& pair : kPairs) {
    if (name == pair.from) return pair.to;
  }
  call.fail("is not supported");
}

// Whether the operands can be read as images: one of them was written so, and what has fewer dimensions keeps its place
// beside it when the channels come second.
bool takes_images(const Call& call) {
  if (call.output_count() == 0 || call.out_shape().size() != kMapRank) return false;
  bool any = false;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    if (!call.has(i)) continue;
    any = any || call.is_image(i);
    const Shape shape = call.in_shape(i);
    const bool is_single = importing::element_count(shape) == 1;
    if (shape.size() < kMapRank && !call.is_constant(i) && !is_single) return false;
  }
  return any;
}

// An operand beside images: a constant of fewer dimensions is broadcast from the last axis of the file, which is the
// channels.
std::string beside_images(const Call& call, std::size_t input) {
  const Shape shape = call.in_shape(input);
  if (shape.size() == kMapRank) return call.image(input);
  switch (shape.size()) {
    case 1:
      return call.emit("Unsqueeze", {call.plain(input), call.whole({1, 2})});
    case 2: {
      const std::string turned = call.weight(input, {1, 0});
      return call.emit("Unsqueeze", {turned, call.whole({1})});
    }
    case 3:
      return call.weight(input, {2, 0, 1});
    default:
      return call.plain(input);
  }
}

std::string operand_of(const Call& call, std::size_t input, bool as_images) {
  const bool is_single =
      call.has(input) && call.in_shape(input).size() < 2 && importing::element_count(call.in_shape(input)) == 1;
  if (!as_images || is_single) return call.plain(input);
  return beside_images(call, input);
}

void emit_binary(const Call& call, const std::string& type, schema::Fused fused) {
  const bool as_images = takes_images(call);
  call.finish(type, {operand_of(call, 0, as_images), operand_of(call, 1, as_images)}, {}, as_images, fused);
}

template <class Options>
schema::Fused fused_of(const Call& call) {
  const Options* options = call.options<Options>();
  return options == nullptr ? schema::Fused::NONE : options->fused();
}

}  // namespace

void add(const Call& call) { emit_binary(call, "Add", fused_of<schema::AddOptions>(call)); }
void subtract(const Call& call) { emit_binary(call, "Sub", fused_of<schema::SubOptions>(call)); }
void multiply(const Call& call) { emit_binary(call, "Mul", fused_of<schema::MulOptions>(call)); }
void divide(const Call& call) { emit_binary(call, "Div", fused_of<schema::DivOptions>(call)); }
void binary(const Call& call) { emit_binary(call, pointwise_type(call), schema::Fused::NONE); }

void squared_difference(const Call& call) {
  const bool as_images = takes_images(call);
  const std::string difference = call.emit("Sub", {operand_of(call, 0, as_images), operand_of(call, 1, as_images)});
  call.finish("Mul", {difference, difference}, {}, as_images);
}

void floor_divide(const Call& call) {
  const bool as_images = takes_images(call);
  const Names operands = {operand_of(call, 0, as_images), operand_of(call, 1, as_images)};
  // Whole numbers are divided without a rest.
  if (element_type(call.in(0).type()) == onnx::TensorProto::INT64) return call.finish("Div", operands, {}, as_images);
  call.finish("Floor", {call.emit("Div", operands)}, {}, as_images);
}

void not_equal(const Call& call) {
  const bool as_images = takes_images(call);
  const std::string equal = call.emit("Equal", {operand_of(call, 0, as_images), operand_of(call, 1, as_images)});
  call.finish("Not", {equal}, {}, as_images);
}

void select(const Call& call) {
  const bool as_images = takes_images(call);
  call.finish("Where", {operand_of(call, 0, as_images), operand_of(call, 1, as_images), operand_of(call, 2, as_images)},
              {}, as_images);
}

void add_all(const Call& call) {
  const bool as_images = takes_images(call);
  Names operands;
  for (std::size_t i = 0; i < call.input_count(); ++i) operands.push_back(operand_of(call, i, as_images));
  call.finish("Sum", operands, {}, as_images);
}

void unary(const Call& call) {
  const bool as_image = call.is_image(0);
  call.finish(pointwise_type(call), {call.operand(0, as_image)}, {}, as_image);
}

void reciprocal_root(const Call& call) {
  const bool as_image = call.is_image(0);
  const std::string root = call.emit("Sqrt", {call.operand(0, as_image)});
  call.finish("Reciprocal", {root}, {}, as_image);
}

void square(const Call& call) {
  const bool as_image = call.is_image(0);
  const std::string x = call.operand(0, as_image);
  call.finish("Mul", {x, x}, {}, as_image);
}

void clipped(const Call& call) {
  const bool as_image = call.is_image(0);
  const std::string name = name_of(call.translator().file().code(call.op()));
  const double low = name == "RELU_N1_TO_1" ? -1.0 : 0.0;
  const double high = name == "RELU6" ? 6.0 : 1.0;
  call.finish("Clip", {call.operand(0, as_image), call.number(low), call.number(high)}, {}, as_image);
}

void leaky_relu(const Call& call) {
  const bool as_image = call.is_image(0);
  const auto* options = call.options<schema::LeakyReluOptions>();
  const double alpha = options == nullptr ? 0.0 : static_cast<double>(options->alpha());
  call.finish("LeakyRelu", {call.operand(0, as_image)}, {attribute("alpha", alpha)}, as_image);
}

// Its slopes broadcast like any operand.
void parametric_relu(const Call& call) {
  const bool as_image = takes_images(call);
  call.finish("PRelu", {operand_of(call, 0, as_image), operand_of(call, 1, as_image)}, {}, as_image);
}

void gelu(const Call& call) {
  const bool as_image = call.is_image(0);
  const auto* options = call.options<schema::GeluOptions>();
  const bool approximate = options != nullptr && options->approximate();
  call.finish("Gelu", {call.operand(0, as_image)}, {attribute("approximate", approximate ? "tanh" : "none")}, as_image);
}

void cast(const Call& call) {
  const bool as_image = call.is_image(0);
  const std::int64_t to = element_type(call.out().type());
  call.finish("Cast", {call.operand(0, as_image)}, {attribute("to", to)}, as_image);
}

void converted(const Call& call) {
  if (call.is_constant(0)) {
    call.translator().alias(call.out_index(0), call.index(0));
    return;
  }
  const bool as_image = call.is_image(0);
  call.forward(call.operand(0, as_image), as_image);
}

}  // namespace lanewise::network::tflite
