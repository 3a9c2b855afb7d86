// SPDX-License-Identifier: Apache-2.0
// Convolutions and poolings over three spatial axes, by two: the depth becomes part of the batch, and a convolution a
// sum of as many as its kernel is deep. Each reads the slices that lie under its tap, so that no product is counted
// that the operator does not have.
#include <algorithm>

#include "core/network/onnx/lowerings/lowerings.hpp"

namespace lanewise::network::importing {

namespace {

using Whole = std::int64_t;
using Values = std::vector<Whole>;

// One attribute of a window: the entries of the depth, and those of the two axes behind it.
Values entries(const Lowering& lowering, const char* name, std::size_t count, Whole otherwise) {
  Values values = integers(lowering.proto(), name);
  if (values.size() != count) values.assign(count, otherwise);
  return values;
}

struct DepthWindow {
  Whole kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;
  Values strides, dilations, pads;  // of height and width
};

DepthWindow read_window(const Lowering& lowering, Whole kernel, Whole size, Whole positions) {
  DepthWindow window;
  const Values strides = entries(lowering, "strides", 3, 1);
  const Values dilations = entries(lowering, "dilations", 3, 1);
  Values pads = entries(lowering, "pads", 6, 0);
  const std::string automatic = text(lowering.proto(), "auto_pad", "NOTSET");
  window.kernel = kernel;
  window.stride = strides[0];
  window.dilation = dilations[0];
  if (automatic.rfind("SAME_", 0) == 0) {
    const Whole span = (kernel - 1) * window.dilation + 1;
    const Whole total = std::max<Whole>((positions - 1) * window.stride + span - size, 0);
    pads[0] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    pads[3] = total - pads[0];
  } else if (automatic == "VALID") {
    pads.assign(6, 0);
  }
  window.pad_begin = pads[0];
  window.pad_end = pads[3];
  window.strides = {strides[1], strides[2]};
  window.dilations = {dilations[1], dilations[2]};
  window.pads = {pads[1], pads[2], pads[4], pads[5]};
  return window;
}

Lowering::Attributes plane_attributes(const Lowering& lowering, const DepthWindow& window, const Values& kernel) {
  Lowering::Attributes result = {attribute("kernel_shape", kernel), attribute("strides", window.strides),
                                 attribute("dilations", window.dilations)};
  const std::string automatic = text(lowering.proto(), "auto_pad", "NOTSET");
  if (automatic.rfind("SAME_", 0) == 0) {
    result.push_back(attribute("auto_pad", automatic.c_str()));
  } else {
    result.push_back(attribute("pads", window.pads));
  }
  return result;
}

std::string reshaped(Lowering& lowering, const std::string& tensor, const Shape& shape) {
  return lowering.emit("Reshape", {tensor, lowering.integers(shape)});
}

std::string sliced(Lowering& lowering, const std::string& tensor, Whole axis, Whole start, Whole end, Whole step) {
  return lowering.emit("Slice", {tensor, lowering.integers({start}), lowering.integers({end}),
                                 lowering.integers({axis}), lowering.integers({step})});
}

// Emitted operators are written as in this set; none of them means anything else since.
constexpr int kEmittedSet = 13;

constexpr Whole kDeepestKernel = 64;

bool lower_convolution(Lowering& lowering) {
  if (!lowering.has(0) || !lowering.has(1) || lowering.shape(0).size() != 5) return false;
  const Shape& x = lowering.shape(0);
  const Shape& w = lowering.shape(1);
  const Shape out = lowering.output_shape(0);
  if (w[2] > kDeepestKernel) lowering.fail("its kernel is more than 64 deep, which is not supported");
  const DepthWindow window = read_window(lowering, w[2], x[2], out[2]);
  const Values kernel{w[3], w[4]};
  Lowering::Attributes attributes = plane_attributes(lowering, window, kernel);
  attributes.push_back(attribute("group", integer(lowering.proto(), "group", 1)));
  lowering.use_opset(kEmittedSet);
  std::string input = lowering.input(0);
  if (window.pad_begin < 0 || window.pad_end < 0) lowering.fail("negative pads are not supported");
  if (window.pad_begin + window.pad_end > 0) {
    input =
        lowering.emit("Pad", {input, lowering.integers({0, 0, window.pad_begin, 0, 0, 0, 0, window.pad_end, 0, 0})});
  }
  input = lowering.emit("Transpose", {input}, {attribute("perm", Values{0, 2, 1, 3, 4})});
  std::string sum;
  for (Whole tap = 0; tap < window.kernel; ++tap) {
    const Whole start = tap * window.dilation;
    const std::string planes =
        sliced(lowering, input, 1, start, start + (out[2] - 1) * window.stride + 1, window.stride);
    const std::string weight =
        window.kernel == 1 ? lowering.input(1) : sliced(lowering, lowering.input(1), 2, tap, tap + 1, 1);
    Lowering::Names inputs = {reshaped(lowering, planes, {x[0] * out[2], x[1], x[3], x[4]}),
                              reshaped(lowering, weight, {w[0], w[1], w[3], w[4]})};
    if (tap == 0 && lowering.has(2)) inputs.push_back(lowering.input(2));
    const std::string part = lowering.emit("Conv", inputs, attributes);
    sum = tap == 0 ? part : lowering.emit("Add", {part, sum});
  }
  sum = reshaped(lowering, sum, {out[0], out[2], out[1], out[3], out[4]});
  lowering.set_result(0, lowering.emit("Transpose", {sum}, {attribute("perm", Values{0, 2, 1, 3, 4})}));
  return true;
}

// Over each plane, then over the depth.
bool lower_pooling(Lowering& lowering) {
  if (!lowering.has(0) || lowering.shape(0).size() != 5 || lowering.wants(1)) return false;
  const Shape& x = lowering.shape(0);
  const Shape out = lowering.output_shape(0);
  const Values kernel = integers(lowering.proto(), "kernel_shape");
  const DepthWindow window = read_window(lowering, kernel[0], x[2], out[2]);
  const std::string& type = lowering.proto().op_type();
  const onnx::AttributeProto up = attribute("ceil_mode", integer(lowering.proto(), "ceil_mode", 0));
  const onnx::AttributeProto counts = attribute("count_include_pad", integer(lowering.proto(), "count_include_pad", 0));
  lowering.use_opset(kEmittedSet);
  Lowering::Attributes plane = plane_attributes(lowering, window, {kernel[1], kernel[2]});
  Lowering::Attributes depth = {attribute("kernel_shape", Values{kernel[0], 1}),
                                attribute("strides", Values{window.stride, 1}),
                                attribute("dilations", Values{window.dilation, 1}),
                                attribute("pads", Values{window.pad_begin, 0, window.pad_end, 0})};
  for (Lowering::Attributes* attributes : {&plane, &depth}) {
    attributes->push_back(up);
    if (type == "AveragePool") attributes->push_back(counts);
  }
  std::string result = reshaped(lowering, lowering.input(0), {x[0], x[1] * x[2], x[3], x[4]});
  result = lowering.emit(type, {result}, plane);
  result = reshaped(lowering, result, {x[0], x[1], x[2], out[3] * out[4]});
  result = lowering.emit(type, {result}, depth);
  lowering.set_result(0, reshaped(lowering, result, out));
  return true;
}

bool lower_global_pooling(Lowering& lowering) {
  if (!lowering.has(0) || lowering.shape(0).size() != 5) return false;
  const Shape& x = lowering.shape(0);
  lowering.use_opset(kEmittedSet);
  const std::string flat = reshaped(lowering, lowering.input(0), {x[0], x[1], x[2] * x[3], x[4]});
  const std::string pooled = lowering.emit(lowering.proto().op_type(), {flat});
  lowering.set_result(0, reshaped(lowering, pooled, lowering.output_shape(0)));
  return true;
}

}  // namespace

const std::vector<LoweringRow>& depth_lowerings() {
  static const std::vector<LoweringRow> rows = {
      {"", "AveragePool", lower_pooling},
      {"", "Conv", lower_convolution},
      {"", "GlobalAveragePool", lower_global_pooling},
      {"", "GlobalMaxPool", lower_global_pooling},
      {"", "MaxPool", lower_pooling},
  };
  return rows;
}

}  // namespace lanewise::network::importing
