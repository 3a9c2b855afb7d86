// SPDX-License-Identifier: Apache-2.0
// Text to value and back, by the type of the parameter's slot.
#include <algorithm>
#include <charconv>
#include <string>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/kinds/engine_kind.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_config.hpp"

namespace lanewise::engine {
namespace {

constexpr const char* kDenseGroups = "dense_groups";
constexpr const char* kNative = "native";
constexpr std::size_t kLongestName = 64;
constexpr const char* kNone = "none";
constexpr std::size_t kLongestDescription = 200;

std::int64_t parse_integer(const std::string& text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec == std::errc::invalid_argument || result.ptr != text.data() + text.size()) {
    throw Error("'" + text + "' is not a whole number");
  }
  if (result.ec == std::errc::result_out_of_range) throw Error("'" + text + "' is too large a number");
  return value;
}

bool parse_bool(const std::string& text) {
  if (text != "true" && text != "false") throw Error("'" + text + "' is neither true nor false");
  return text == "true";
}

DepthwiseMapping parse_depthwise(const std::string& text) {
  if (text == kDenseGroups) return DepthwiseMapping::kDenseGroups;
  if (text == kNative) return DepthwiseMapping::kNative;
  throw Error("'" + text + "' is unknown: must be dense_groups or native");
}

constexpr PlanGoal kPlanGoals[] = {PlanGoal::kLatency, PlanGoal::kEnergy, PlanGoal::kDram};

PlanGoal parse_plan_goal(const std::string& text) {
  for (const PlanGoal goal : kPlanGoals) {
    if (text == to_string(goal)) return goal;
  }
  throw Error("'" + text + "' is unknown: must be latency, energy or dram");
}

// Names become file names and columns; a description is one line.
std::string parse_string(const Parameter& parameter, const std::string& text) {
  if (std::string(parameter.key) == "description") {
    if (text.size() > kLongestDescription || !is_short_line(text)) {
      throw Error("must be one line of at most " + std::to_string(kLongestDescription) + " bytes");
    }
    return text;
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  const bool well_formed = !text.empty() && text.size() <= kLongestName && text.front() != '.' && text.front() != '-' &&
                           std::all_of(text.begin(), text.end(), allowed);
  if (!well_formed) {
    throw Error("'" + text + "' is not a name: must be 1 to " + std::to_string(kLongestName) +
                " letters, digits, '-', '_' or '.', the first a letter, a digit or '_'");
  }
  return text;
}

// "2:4", or none.
Structure parse_structure(const std::string& text) {
  if (text == kNone) return {};
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) throw Error("'" + text + "' is no structure: must be none or N:M, as in 2:4");
  const Structure structure{parse_integer(text.substr(0, colon)), parse_integer(text.substr(colon + 1))};
  if (structure.kept < 1 || structure.kept >= structure.of || structure.of > kLargestStructure) {
    throw Error("'" + text + "' is out of range: N:M must have 1 <= N < M <= " + std::to_string(kLargestStructure));
  }
  return structure;
}

constexpr ZeroCoding kZeroCodings[] = {ZeroCoding::kNone, ZeroCoding::kBitmask, ZeroCoding::kZeroRuns,
                                       ZeroCoding::kIndices};

ZeroCoding parse_zero_coding(const std::string& text) {
  for (const ZeroCoding coding : kZeroCodings) {
    if (text == to_string(coding)) return coding;
  }
  throw Error("'" + text + "' is unknown: must be none, bitmask, zero_runs or indices");
}

Value parse_unchecked(const Parameter& parameter, const std::string& text) {
  EngineConfig shape;
  return std::visit(
      [&](auto* slot) -> Value {
        using T = std::remove_pointer_t<decltype(slot)>;
        if constexpr (std::is_same_v<T, std::string>) return parse_string(parameter, text);
        if constexpr (std::is_same_v<T, std::int64_t>) return parse_integer(text);
        if constexpr (std::is_same_v<T, double>) return parse_number(text);
        if constexpr (std::is_same_v<T, bool>) return parse_bool(text);
        if constexpr (std::is_same_v<T, DepthwiseMapping>) return parse_depthwise(text);
        if constexpr (std::is_same_v<T, DmaKind>) return engine_kind(text).kind;
        if constexpr (std::is_same_v<T, PlanGoal>) return parse_plan_goal(text);
        if constexpr (std::is_same_v<T, Structure>) return parse_structure(text);
        if constexpr (std::is_same_v<T, ZeroCoding>) return parse_zero_coding(text);
        if constexpr (std::is_same_v<T, Cycles>) return Cycles(parse_integer(text));
        if constexpr (std::is_same_v<T, Bytes>) return parse_bytes(text);
        if constexpr (std::is_same_v<T, BytesPerCycle>) return parse_bytes_per_cycle(text);
        if constexpr (std::is_same_v<T, BytesPerSecond>) return parse_bytes_per_second(text);
        if constexpr (std::is_same_v<T, Hertz>) return parse_hertz(text);
        if constexpr (std::is_same_v<T, Seconds>) return parse_seconds(text);
        if constexpr (std::is_same_v<T, Picojoules>) return parse_picojoules(text);
        if constexpr (std::is_same_v<T, PicojoulesPerByte>) return parse_picojoules_per_byte(text);
        if constexpr (std::is_same_v<T, Milliwatts>) return parse_milliwatts(text);
        if constexpr (std::is_same_v<T, SquareMillimetres>) return parse_square_millimetres(text);
      },
      parameter.slot(shape));
}

// Both hold the same alternative: each came from the same parameter.
bool below(const Value& left, const Value& right) {
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        return value < std::get<T>(right);
      },
      left);
}

