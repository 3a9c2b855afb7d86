// SPDX-License-Identifier: Apache-2.0
// Convolutions and poolings: windows that slide over the axes behind batch and channels.
#include <fmt/format.h>

#include <algorithm>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

struct Window {
  std::vector<std::int64_t> kernel, strides, dilations, pads;
  std::string automatic;

  std::int64_t span(std::size_t i) const { return (kernel[i] - 1) * dilations[i] + 1; }
};

std::vector<std::int64_t> listed(const Query& query, const char* name, std::size_t wanted, std::int64_t otherwise) {
  std::vector<std::int64_t> values = query.integers(name);
  if (values.empty()) values.assign(wanted, otherwise);
  if (values.size() != wanted) {
    query.fail(fmt::format("{} has {} entries; its input needs {}", name, values.size(), wanted));
  }
  return values;
}

// Sizes of strides, dilations and kernels are checked before any rule runs: 1 to 2^31.
Window read_window(const Query& query, std::size_t axes, std::vector<std::int64_t> kernel) {
  Window window;
  window.kernel = std::move(kernel);
  window.strides = listed(query, "strides", axes, 1);
  window.dilations = listed(query, "dilations", axes, 1);
  window.pads = listed(query, "pads", 2 * axes, 0);
  window.automatic = query.text("auto_pad", "NOTSET");
  const std::string& mode = window.automatic;
  if (mode != "NOTSET" && mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER" && !mode.empty()) {
    query.fail(fmt::format("auto_pad is '{}', which is none of NOTSET, VALID, SAME_UPPER and SAME_LOWER", mode));
  }
  if (mode == "VALID") window.pads.assign(2 * axes, 0);
  return window;
}

bool is_same(const Window& window) { return window.automatic.rfind("SAME_", 0) == 0; }

// Positions of the window along one axis. Rounded up, the last one must still begin within the input or the pad before
// it.
std::int64_t positions(const Query& query, const Window& window, std::size_t i, std::int64_t size, bool rounds_up) {
  if (size == 0) return 0;
  const std::int64_t stride = window.strides[i];
  if (is_same(window)) return (size - 1) / stride + 1;
  const std::size_t axes = window.kernel.size();
  const std::int64_t room = size + window.pads[i] + window.pads[axes + i] - window.span(i);
  if (room < 0) {
    query.fail(fmt::format("its window of {} is longer than axis {}, which has {} elements with its pads",
                           window.span(i), i + 2, room + window.span(i)));
  }
  std::int64_t count = room / stride + 1;
  if (rounds_up && room % stride != 0 && count * stride < size + window.pads[i]) ++count;
  return count;
}

std::vector<std::int64_t> kernel_of(const Query& query, const Shape& weight, std::size_t axes) {
  std::vector<std::int64_t> kernel(weight.begin() + 2, weight.end());
  const std::vector<std::int64_t> given = listed(query, "kernel_shape", axes, 0);
  if (query.has_attribute("kernel_shape") && !query.integers("kernel_shape").empty() && given != kernel) {
    query.fail(fmt::format("kernel_shape is [{}], its weight [{}]", fmt::join(given, ", "), fmt::join(weight, ", ")));
  }
  for (const std::int64_t size : kernel) {
    if (size < 1 || size > (std::int64_t{1} << 31)) query.fail(fmt::format("its weight has an axis of {}", size));
  }
  return kernel;
}

// The same for Conv, and for DeformConv, whose offsets follow.
void convolution(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  const Shape& w = query.ranked(1, x.size(), x.size());
  const std::int64_t groups = query.integer("group", 1);
  if (query.times(w[1], groups) != x[1] || w[0] % groups != 0) {
    query.fail(
        fmt::format("a weight [{}] in {} groups does not fit {} input channels", fmt::join(w, ", "), groups, x[1]));
  }
  const Window window = read_window(query, x.size() - 2, kernel_of(query, w, x.size() - 2));
  Shape result{x[0], w[0]};
  for (std::size_t i = 0; i + 2 < x.size(); ++i) result.push_back(positions(query, window, i, x[i + 2], false));
  query.give(0, std::move(result), query.element_type(0));
}

void transposed_convolution(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  const Shape& w = query.ranked(1, x.size(), x.size());
  const std::size_t axes = x.size() - 2;
  const std::int64_t groups = query.integer("group", 1);
  if (w[0] != x[1] || w[0] % groups != 0) {
    query.fail(
        fmt::format("a weight [{}] in {} groups does not fit {} input channels", fmt::join(w, ", "), groups, x[1]));
  }
  const Window window = read_window(query, axes, kernel_of(query, w, axes));
  const std::vector<std::int64_t> more = listed(query, "output_padding", axes, 0);
  std::vector<std::int64_t> asked = query.integers("output_shape");
  // Some exporters list batch and channels with the rest.
  if (asked.size() == axes + 2) asked.erase(asked.begin(), asked.begin() + 2);
  if (!asked.empty() && asked.size() != axes) {
    query.fail(fmt::format("output_shape has {} entries; its input needs {}", asked.size(), axes));
  }
  Shape result{x[0], query.times(w[1], groups)};
  for (std::size_t i = 0; i < axes; ++i) {
    std::int64_t size = 0;
    if (!asked.empty()) {
      size = asked[i];
    } else if (is_same(window)) {
      size = query.times(x[i + 2], window.strides[i]);
    } else {
      size = query.plus(query.times(x[i + 2] - 1, window.strides[i]), window.span(i));
      size = query.plus(size, more[i]) - window.pads[i] - window.pads[axes + i];
    }
    if (size < 1) query.fail(fmt::format("its output would be {} long along axis {}", size, i + 2));
    result.push_back(size);
  }
  query.give(0, std::move(result), query.element_type(0));
}

