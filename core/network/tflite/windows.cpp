// SPDX-License-Identifier: Apache-2.0
// Operators over images: convolutions, poolings, and what changes the size of a map.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::int64_t kMostStep = 1 << 20;  // strides and blocks

const char* padding_name(schema::Padding padding) { return padding == schema::Padding::SAME ? "SAME_UPPER" : "VALID"; }

template <class Options>
const Options& options_of(const Call& call) {
  const Options* options = call.options<Options>();
  if (options == nullptr) call.fail("has no options, or those of another operator");
  return *options;
}

Axes pair_of(std::int64_t height, std::int64_t width) { return {height, width}; }

Names window_inputs(const Call& call, const std::string& weight) {
  Names inputs = {call.image(0), weight};
  if (call.has(2)) inputs.push_back(call.weight(2, {0}));
  return inputs;
}

void pool(const Call& call, const char* type, const char* global) {
  const auto& options = options_of<schema::PoolOptions>(call);
  const Shape in = call.in_shape(0), out = call.out_shape();
  // A window over the whole map has one place alone.
  const bool is_whole = in.size() == 4 && out.size() == 4 && call.is_static(call.in(0)) &&
                        in[1] == options.filter_h() && in[2] == options.filter_w() && out[1] == 1 && out[2] == 1 &&
                        options.padding() == schema::Padding::VALID;
  if (is_whole) return call.finish(global, {call.image(0)}, {}, true, options.fused());
  call.finish(type, {call.image(0)},
              {attribute("kernel_shape", pair_of(options.filter_h(), options.filter_w())),
               attribute("strides", pair_of(options.stride_h(), options.stride_w())),
               attribute("auto_pad", padding_name(options.padding()))},
              true, options.fused());
}

// What `out` and the window leave to be cut off, begin first; below zero where something is added at the end.
Axes transposed_pads(const Call& call, const Shape& in, const Shape& out, const Axes& kernel, const Axes& stride) {
  Axes pads(6, 0);  // begins, ends, output padding
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t total = (in[i + 1] - 1) * stride[i] + kernel[i] - out[i + 1];
    if (total < -stride[i])
      call.fail(fmt::format("its output of {} does not follow from an input of {}", out[i + 1], in[i + 1]));
    pads[i] = std::max<std::int64_t>(total, 0) / 2;
    pads[i + 2] = std::max<std::int64_t>(total, 0) - pads[i];
    pads[i + 4] = std::max<std::int64_t>(-total, 0);
  }
  return pads;
}

void resize(const Call& call, const char* mode, bool align_corners, bool half_pixel_centers) {
  const std::string x = call.image(0);
  const char* transformation = align_corners ? "align_corners" : half_pixel_centers ? "half_pixel" : "asymmetric";
  Attributes attributes = {attribute("mode", mode), attribute("coordinate_transformation_mode", transformation)};
  if (std::string(mode) == "nearest") {
    attributes.push_back(
        attribute("nearest_mode", align_corners || half_pixel_centers ? "round_prefer_ceil" : "floor"));
  }
  std::string sizes;
  const std::optional<std::vector<std::int64_t>> wanted = call.integers(1);
  const Shape in = call.in_shape(0);
  if (wanted && wanted->size() == 2 && in.size() == 4 && call.is_static(call.in(0))) {
    sizes = call.whole({in[0], in[3], (*wanted)[0], (*wanted)[1]});
  } else {
    const std::string size =
        call.emit("Shape", {x}, {attribute("start", std::int64_t{0}), attribute("end", std::int64_t{2})});
    sizes = call.emit("Concat", {size, call.plain(1)}, {attribute("axis", std::int64_t{0})});
  }
  call.finish("Resize", {x, "", "", sizes}, attributes, true);
}

}  // namespace

void transposed(const Call& call, std::size_t x, std::size_t weight, std::optional<std::size_t> bias,
                const Axes& stride, schema::Padding padding, schema::Fused fused) {
  const Shape in = call.in_shape(x), kernel = call.in_shape(weight);
  Shape out = call.out_shape();
  if (in.size() != 4 || kernel.size() != 4) call.fail("its input or its weight does not have four dimensions");
  if (std::min(stride[0], stride[1]) < 1 || std::max(stride[0], stride[1]) > kMostStep)
    call.fail(fmt::format("strides of {} and {} are not possible", stride[0], stride[1]));
  const Axes span = {kernel[1], kernel[2]};
  if (out.size() != 4) {  // not known before it runs: the smallest that the padding allows
    const bool same = padding == schema::Padding::SAME;
    out = in;
    for (std::size_t i = 0; i < 2; ++i)
      out[i + 1] = same ? in[i + 1] * stride[i] : (in[i + 1] - 1) * stride[i] + span[i];
  }
  const Axes pads = transposed_pads(call, in, out, span, stride);
  Names inputs = {call.image(x), call.weight(weight, {3, 0, 1, 2})};
  if (bias) inputs.push_back(call.weight(*bias, {0}));
  call.finish("ConvTranspose", inputs,
              {attribute("kernel_shape", span), attribute("strides", stride),
               attribute("pads", Axes{pads[0], pads[1], pads[2], pads[3]}),
               attribute("output_padding", Axes{pads[4], pads[5]})},
              true, fused);
}

