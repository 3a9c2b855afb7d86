// SPDX-License-Identifier: Apache-2.0
// Operators that make a tensor larger or smaller: padding, repetition, resampling.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/network/onnx/rules/rule.hpp"

namespace lanewise::network::importing {

namespace {

// The axes that an operator's numbers are for: all of them, or those that the file lists.
std::vector<std::size_t> chosen_axes(const Query& query, const std::vector<std::int64_t>& given, std::size_t rank) {
  if (!given.empty()) return query.axes(given, rank);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < rank; ++i) all.push_back(i);
  return all;
}

void pad(Query& query) {
  Shape result = query.shape(0);
  query.give_type(0, query.element_type(0));
  const Query::Argument pads = query.argument(query.has_attribute("paddings") ? "paddings" : "pads", 1);
  const Query::Argument listed = query.argument("axes", 3);
  query.require(pads.is_given, "does not say how far to pad");
  if (!pads.is_known || (listed.is_given && !listed.is_known)) return;
  const std::vector<std::size_t> axes = chosen_axes(query, listed.values, result.size());
  if (pads.values.size() != 2 * axes.size()) {
    query.fail(fmt::format("pads holds {} numbers, where {} axes need two each", pads.values.size(), axes.size()));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::int64_t& size = result[axes[i]];
    size = query.plus(query.plus(size, pads.values[i]), pads.values[axes.size() + i]);
    if (size < 0) query.fail(fmt::format("its pads leave {} elements of axis {}", size, axes[i]));
  }
  query.give(0, std::move(result), query.element_type(0));
}

void expand(Query& query) {
  const Shape& from = query.shape(0);
  query.shape(1);
  query.give_type(0, query.element_type(0));
  const std::optional<std::vector<std::int64_t>> to = query.numbers(1);
  if (!to) return;
  if (!element_count(*to)) query.fail(fmt::format("expands to the impossible shape [{}]", fmt::join(*to, ", ")));
  query.give(0, query.broadcast(from, *to), query.element_type(0));
}

void tile(Query& query) {
  Shape result = query.shape(0);
  query.shape(1);
  query.give_type(0, query.element_type(0));
  std::optional<std::vector<std::int64_t>> repeats = query.numbers(1);
  if (!repeats) return;
  if (query.inputs() == 3) {  // before operator set 6: how often, and along which axis
    const std::optional<std::int64_t> axis = query.number(2);
    const std::optional<std::int64_t> times = query.number(1);
    if (!axis) return;
    repeats->assign(result.size(), 1);
    (*repeats)[query.axis(*axis, result.size())] = *times;
  }
  query.require(repeats->size() == result.size(), "does not say for every dimension how often it is repeated");
  for (std::size_t i = 0; i < result.size(); ++i) {
    if ((*repeats)[i] < 0) query.fail(fmt::format("repeats dimension {} {} times", i, (*repeats)[i]));
    result[i] = query.times(result[i], (*repeats)[i]);
  }
  query.give(0, std::move(result), query.element_type(0));
}

// A size times a factor, as a size.
std::int64_t scaled(const Query& query, std::int64_t size, double factor) {
  constexpr double kLargest = 1e12;
  const double result = std::floor(static_cast<double>(size) * factor);
  if (!(factor > 0) || !(result <= kLargest)) query.fail(fmt::format("scales {} elements by {}", size, factor));
  return static_cast<std::int64_t>(result);
}

std::vector<double> real_values(const Constant& constant) {
  std::vector<double> values;
  for (std::size_t i = 0; i < constant.size(); ++i) values.push_back(constant.as_real(i));
  return values;
}

// By the first scale or size that is there: sizes that keep their ratio are all scaled by the one that limits them.
Shape with_sizes(const Query& query, const Shape& from, const std::vector<std::size_t>& axes,
                 const std::vector<std::int64_t>& sizes) {
  Shape result = from;
  const std::string policy = query.text("keep_aspect_ratio_policy", "stretch");
  if (sizes.size() != axes.size()) {
    query.fail(fmt::format("{} sizes for {} axes", sizes.size(), axes.size()));
  }
  double factor = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (from[axes[i]] < 1) query.fail("resizes an empty axis");
    const double own = static_cast<double>(sizes[i]) / static_cast<double>(from[axes[i]]);
    if (i == 0 || (policy == "not_larger" ? own < factor : own > factor)) factor = own;
    result[axes[i]] = sizes[i];
  }
  if (policy == "not_larger" || policy == "not_smaller") {
    for (const std::size_t axis : axes) {
      const double size = std::floor(factor * static_cast<double>(from[axis]) + 0.5);
      if (!(size >= 0 && size < 1e12)) query.fail(fmt::format("scales {} elements by {}", from[axis], factor));
      result[axis] = static_cast<std::int64_t>(size);
    }
  }
  return result;
}

