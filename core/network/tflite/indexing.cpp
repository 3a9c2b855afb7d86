// SPDX-License-Identifier: Apache-2.0
// What is looked up, and what is made of sizes.
#include <fmt/format.h>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

void gather(const Call& call) {
  const auto* options = call.options<schema::GatherOptions>();
  const std::int64_t axis = call.axis(options == nullptr ? 0 : options->axis(), call.rank(0));
  const std::int64_t batch = options == nullptr ? 0 : options->batch_dims();
  const std::string x = call.plain(0);
  std::string indices = call.plain(1);
  if (batch != 0) {
    const Shape shape = call.in_shape(1);
    const auto shared = static_cast<std::size_t>(batch < 0 ? batch + static_cast<std::int64_t>(shape.size()) : batch);
    Shape rest;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (i >= shared) rest.push_back(shape[i]);
      if (i < shared && shape[i] != 1)
        call.fail(fmt::format("looks up in each of {} batches by itself, which is not supported", shape[i]));
    }
    indices = call.emit("Reshape", {indices, call.whole(rest)});
  }
  call.finish("Gather", {x, indices}, {attribute("axis", axis)});
}

void gather_nd(const Call& call) { call.finish("GatherND", {call.plain(0), call.plain(1)}); }

void shape(const Call& call) { call.finish("Shape", {call.plain(0)}); }

void rank(const Call& call) {
  const std::string number = call.whole({static_cast<std::int64_t>(call.rank(0))});
  call.finish("Squeeze", {number, call.whole({0})});
}

void fill(const Call& call) { call.finish("Expand", {call.plain(1), call.plain(0)}); }

void range(const Call& call) { call.finish("Range", {call.plain(0), call.plain(1), call.plain(2)}); }

void zeros_like(const Call& call) {
  const std::string sizes = call.emit("Shape", {call.plain(0)});
  call.finish("Expand", {call.number(0.0), sizes});
}

void one_hot(const Call& call) {
  const auto* options = call.options<schema::OneHotOptions>();
  const std::string one = call.whole({1});
  const std::string off = call.emit("Reshape", {call.plain(3), one}), on = call.emit("Reshape", {call.plain(2), one});
  const std::string values = call.emit("Concat", {off, on}, {attribute("axis", std::int64_t{0})});
  call.finish("OneHot", {call.plain(0), call.plain(1), values},
              {attribute("axis", std::int64_t{options == nullptr ? -1 : options->axis()})});
}

}  // namespace lanewise::network::tflite