void convolution(const Call& call) {
  const auto& options = options_of<schema::ConvolutionOptions>(call);
  const Shape weight = call.in_shape(1), in = call.in_shape(0);
  if (weight.size() != 4 || in.size() != 4) call.fail("its input or its weight does not have four dimensions");
  const std::int64_t groups = weight[3] > 0 ? std::max<std::int64_t>(in[3] / weight[3], 1) : 1;
  call.finish("Conv", window_inputs(call, call.weight(1, kToImage)),
              {attribute("kernel_shape", pair_of(weight[1], weight[2])),
               attribute("strides", pair_of(options.stride_h(), options.stride_w())),
               attribute("dilations", pair_of(options.dilation_h(), options.dilation_w())), attribute("group", groups),
               attribute("auto_pad", padding_name(options.padding()))},
              true, options.fused());
}

// Its weight holds [1, height, width, outputs].
void depthwise_convolution(const Call& call) {
  const auto& options = options_of<schema::DepthwiseOptions>(call);
  const Shape weight = call.in_shape(1), in = call.in_shape(0);
  if (weight.size() != 4 || in.size() != 4) call.fail("its input or its weight does not have four dimensions");
  call.finish("Conv", window_inputs(call, call.weight(1, {3, 0, 1, 2})),
              {attribute("kernel_shape", pair_of(weight[1], weight[2])),
               attribute("strides", pair_of(options.stride_h(), options.stride_w())),
               attribute("dilations", pair_of(options.dilation_h(), options.dilation_w())), attribute("group", in[3]),
               attribute("auto_pad", padding_name(options.padding()))},
              true, options.fused());
}

void transposed_convolution(const Call& call) {
  const auto& options = options_of<schema::TransposeConvOptions>(call);
  const std::optional<std::size_t> bias = call.has(3) ? std::optional<std::size_t>(3) : std::nullopt;
  transposed(call, 2, 1, bias, pair_of(options.stride_h(), options.stride_w()), options.padding(), options.fused());
}

void average_pool(const Call& call) { pool(call, "AveragePool", "GlobalAveragePool"); }
void max_pool(const Call& call) { pool(call, "MaxPool", "GlobalMaxPool"); }

// The root of the mean square.
void l2_pool(const Call& call) {
  const auto& options = options_of<schema::PoolOptions>(call);
  const std::string x = call.image(0);
  const std::string mean = call.emit("AveragePool", {call.emit("Mul", {x, x})},
                                     {attribute("kernel_shape", pair_of(options.filter_h(), options.filter_w())),
                                      attribute("strides", pair_of(options.stride_h(), options.stride_w())),
                                      attribute("auto_pad", padding_name(options.padding()))});
  call.finish("Sqrt", {mean}, {}, true, options.fused());
}

void resize_bilinear(const Call& call) {
  const auto* options = call.options<schema::ResizeBilinearOptions>();
  resize(call, "linear", options != nullptr && options->align_corners(),
         options != nullptr && options->half_pixel_centers());
}

void resize_nearest(const Call& call) {
  const auto* options = call.options<schema::ResizeNearestOptions>();
  resize(call, "nearest", options != nullptr && options->align_corners(),
         options != nullptr && options->half_pixel_centers());
}

void space_to_depth(const Call& call) {
  const std::int64_t block = options_of<schema::SpaceToDepthOptions>(call).block();
  call.finish("SpaceToDepth", {call.image(0)}, {attribute("blocksize", block)}, true);
}

void depth_to_space(const Call& call) {
  const std::int64_t block = options_of<schema::DepthToSpaceOptions>(call).block();
  call.finish("DepthToSpace", {call.image(0)}, {attribute("blocksize", block), attribute("mode", "DCR")}, true);
}