struct Texter {
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return number_text(value); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(DepthwiseMapping value) const {
    return value == DepthwiseMapping::kNative ? kNative : kDenseGroups;
  }
  std::string operator()(DmaKind value) const { return engine_kind(value).name; }
  std::string operator()(PlanGoal value) const { return to_string(value); }
  std::string operator()(Structure value) const {
    return value.any() ? std::to_string(value.kept) + ":" + std::to_string(value.of) : kNone;
  }
  std::string operator()(ZeroCoding value) const { return to_string(value); }
  std::string operator()(Cycles value) const { return std::to_string(value.count()); }
  template <class Tag, class Rep>
  std::string operator()(Quantity<Tag, Rep> value) const {
    return to_text(value);
  }
};

struct Notation {
  std::string operator()(const std::string*) const { return "text"; }
  std::string operator()(const std::int64_t*) const { return "whole number"; }
  std::string operator()(const double*) const { return "number"; }
  std::string operator()(const bool*) const { return "true, false"; }
  std::string operator()(const DepthwiseMapping*) const { return "dense_groups, native"; }
  std::string operator()(const DmaKind*) const { return engine_kind_names(); }
  std::string operator()(const PlanGoal*) const { return "latency, energy, dram"; }
  std::string operator()(const Structure*) const { return "none, N:M"; }
  std::string operator()(const ZeroCoding*) const { return "none, bitmask, zero_runs, indices"; }
  std::string operator()(const Cycles*) const { return "whole cycles"; }
  std::string operator()(const Bytes*) const { return "B, KiB, MiB, GiB"; }
  std::string operator()(const BytesPerCycle*) const { return "B/cycle"; }
  std::string operator()(const BytesPerSecond*) const { return "MB/s, GB/s"; }
  std::string operator()(const Hertz*) const { return "Hz, kHz, MHz, GHz"; }
  std::string operator()(const Seconds*) const { return "ns, us, ms, s"; }
  std::string operator()(const Picojoules*) const { return "fJ, pJ, nJ"; }
  std::string operator()(const PicojoulesPerByte*) const { return "pJ/B"; }
  std::string operator()(const Milliwatts*) const { return "uW, mW, W"; }
  std::string operator()(const SquareMillimetres*) const { return "um2, mm2"; }
};

}  // namespace

std::string notation(const Parameter& parameter) {
  EngineConfig shape;
  return std::visit(Notation(), parameter.slot(shape));
}

Value parse_value(const Parameter& parameter, const std::string& text) {
  const Value value = parse_unchecked(parameter, text);
  if (parameter.low == nullptr) return value;
  if (below(value, parse_unchecked(parameter, parameter.low)) ||
      below(parse_unchecked(parameter, parameter.high), value)) {
    const bool single = std::string(parameter.low) == parameter.high;
    throw Error("'" + text + "' is out of range: must be " + parameter.low +
                (single ? "" : std::string(" to ") + parameter.high));
  }
  return value;
}

void store(const Parameter& parameter, const Value& value, EngineConfig& config) {
  std::visit([&](auto* slot) { *slot = std::get<std::remove_pointer_t<decltype(slot)>>(value); },
             parameter.slot(config));
}

Value fetch(const Parameter& parameter, const EngineConfig& config) {
  // A slot may be written through; here it is only read.
  return std::visit([](const auto* slot) -> Value { return *slot; }, parameter.slot(const_cast<EngineConfig&>(config)));
}

std::string text_of(const Value& value) { return std::visit(Texter(), value); }

}  // namespace lanewise::engine