void pooling(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  const std::size_t axes = x.size() - 2;
  const std::vector<std::int64_t> kernel = query.integers("kernel_shape");
  if (kernel.size() != axes) {
    query.fail(fmt::format("kernel_shape has {} entries; its input needs {}", kernel.size(), axes));
  }
  const Window window = read_window(query, axes, kernel);
  const bool rounds_up = query.integer("ceil_mode", 0) != 0;
  Shape result{x[0], x[1]};
  for (std::size_t i = 0; i < axes; ++i) result.push_back(positions(query, window, i, x[i + 2], rounds_up));
  query.give(1, result, onnx::TensorProto::INT64);
  query.give(0, std::move(result), query.element_type(0));
}

void global_pooling(Query& query) {
  Shape shape = query.ranked(0, 3, kMany);
  std::fill(shape.begin() + 2, shape.end(), 1);
  query.give(0, std::move(shape), query.element_type(0));
}

// The inverse of a MaxPool: as large as what it pooled, or what an input says.
void unpooling(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  const std::size_t axes = x.size() - 2;
  query.require(query.shape(1) == x, "its indices do not have the shape of its input");
  const std::vector<std::int64_t> kernel = query.integers("kernel_shape");
  if (kernel.size() != axes) {
    query.fail(fmt::format("kernel_shape has {} entries; its input needs {}", kernel.size(), axes));
  }
  const Window window = read_window(query, axes, kernel);
  if (query.has(2)) {
    const std::optional<std::vector<std::int64_t>> asked = query.numbers(2);
    if (!asked) return;
    query.require(asked->size() == x.size(), "its output shape does not have as many dimensions as its input");
    return query.give(0, *asked, query.element_type(0));
  }
  Shape result{x[0], x[1]};
  for (std::size_t i = 0; i < axes; ++i) {
    const std::int64_t size = query.plus(query.times(x[i + 2] - 1, window.strides[i]), window.span(i));
    result.push_back(size - window.pads[i] - window.pads[axes + i]);
  }
  query.give(0, std::move(result), query.element_type(0));
}

// Regions of interest: [regions, 4] or, with the image each is in, [regions, 5].
void region_pooling(Query& query) {
  const Shape& x = query.ranked(0, 4, 4);
  const Shape& regions = query.ranked(1, 2, 2);
  Shape result{regions[0], x[1]};
  if (query.type() == "MaxRoiPool") {
    const std::vector<std::int64_t> size = query.integers("pooled_shape");
    query.require(size.size() == 2 && regions[1] == 5, "needs a pooled_shape of two numbers and regions of five");
    result.insert(result.end(), size.begin(), size.end());
  } else {
    query.require(regions[1] == 4, "its regions do not have four numbers each");
    query.require(query.ranked(2, 1, 1)[0] == regions[0], "does not have one image for each region");
    result.push_back(query.integer("output_height", 1));
    result.push_back(query.integer("output_width", 1));
  }
  query.give(0, std::move(result), query.element_type(0));
}

// Columns of blocks put back where they overlap: [batch, channels x block, blocks] to [batch, channels, image].
void columns_to_image(Query& query) {
  const Shape& x = query.ranked(0, 3, 3);
  const std::optional<std::vector<std::int64_t>> image = query.numbers(1);
  const std::optional<std::vector<std::int64_t>> block = query.numbers(2);
  if (!image || !block) return;
  query.require(image->size() == block->size() && !image->empty(), "image and block differ in their dimensions");
  std::int64_t size = 1;
  for (const std::int64_t length : *block) {
    query.require(length > 0, "its block is not positive");
    size = query.times(size, length);
  }
  query.require(x[1] % size == 0, "its block does not divide its channels");
  Shape result{x[0], x[1] / size};
  result.insert(result.end(), image->begin(), image->end());
  query.give(0, std::move(result), query.element_type(0));
}

}  // namespace

const std::vector<Rule>& window_rules() {
  static const std::vector<Rule> table = {
      {"AveragePool", 1, 1, 1, pooling},
      {"Col2Im", 3, 3, 1, columns_to_image},
      {"Conv", 2, 3, 1, convolution},
      {"ConvTranspose", 2, 3, 1, transposed_convolution},
      {"DeformConv", 3, 5, 1, convolution, Reach::kProducts},
      {"GlobalAveragePool", 1, 1, 1, global_pooling},
      {"GlobalLpPool", 1, 1, 1, global_pooling},
      {"GlobalMaxPool", 1, 1, 1, global_pooling},
      {"LpPool", 1, 1, 1, pooling},
      {"MaxPool", 1, 1, 2, pooling},
      {"MaxRoiPool", 2, 2, 1, region_pooling},
      {"MaxUnpool", 2, 3, 1, unpooling},
      {"RoiAlign", 3, 3, 1, region_pooling},
  };
  return table;
}

}  // namespace lanewise::network::importing
