// SPDX-License-Identifier: Apache-2.0
#include "study/advice/pattern_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "nas/moves/settle.hpp"

namespace lanewise::study {
namespace {

template <class Values>
std::string list_text(const char* one, const char* several, const Values& values) {
  if (values.empty()) return "";
  if (values.size() == 1) return fmt::format(" {} {}", one, values[0]);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return fmt::format(" {} {} to {}", several, *low, *high);
}

template <class Value>
std::string range_text(const std::optional<Value>& from, const std::optional<Value>& to) {
  if (from && to) return fmt::format("{} to {}", *from, *to);
  return from ? fmt::format("at least {}", *from) : fmt::format("at most {}", *to);
}

// What is done, with its value, and to what.
std::string head(const nas::MoveEntry& entry, const std::string& way) {
  const std::string& move = entry.move;
  if (move == "fuse") return "fuse inverted bottlenecks";
  if (move == "depth_multiplier") {
    return fmt::format("{} stages by {}", way == "narrower" ? "narrow" : "widen", entry.value);
  }
  if (move == "channels") {
    return entry.value == "aligned" ? "make channels multiples of the engine's parallelism factor"
                                    : fmt::format("make channels {}", entry.value);
  }
  if (move == "kernel") return fmt::format("make kernels {}", entry.value);
  if (move == "groups") return fmt::format("give depthwise layers groups of {}", entry.value);
  if (move == "drop") return fmt::format("drop {} of the repeats of runs of residual blocks", entry.value);
  if (move == "input_resolution") return fmt::format("shrink the image to {} of its edges", entry.value);
  if (move == "output_resolution") return fmt::format("shrink the output to {} of its edges", entry.value);
  return fmt::format("set {} to {}", fmt::join(entry.places, ", "), entry.value);
}

}  // namespace

std::string pattern_text(const nas::MoveEntry& entry, const std::string& way) {
  const nas::PlacePattern& where = entry.where;
  std::string text = head(entry, way);
  text += list_text("at stride", "at strides", where.at_strides);
  text += list_text("with kernel", "with kernels", where.kernels);
  text += list_text("with a window of stride", "with windows of strides", where.strides);
  if (where.residual) text += *where.residual ? " with a residual connection" : " without a residual connection";
  if (where.channels_from || where.channels_to) {
    text += fmt::format(" that {} {} channels", entry.move == "depth_multiplier" ? "begin with" : "read",
                        range_text(where.channels_from, where.channels_to));
  }
  if (where.expansion_from || where.expansion_to) {
    text += fmt::format(" with an expansion of {}", range_text(where.expansion_from, where.expansion_to));
  }
  if (where.depth_from) text += fmt::format(" behind the first {:.0f} % of such places", 100 * *where.depth_from);
  if (where.depth_to) text += fmt::format(" among the first {:.0f} % of such places", 100 * *where.depth_to);
  if (!entry.on.empty()) text += ", on " + nas::to_text(entry.on);
  if (entry.for_capacity == nas::ForCapacity::kAdds) text += ", as far as capacity asks for it";
  if (entry.for_capacity == nas::ForCapacity::kYields) text += ", as far as capacity allows";
  return text;
}

}  // namespace lanewise::study