// A region's share of each axis: its second half holds the ends.
double share(const Query& query, const Constant* regions, std::size_t i, std::size_t axes) {
  if (query.text("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize") return 1;
  if (regions == nullptr || regions->size() != 2 * axes) query.fail("crops, and its regions are not known");
  return regions->as_real(axes + i) - regions->as_real(i);
}

void resize(Query& query) {
  const Shape& from = query.shape(0);
  query.give_type(0, query.element_type(0));
  // Scales are the second input before operator set 11 and the third since; sizes are the fourth.
  const std::size_t at = query.type() == "Upsample" || query.opset() < 11 ? 1 : 2;
  std::vector<double> scales = query.reals("scales");
  if (query.has_attribute("height_scale")) {
    query.require(from.size() == 4, "its input does not have four dimensions");
    const auto factor = [&](const char* name) { return query.real(name, 1.0); };
    scales = {1, 1, factor("height_scale"), factor("width_scale")};
  }
  const std::vector<std::size_t> axes = chosen_axes(query, query.integers("axes"), from.size());
  if (at == 2 && query.has(3) && query.shape(3) != Shape{0}) {
    const auto sizes = query.numbers(3);
    if (sizes) query.give(0, with_sizes(query, from, axes, *sizes), query.element_type(0));
    return;
  }
  if (query.has(at) && scales.empty()) {
    const Constant* known = query.constant(at);
    if (known == nullptr) return;
    scales = real_values(*known);
  }
  if (scales.size() != axes.size()) query.fail(fmt::format("{} scales for {} axes", scales.size(), axes.size()));
  Shape result = from;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const double part = at == 2 ? share(query, query.constant(1), i, axes.size()) : 1;
    result[axes[i]] = scaled(query, from[axes[i]], scales[i] * part);
  }
  query.give(0, std::move(result), query.element_type(0));
}

void centre(Query& query) {
  Shape result = query.shape(0);
  query.shape(1);
  query.give_type(0, query.element_type(0));
  const auto sizes = query.numbers(1);
  if (!sizes) return;
  const std::vector<std::size_t> axes = chosen_axes(query, query.integers("axes"), result.size());
  if (axes.size() != sizes->size()) query.fail(fmt::format("{} sizes for {} axes", sizes->size(), axes.size()));
  for (std::size_t i = 0; i < axes.size(); ++i) result[axes[i]] = (*sizes)[i];
  query.give(0, std::move(result), query.element_type(0));
}

// Samples of [batch, channels, ...] at the points of a grid [batch, ..., axes].
void grid_sample(Query& query) {
  const Shape& x = query.ranked(0, 3, kMany);
  const Shape& grid = query.ranked(1, x.size(), x.size());
  query.require(grid.front() == x[0] && grid.back() == static_cast<std::int64_t>(x.size()) - 2,
                "its grid does not fit its input");
  Shape result{x[0], x[1]};
  result.insert(result.end(), grid.begin() + 1, grid.end() - 1);
  query.give(0, std::move(result), query.element_type(0));
}

void affine_grid(Query& query) {
  const Shape& theta = query.ranked(0, 3, 3);
  query.shape(1);
  query.give_type(0, query.element_type(0));
  const auto size = query.numbers(1);
  if (!size) return;
  query.require(size->size() == 4 || size->size() == 5, "its size has not four or five numbers");
  const auto axes = static_cast<std::int64_t>(size->size()) - 2;
  query.require(theta == Shape{(*size)[0], axes, axes + 1}, "its transformations do not fit its size");
  Shape result{(*size)[0]};
  result.insert(result.end(), size->begin() + 2, size->end());
  result.push_back(axes);
  query.give(0, std::move(result), query.element_type(0));
}

}  // namespace

const std::vector<Rule>& size_rules() {
  static const std::vector<Rule> table = {
      {"AffineGrid", 2, 2, 1, affine_grid},
      {"CenterCropPad", 2, 2, 1, centre},
      {"Expand", 2, 2, 1, expand},
      {"GridSample", 2, 2, 1, grid_sample},
      {"Pad", 1, 4, 1, pad},
      {"Resize", 1, 4, 1, resize},
      {"Tile", 2, 3, 1, tile},
      {"Upsample", 1, 2, 1, resize},
  };
  return table;
}

}  // namespace lanewise::network::importing