// Every axis behind the batch is cut into blocks, whose places become images of the batch.
void space_to_batch(const Call& call) {
  const Axes blocks = call.known_integers(1, "the block"), pads = call.known_integers(2, "the padding");
  const Shape in = call.in_shape(0), out = call.out_shape();
  const std::size_t spatial = blocks.size();
  if (in.size() < spatial + 1 || pads.size() != 2 * spatial || out.size() != in.size()) {
    call.fail("its blocks and paddings do not fit its input");
  }
  Axes padding(2 * in.size(), 0), apart = {in[0]}, order;
  for (std::size_t i = 0; i < spatial; ++i) {
    padding[i + 1] = pads[2 * i];
    padding[in.size() + i + 1] = pads[2 * i + 1];
    const std::int64_t padded = in[i + 1] + pads[2 * i] + pads[2 * i + 1];
    if (blocks[i] < 1 || padded % blocks[i] != 0)
      call.fail(fmt::format("a block of {} does not divide {}", blocks[i], padded));
    apart.insert(apart.end(), {padded / blocks[i], blocks[i]});
    order.push_back(static_cast<std::int64_t>(2 * i + 2));
  }
  order.push_back(0);
  for (std::size_t i = 0; i < spatial; ++i) order.push_back(static_cast<std::int64_t>(2 * i + 1));
  for (std::size_t i = spatial + 1; i < in.size(); ++i) {
    order.push_back(static_cast<std::int64_t>(apart.size()));
    apart.push_back(in[i]);
  }
  const std::string padded = call.emit("Pad", {call.plain(0), call.whole(padding)});
  const std::string cut = call.emit("Reshape", {padded, call.whole(apart)});
  const std::string turned = call.emit("Transpose", {cut}, {attribute("perm", order)});
  Axes target(out.begin(), out.end());
  target[0] = -1;
  for (std::size_t i = 0; i < spatial; ++i) target[i + 1] = apart[2 * i + 1];
  call.finish("Reshape", {turned, call.whole(target)});
}

void batch_to_space(const Call& call) {
  const Axes blocks = call.known_integers(1, "the block"), crops = call.known_integers(2, "the crop");
  const Shape in = call.in_shape(0);
  const std::size_t spatial = blocks.size();
  const std::int64_t product = importing::element_count(blocks).value_or(0);
  if (spatial == 0 || in.size() < spatial + 1 || crops.size() != 2 * spatial || product < 1 || in[0] % product != 0) {
    call.fail("its blocks and crops do not fit its input");
  }
  if (*std::max_element(blocks.begin(), blocks.end()) > kMostStep ||
      *std::min_element(blocks.begin(), blocks.end()) < 1) {
    call.fail(fmt::format("a block must be between 1 and {}", kMostStep));
  }
  Axes apart(blocks), order = {static_cast<std::int64_t>(spatial)}, joined = {in[0] / product}, starts, ends, axes;
  apart.push_back(in[0] / product);
  for (std::size_t i = 0; i < spatial; ++i) {
    apart.push_back(in[i + 1]);
    order.insert(order.end(), {static_cast<std::int64_t>(spatial + 1 + i), static_cast<std::int64_t>(i)});
    joined.push_back(in[i + 1] * blocks[i]);
    starts.push_back(crops[2 * i]);
    ends.push_back(joined.back() - crops[2 * i + 1]);
    axes.push_back(static_cast<std::int64_t>(i + 1));
  }
  for (std::size_t i = spatial + 1; i < in.size(); ++i) {
    order.push_back(static_cast<std::int64_t>(apart.size()));
    apart.push_back(in[i]);
    joined.push_back(in[i]);
  }
  const std::string cut = call.emit("Reshape", {call.plain(0), call.whole(apart)});
  const std::string turned = call.emit("Transpose", {cut}, {attribute("perm", order)});
  const std::string whole = call.emit("Reshape", {turned, call.whole(joined)});
  call.finish("Slice", {whole, call.whole(starts), call.whole(ends), call.whole(axes)});
}

void local_response_normalization(const Call& call) {
  const auto& options = options_of<schema::LocalResponseOptions>(call);
  const std::int64_t size = 2 * std::int64_t{options.radius()} + 1;
  // The format multiplies the sum over the window by alpha, ONNX the mean.
  call.finish(
      "LRN", {call.image(0)},
      {attribute("size", size), attribute("alpha", static_cast<double>(options.alpha()) * static_cast<double>(size)),
       attribute("beta", static_cast<double>(options.beta())), attribute("bias", static_cast<double>(options.bias()))},
      true);
}

}  // namespace lanewise::network::tflite
