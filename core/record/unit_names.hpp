// SPDX-License-Identifier: Apache-2.0
// The units of the simulated engine and the causes for which they wait, each with the one text that stores, JSON, CSV,
// traces and charts show for it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace lanewise::record {

// Reports list units in this order.
enum class Unit {
  kCommandProcessor,
  kLoadDma,
  kInputLoader,
  kWeightLoader,
  kOperandLoader,
  kReadPort,
  kDram,
  kWeightDecoder,
  kDotProductArray,
  kPostProcessor,
  kStoreDma,
  kWritePort,
  kHost,
  kActivationMemory,
  kWeightMemory,
};

// Why a unit with work at hand cannot go on. Reports list causes in this order.
enum class StallCause {
  kInput,
  kWeights,
  kOperand,
  kAccumulators,
  kOutputBuffer,
  kLoadBuffer,
  kOnChipBandwidth,
  kDram,
  kUnpacking,
  kWeightLoad,
  kFilling,
  kDraining,
};
inline constexpr int kStallCauseCount = 12;

struct UnitName {
  Unit unit;
  const char* text;
  const char* description;  // one sentence
};

struct StallCauseName {
  StallCause cause;
  const char* text;
  const char* description;  // one sentence that goes on from "The unit waits"
  const char* colour;       // in traces: one of the reserved colour names of the Trace Event Format
  char letter;              // in charts
};

// Every unit and every cause once, in the order of the enums.
const std::vector<UnitName>& unit_names();
const std::vector<StallCauseName>& stall_cause_names();

const UnitName& name_of(Unit unit);
const StallCauseName& name_of(StallCause cause);
const char* to_string(Unit unit);         // "dot_product_array"
const char* to_string(StallCause cause);  // "onchip_bandwidth"
// None where no unit or cause has this text.
std::optional<Unit> parse_unit(std::string_view text);
std::optional<StallCause> parse_stall_cause(std::string_view text);

}  // namespace lanewise::record
