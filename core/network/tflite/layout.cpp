// SPDX-License-Identifier: Apache-2.0
// Operators that move numbers without computing any.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

constexpr std::int64_t kToEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kToBegin = std::numeric_limits<std::int64_t>::min() + 1;
constexpr std::size_t kFour = 4;  // dimensions of an image

// A map of one place is a row of channels, whichever axis they stand on.
bool is_single_place(const Call& call) {
  const Shape in = call.in_shape(0);
  return call.is_image(0) && in.size() == kFour && in[1] == 1 && in[2] == 1 && call.is_static(call.in(0));
}

bool is_open(const Call& call, std::size_t input) {
  const auto* signature = call.in(input).signature();
  return signature != nullptr && signature->size() > 0 && signature->Get(0) < 0;
}

std::int64_t placed(std::int64_t axis, bool as_image) { return as_image ? image_axis(axis) : axis; }

// Whether one of the operands was written as an image, and all have four dimensions.
bool joins_images(const Call& call) {
  bool any = false;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    if (call.rank(i) != kFour) return false;
    any = any || call.is_image(i);
  }
  return any;
}

struct Cut {
  Axes starts, ends, axes, steps;
  void add(std::int64_t start, std::int64_t end, std::int64_t axis, std::int64_t step = 1) {
    starts.push_back(start);
    ends.push_back(end);
    axes.push_back(axis);
    steps.push_back(step);
  }
  Names inputs(const Call& call, const std::string& x) const {
    return {x, call.whole(starts), call.whole(ends), call.whole(axes), call.whole(steps)};
  }
};

void pad_as(const Call& call, const Attributes& attributes, const Names& more) {
  const std::size_t rank = call.rank(0);
  const bool as_image = call.is_image(0);
  const std::optional<std::vector<std::int64_t>> given = call.integers(1);
  Names inputs;
  if (given) {
    if (given->size() != 2 * rank) call.fail(fmt::format("has {} paddings for {} dimensions", given->size(), rank));
    Axes pads(2 * rank, 0);
    for (std::size_t i = 0; i < rank; ++i) {
      const auto at = static_cast<std::size_t>(placed(static_cast<std::int64_t>(i), as_image));
      pads[at] = (*given)[2 * i];
      pads[rank + at] = (*given)[2 * i + 1];
    }
    inputs = {call.operand(0, as_image), call.whole(pads)};
  } else {
    const std::string turned = call.emit("Transpose", {call.plain(1)}, {attribute("perm", Axes{1, 0})});
    inputs = {call.plain(0), call.emit("Reshape", {turned, call.whole({-1})})};
  }
  inputs.insert(inputs.end(), more.begin(), more.end());
  call.finish("Pad", inputs, attributes, as_image && given);
}

}  // namespace

void reshape(const Call& call) {
  const std::string x = call.operand(0, is_single_place(call));
  std::optional<std::vector<std::int64_t>> target = call.integers(1);
  const auto* options = call.options<schema::ReshapeOptions>();
  if (!target && call.has(1)) return call.finish("Reshape", {x, call.plain(1)});
  if (!target && options != nullptr && options->shape() != nullptr) {
    target = Axes(options->shape()->begin(), options->shape()->end());
  }
  if (!target) target = call.out_shape();
  const Shape in = call.in_shape(0);
  // What stands for the batch stays open where the file leaves it open.
  if (is_open(call, 0) && !target->empty() && !in.empty() && (*target)[0] == in[0]) (*target)[0] = 0;
  call.finish("Reshape", {x, call.whole(*target)});
}

void squeeze(const Call& call) {
  const auto* options = call.options<schema::SqueezeOptions>();
  Axes axes;
  if (options != nullptr && options->axes() != nullptr) axes.assign(options->axes()->begin(), options->axes()->end());
  for (std::int64_t& axis : axes) axis = call.axis(axis, call.rank(0));
  std::sort(axes.begin(), axes.end());
  if (axes == Axes{1, 2} && is_single_place(call)) {
    return call.finish("Squeeze", {call.image(0), call.whole({2, 3})});
  }
  if (axes.empty()) return call.finish("Squeeze", {call.plain(0)});
  call.finish("Squeeze", {call.plain(0), call.whole(axes)});
}

void expand_dims(const Call& call) {
  const Axes axes = call.known_integers(1, "the axis");
  if (axes.size() != 1) call.fail(fmt::format("has {} axes, where one is needed", axes.size()));
  call.finish("Unsqueeze", {call.plain(0), call.whole({call.axis(axes[0], call.rank(0) + 1)})});
}

void transpose(const Call& call) {
  Axes order = call.known_integers(1, "the permutation");
  if (order.size() != call.rank(0)) call.fail("its permutation does not list every dimension once");
  for (std::int64_t& axis : order) axis = call.axis(axis, order.size());
  call.finish("Transpose", {call.plain(0)}, {attribute("perm", order)});
}

