// SPDX-License-Identifier: Apache-2.0
// The one table of the parameters of an engine. Loading, overriding, showing, hashing and the reference all use it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

// Where a parameter is stored in an EngineConfig. Its type decides how the text is read.
using Slot = std::variant<std::string*, std::int64_t*, double*, bool*, DepthwiseMapping*, DmaKind*, PlanGoal*,
                          Structure*, ZeroCoding*, Cycles*, Bytes*, BytesPerCycle*, BytesPerSecond*, Hertz*, Seconds*,
                          Picojoules*, PicojoulesPerByte*, Milliwatts*, SquareMillimetres*>;
using Value = std::variant<std::string, std::int64_t, double, bool, DepthwiseMapping, DmaKind, PlanGoal, Structure,
                           ZeroCoding, Cycles, Bytes, BytesPerCycle, BytesPerSecond, Hertz, Seconds, Picojoules,
                           PicojoulesPerByte, Milliwatts, SquareMillimetres>;

struct Parameter {
  const char* key;
  Slot (*slot)(EngineConfig&);
  const char* low;  // smallest and largest value, in the notation of the key; nullptr: any
  const char* high;
  const char* fallback;  // the value where the hwconfig has none; nullptr: the key is required
  const char* meaning;   // one line for people
  // Came after engines had been measured: where it has its fallback, hashes and stores leave it out, as they did before
  // there was such a key.
  bool later = false;
};

// In the order of the reference.
const std::vector<Parameter>& parameter_table();
// nullptr where no parameter has that key.
const Parameter* find_parameter(const std::string& key);
// Throws Error naming the key and the nearest known one.
const Parameter& require_parameter(const std::string& key);

// How the values of a parameter are written, for people: "B, KiB, MiB, GiB", "whole number", "true, false".
std::string notation(const Parameter& parameter);
// Reads a value and checks its range. Throws Error "'TEXT' is …: must be …", without place and key.
Value parse_value(const Parameter& parameter, const std::string& text);
void store(const Parameter& parameter, const Value& value, EngineConfig& config);
Value fetch(const Parameter& parameter, const EngineConfig& config);
// The text as --set takes it.
std::string text_of(const Value& value);

}  // namespace lanewise::engine
