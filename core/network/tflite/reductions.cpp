// SPDX-License-Identifier: Apache-2.0
// What goes over an axis: sums, maxima, softmax.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::int64_t kChannels = 3;  // of an image, in the file

std::string short_name(const Call& call) { return name_of(call.translator().file().code(call.op())); }

// Whether what is left of an image has its axes in the order of the file: nothing of the map is left behind channels
// that are.
bool keeps_order(const Axes& axes) {
  const auto has = [&](std::int64_t axis) { return std::count(axes.begin(), axes.end(), axis) > 0; };
  return has(kChannels) || (has(1) && has(2));
}

const char* reduction_type(const std::string& name) {
  if (name == "MEAN") return "ReduceMean";
  if (name == "SUM") return "ReduceSum";
  if (name == "REDUCE_MAX" || name == "REDUCE_ANY") return "ReduceMax";
  if (name == "REDUCE_MIN" || name == "REDUCE_ALL") return "ReduceMin";
  return "ReduceProd";
}

}  // namespace

void reduction(const Call& call) {
  const auto* options = call.options<schema::ReducerOptions>();
  const bool keeps = options != nullptr && options->keep_dims();
  Axes axes = call.known_integers(1, "the list of axes");
  for (std::int64_t& axis : axes) axis = call.axis(axis, call.rank(0));
  const bool as_image = call.is_image(0) && (keeps || keeps_order(axes));
  const std::string x = call.operand(0, as_image);
  if (as_image) std::transform(axes.begin(), axes.end(), axes.begin(), image_axis);
  std::sort(axes.begin(), axes.end());
  const std::string type = reduction_type(short_name(call));
  Attributes attributes = {attribute("keepdims", std::int64_t{keeps ? 1 : 0})};
  Names inputs = {x};
  if (type == "ReduceSum") {
    inputs.push_back(call.whole(axes));
  } else {
    attributes.push_back(attribute("axes", axes));
  }
  call.finish(type, inputs, attributes, as_image && keeps);
}

void arg_reduction(const Call& call) {
  const Axes axes = call.known_integers(1, "the axis");
  if (axes.size() != 1) call.fail(fmt::format("has {} axes, where one is needed", axes.size()));
  std::int64_t axis = call.axis(axes[0], call.rank(0));
  const bool as_image = call.is_image(0) && keeps_order({axis});
  const std::string x = call.operand(0, as_image);
  if (as_image) axis = image_axis(axis);
  call.finish(short_name(call) == "ARG_MAX" ? "ArgMax" : "ArgMin", {x},
              {attribute("axis", axis), attribute("keepdims", std::int64_t{0})});
}

// Over the last axis of the file.
void softmax(const Call& call) {
  const bool as_image = call.is_image(0);
  std::string x = call.operand(0, as_image);
  const auto* options = call.options<schema::SoftmaxOptions>();
  const float beta = options == nullptr || options->beta() == 0.0F ? 1.0F : options->beta();
  if (beta != 1.0F) x = call.emit("Mul", {x, call.number(static_cast<double>(beta))});
  const std::int64_t axis = as_image ? 1 : -1;
  call.finish(short_name(call) == "SOFTMAX" ? "Softmax" : "LogSoftmax", {x}, {attribute("axis", axis)}, as_image);
}

void l2_normalization(const Call& call) {
  const auto* options = call.options<schema::L2NormOptions>();
  const bool as_image = call.is_image(0);
  const std::string x = call.operand(0, as_image);
  const Axes axes = {as_image ? 1 : static_cast<std::int64_t>(call.rank(0)) - 1};
  const std::string norm = call.emit("ReduceL2", {x}, {attribute("axes", axes)});
  call.finish("Div", {x, norm}, {}, as_image, options == nullptr ? schema::Fused::NONE : options->fused());
}

void cumulative_sum(const Call& call) {
  const auto* options = call.options<schema::CumsumOptions>();
  call.finish("CumSum", {call.plain(0), call.plain(1)},
              {attribute("exclusive", std::int64_t{options != nullptr && options->exclusive() ? 1 : 0}),
               attribute("reverse", std::int64_t{options != nullptr && options->reverse() ? 1 : 0})});
}

void top_k(const Call& call) {
  const std::string count = call.emit("Reshape", {call.plain(1), call.whole({1})});
  call.finish_all("TopK", {call.plain(0), count}, {attribute("axis", std::int64_t{-1})}, false);
}

}  // namespace lanewise::network::tflite