void concatenation(const Call& call) {
  const auto* options = call.options<schema::ConcatenationOptions>();
  if (call.input_count() == 0) call.fail("reads nothing");
  const std::int64_t axis = call.axis(options == nullptr ? 0 : options->axis(), call.rank(0));
  const bool as_image = joins_images(call);
  Names parts;
  for (std::size_t i = 0; i < call.input_count(); ++i) parts.push_back(call.operand(i, as_image));
  call.finish("Concat", parts, {attribute("axis", placed(axis, as_image))}, as_image,
              options == nullptr ? schema::Fused::NONE : options->fused());
}

void split(const Call& call) {
  const Axes axes = call.known_integers(0, "the axis");
  if (axes.size() != 1) call.fail(fmt::format("has {} axes, where one is needed", axes.size()));
  const bool as_image = call.is_image(1);
  const std::int64_t axis = placed(call.axis(axes[0], call.rank(1)), as_image);
  call.finish_all("Split", {call.operand(1, as_image)}, {attribute("axis", axis)}, as_image);
}

void split_by_sizes(const Call& call) {
  const Axes axes = call.known_integers(2, "the axis");
  if (axes.size() != 1) call.fail(fmt::format("has {} axes, where one is needed", axes.size()));
  const std::int64_t given = call.axis(axes[0], call.rank(0));
  Axes sizes = call.known_integers(1, "the list of sizes");
  std::int64_t rest = call.in_shape(0)[static_cast<std::size_t>(given)];
  for (const std::int64_t size : sizes) rest -= std::max<std::int64_t>(size, 0);
  for (std::int64_t& size : sizes) size = size < 0 ? rest : size;
  const bool as_image = call.is_image(0);
  call.finish_all("Split", {call.operand(0, as_image), call.whole(sizes)}, {attribute("axis", placed(given, as_image))},
                  as_image);
}

void slice(const Call& call) {
  const Axes begins = call.known_integers(1, "the list of begins"), sizes = call.known_integers(2, "the list of sizes");
  if (begins.size() != call.rank(0) || sizes.size() != begins.size())
    call.fail("begins and sizes do not fit its input");
  const bool as_image = call.is_image(0);
  const Shape in = call.in_shape(0);
  Cut cut;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    // The whole of an axis stays so where its size changes.
    const bool is_whole = begins[i] == 0 && (sizes[i] < 0 || (sizes[i] == in[i] && in[i] != 1));
    if (is_whole && i > 0) continue;
    if (begins[i] < 0 || begins[i] > kToEnd / 2 || sizes[i] > kToEnd / 2)
      call.fail(fmt::format("begins at {}", begins[i]));
    const std::int64_t end = sizes[i] < 0 || (i == 0 && sizes[i] == in[i]) ? kToEnd : begins[i] + sizes[i];
    cut.add(begins[i], end, placed(static_cast<std::int64_t>(i), as_image));
  }
  call.finish("Slice", cut.inputs(call, call.operand(0, as_image)), {}, as_image);
}

