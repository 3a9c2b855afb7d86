// SPDX-License-Identifier: Apache-2.0
#include "cli/custom_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/engine/raw_config.hpp"

namespace lanewise::cli {
namespace {

using engine::RawConfig;
using engine::RawEntry;
using network::CustomOperator;
using network::CustomShape;
using network::CustomTiming;

constexpr const char* kSection = "operators.";
constexpr std::size_t kMostInputs = 1000;

struct TimingName {
  const char* name;
  CustomTiming timing;
};
constexpr TimingName kTimings[] = {
    {"elementwise", CustomTiming::kElementwise},
    {"matmul", CustomTiming::kMatmul},
    {"move", CustomTiming::kMove},
    {"free", CustomTiming::kFree},
    {"host", CustomTiming::kHost},
};

std::optional<std::size_t> small_number(const std::string& text) {
  std::size_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value >= kMostInputs) return std::nullopt;
  return value;
}

CustomTiming timing_of(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = engine::single_value(raw, entry);
  std::string known;
  for (const TimingName& one : kTimings) {
    if (text == one.name) return one.timing;
    known += std::string(known.empty() ? "" : ", ") + one.name;
  }
  engine::refuse(raw, entry, text, "must be one of " + known);
}

CustomShape shape_of(const RawConfig& raw, const RawEntry& entry) {
  CustomShape shape;
  if (entry.is_list) {
    shape.from = CustomShape::From::kSizes;
    shape.sizes = entry.values;
    return shape;
  }
  const std::string& text = engine::single_value(raw, entry);
  if (text == "declared") return shape;
  constexpr const char* kInput = "input ";
  const std::size_t head = std::string(kInput).size();
  const auto input = text.rfind(kInput, 0) == 0 ? small_number(text.substr(head)) : std::nullopt;
  if (!input) engine::refuse(raw, entry, text, "must be 'input N', 'declared', or a list of sizes");
  shape.from = CustomShape::From::kInput;
  shape.input = *input;
  return shape;
}

void read_operands(const RawConfig& raw, const RawEntry& entry, CustomOperator& op) {
  const std::optional<std::size_t> left = entry.values.size() == 2 ? small_number(entry.values[0]) : std::nullopt;
  const std::optional<std::size_t> right = entry.values.size() == 2 ? small_number(entry.values[1]) : std::nullopt;
  if (!left || !right || *left == *right) {
    engine::refuse(raw, entry, fmt::format("{}", fmt::join(entry.values, ", ")),
                   "must be the numbers of two inputs, such as [0, 1]");
  }
  op.left = *left;
  op.right = *right;
}

bool truth_of(const RawConfig& raw, const RawEntry& entry) {
  const std::string& text = engine::single_value(raw, entry);
  if (text != "true" && text != "false") engine::refuse(raw, entry, text, "must be true or false");
  return text == "true";
}

// Key and operator of "operators.DOMAIN.TYPE.KEY". Names of domains hold dots and those of types none.
struct Place {
  std::string name, key;
};

std::optional<Place> place_of(const std::string& full) {
  static const std::vector<std::string> keys = {"timing", "operands", "transpose_right", "shape"};
  if (full.rfind(kSection, 0) != 0) return std::nullopt;
  const std::string rest = full.substr(std::string(kSection).size());
  std::size_t dot = rest.rfind('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  constexpr const char* kShapes = ".shapes.";
  const std::size_t shapes = rest.rfind(kShapes);
  if (shapes != std::string::npos && shapes > 0 &&
      rest.find('.', shapes + std::string(kShapes).size()) == std::string::npos) {
    return Place{rest.substr(0, shapes), rest.substr(shapes + 1)};
  }
  return Place{rest.substr(0, dot), rest.substr(dot + 1)};
}

CustomOperator& operator_named(std::vector<CustomOperator>& all, const std::string& name, const std::string& origin) {
  const std::size_t dot = name.rfind('.');
  const std::string type = dot == std::string::npos ? name : name.substr(dot + 1);
  const std::string domain = dot == std::string::npos ? "*" : name.substr(0, dot);
  for (CustomOperator& known : all) {
    if (known.type == type && known.domain == domain) return known;
  }
  CustomOperator op;
  op.type = type;
  op.domain = domain;
  op.origin = origin;
  all.push_back(std::move(op));
  return all.back();
}

void read_key(const RawConfig& raw, const RawEntry& entry, const std::string& key, CustomOperator& op) {
  constexpr const char* kShapes = "shapes.";
  if (key == "timing") {
    op.timing = timing_of(raw, entry);
  } else if (key == "operands") {
    read_operands(raw, entry, op);
  } else if (key == "transpose_right") {
    op.transpose_right = truth_of(raw, entry);
  } else if (key == "shape") {
    op.shapes[0] = shape_of(raw, entry);
  } else if (key.rfind(kShapes, 0) == 0) {
    const std::string number = key.substr(std::string(kShapes).size());
    const auto output = small_number(number);
    if (!output) engine::refuse(raw, entry, number, "must be the number of an output, counted from 0");
    op.shapes[*output] = shape_of(raw, entry);
  } else {
    engine::refuse_unknown_key(raw, entry, {"timing", "operands", "transpose_right", "shape", "shapes.0"});
  }
}

}  // namespace

std::vector<CustomOperator> read_custom_operators(const std::string& path) {
  const RawConfig raw = engine::read_raw_config(path);
  std::vector<CustomOperator> all;
  std::vector<std::string> timed;
  for (const RawEntry& entry : raw.entries) {
    const std::optional<Place> place = place_of(entry.key);
    if (!place) {
      throw Error(raw.place(entry) + "unknown key: must be operators.TYPE.KEY or operators.DOMAIN.TYPE.KEY");
    }
    CustomOperator& op = operator_named(all, place->name, fmt::format("{}:{}", raw.path, entry.line));
    read_key(raw, entry, place->key, op);
    if (place->key == "timing") timed.push_back(place->name);
    if (place->key == "shape" && raw.find(std::string(kSection) + place->name + ".shapes.0") != nullptr) {
      throw Error(raw.place(entry) + "'shapes.0' says the same output's shape");
    }
  }
  for (const CustomOperator& op : all) {
    const std::string name = op.domain == "*" ? op.type : op.domain + "." + op.type;
    if (std::find(timed.begin(), timed.end(), name) == timed.end()) {
      throw Error(fmt::format("{}: key '{}{}.timing': missing", op.origin, kSection, name));
    }
    const bool has_operands = raw.find(kSection + name + ".operands") != nullptr;
    const bool has_transpose = raw.find(kSection + name + ".transpose_right") != nullptr;
    if ((has_operands || has_transpose) && op.timing != CustomTiming::kMatmul) {
      throw Error(fmt::format("{}: key '{}{}.{}': is for timing 'matmul'", op.origin, kSection, name,
                              has_operands ? "operands" : "transpose_right"));
    }
  }
  if (all.empty()) throw Error(fmt::format("{}: key 'operators': missing, or without an operator", path));
  return all;
}

}  // namespace lanewise::cli
