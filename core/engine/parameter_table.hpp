// SPDX-License-Identifier: Apache-2.0
// The one table of an engine's parameters. Loading, overriding, showing, hashing and the reference all walk it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// Where a parameter lives in an EngineConfig; the type says how its text is read.
using Slot = std::variant<std::string*, std::int64_t*, double*, bool*, DepthwiseMapping*, DmaKind*, Cycles*, Bytes*,
                          BytesPerCycle*, BytesPerSecond*, Hertz*, Seconds*, Picojoules*, PicojoulesPerByte*,
                          Milliwatts*, SquareMillimetres*>;
using Value =
    std::variant<std::string, std::int64_t, double, bool, DepthwiseMapping, DmaKind, Cycles, Bytes, BytesPerCycle,
                 BytesPerSecond, Hertz, Seconds, Picojoules, PicojoulesPerByte, Milliwatts, SquareMillimetres>;

struct Parameter {
  const char* key;
  Slot (*slot)(EngineConfig&);
  const char* low;  // smallest and largest value, as the key itself is written; nullptr: any
  const char* high;
  const char* fallback;  // value where the hwconfig has none; nullptr: the key is required
  const char* meaning;   // one line for people
};

// In the reference's order.
const std::vector<Parameter>& parameter_table();
// nullptr where no parameter has that key.
const Parameter* find_parameter(const std::string& key);
// Throws Error naming the key, with the nearest one known.
const Parameter& require_parameter(const std::string& key);

// The unit and kind of a parameter for people: "B, KiB, MiB, GiB", "whole number", "true, false".
std::string notation(const Parameter& parameter);
// Text to value and range check. Throws Error "'TEXT' is …: must be …", without place and key.
Value parse_value(const Parameter& parameter, const std::string& text);
void store(const Parameter& parameter, const Value& value, EngineConfig& config);
Value fetch(const Parameter& parameter, const EngineConfig& config);
// As --set takes it.
std::string text_of(const Value& value);

}  // namespace lanewise::engine