void strided_slice(const Call& call) {
  const auto* given = call.options<schema::StridedSliceOptions>();
  const std::int32_t begin_mask = given == nullptr ? 0 : given->begin_mask();
  const std::int32_t end_mask = given == nullptr ? 0 : given->end_mask();
  const std::int32_t ellipsis_mask = given == nullptr ? 0 : given->ellipsis_mask();
  const std::int32_t new_mask = given == nullptr ? 0 : given->new_axis_mask();
  const std::int32_t shrink_mask = given == nullptr ? 0 : given->shrink_axis_mask();
  const bool relative = given != nullptr && given->offset();
  const std::size_t rank = call.rank(0);
  const Axes steps = call.known_integers(3, "the list of strides");
  const std::optional<std::vector<std::int64_t>> begins = call.integers(1), ends = call.integers(2);
  constexpr std::size_t kMostBits = 31;
  if (steps.size() > kMostBits) call.fail(fmt::format("slices {} dimensions", steps.size()));
  const auto is_set = [](std::int32_t mask, std::size_t bit) { return ((mask >> bit) & 1) != 0; };
  if (!begins || !ends || begins->size() != steps.size() || ends->size() != steps.size()) {
    if (begin_mask != 0 || end_mask != 0 || ellipsis_mask != 0 || new_mask != 0 || shrink_mask != 0 || relative) {
      call.fail("its begins and ends are no constants, and its masks change them");
    }
    Axes axes;
    for (std::size_t i = 0; i < steps.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    return call.finish("Slice", {call.plain(0), call.plain(1), call.plain(2), call.whole(axes), call.whole(steps)});
  }
  const bool as_image = call.is_image(0) && new_mask == 0 && shrink_mask == 0;
  std::size_t named = 0;  // entries that take a dimension of the input
  for (std::size_t i = 0; i < steps.size(); ++i) named += is_set(new_mask, i) || is_set(ellipsis_mask, i) ? 0 : 1;
  if (named > rank) call.fail(fmt::format("slices {} dimensions of {}", named, rank));
  Cut cut;
  Axes removed, added;  // axes of the sliced tensor, and of the result
  std::size_t from = 0, to = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (is_set(ellipsis_mask, i)) {
      from += rank - named;
      to += rank - named;
      continue;
    }
    if (is_set(new_mask, i)) {
      added.push_back(static_cast<std::int64_t>(to++));
      continue;
    }
    const auto axis = static_cast<std::int64_t>(from++);
    const std::int64_t step = steps[i], begin = (*begins)[i];
    if (step == 0) call.fail("has a stride of 0");
    if (is_set(shrink_mask, i)) {
      cut.add(begin, begin == -1 ? kToEnd : begin + 1, axis);
      removed.push_back(axis);
      continue;
    }
    ++to;
    const std::int64_t start = !is_set(begin_mask, i) ? begin : step > 0 ? 0 : kToEnd;
    const std::int64_t stop = is_set(end_mask, i) ? (step > 0 ? kToEnd : kToBegin)
                              : relative          ? begin + (*ends)[i]
                                                  : (*ends)[i];
    const bool is_whole = step == 1 && start == 0 && stop == kToEnd;
    if (!is_whole) cut.add(start, stop, placed(axis, as_image), step);
  }
  std::string x = call.operand(0, as_image);
  if (removed.empty() && added.empty()) {
    if (cut.axes.empty()) return call.forward(x, as_image);
    return call.finish("Slice", cut.inputs(call, x), {}, as_image);
  }
  if (!cut.axes.empty()) x = call.emit("Slice", cut.inputs(call, x));
  if (added.empty()) return call.finish("Squeeze", {x, call.whole(removed)});
  if (!removed.empty()) x = call.emit("Squeeze", {x, call.whole(removed)});
  call.finish("Unsqueeze", {x, call.whole(added)});
}

void pad(const Call& call) {
  Names value;
  if (call.has(2)) value.push_back(call.plain(2));
  pad_as(call, {}, value);
}

void mirror_pad(const Call& call) {
  const auto* options = call.options<schema::MirrorPadOptions>();
  // ONNX has no mode that repeats the border as well; it moves as many bytes.
  const bool repeats = options != nullptr && options->mode() == schema::MirrorMode::SYMMETRIC;
  const std::optional<std::vector<std::int64_t>> given = call.integers(1);
  const bool by_one = given && std::all_of(given->begin(), given->end(), [](std::int64_t n) { return n <= 1; });
  pad_as(call, {attribute("mode", repeats && by_one ? "edge" : "reflect")}, {});
}

void tile(const Call& call) {
  const std::optional<std::vector<std::int64_t>> given = call.integers(1);
  const bool as_image = call.is_image(0) && given && given->size() == kFour;
  if (!as_image) return call.finish("Tile", {call.plain(0), call.plain(1)});
  const Axes repeats = {(*given)[0], (*given)[3], (*given)[1], (*given)[2]};
  call.finish("Tile", {call.image(0), call.whole(repeats)}, {}, true);
}

void broadcast_to(const Call& call) { call.finish("Expand", {call.plain(0), call.plain(1)}); }

void pack(const Call& call) {
  const auto* options = call.options<schema::PackOptions>();
  if (call.input_count() == 0) call.fail("reads nothing");
  const std::int64_t axis = call.axis(options == nullptr ? 0 : options->axis(), call.rank(0) + 1);
  Names parts;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    parts.push_back(call.emit("Unsqueeze", {call.plain(i), call.whole({axis})}));
  }
  call.finish("Concat", parts, {attribute("axis", axis)});
}

void unpack(const Call& call) {
  const auto* options = call.options<schema::UnpackOptions>();
  const std::int64_t axis = call.axis(options == nullptr ? 0 : options->axis(), call.rank(0));
  if (call.output_count() == 0) call.fail("writes nothing");
  const Names parts = call.emit_many("Split", {call.plain(0)}, call.output_count(), {attribute("axis", axis)});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    call.finish("Squeeze", {parts[i], call.whole({axis})}, {}, false, schema::Fused::NONE, i);
  }
}

void reverse(const Call& call) {
  Cut cut;
  for (const std::int64_t axis : call.known_integers(1, "the list of axes")) {
    cut.add(kToEnd, kToBegin, call.axis(axis, call.rank(0)), -1);
  }
  call.finish("Slice", cut.inputs(call, call.plain(0)));
}

}  // namespace lanewise::network::tflite
