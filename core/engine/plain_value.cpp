// SPDX-License-Identifier: Apache-2.0
#include "core/engine/plain_value.hpp"

#include <type_traits>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "core/engine/parameter_table.hpp"

namespace lanewise::engine {
namespace {

struct Unit {
  const char* suffix;
  const char* unit;
};

// By the type of the key's slot.
struct UnitOf {
  Unit operator()(const Bytes*) const { return {"_bytes", "bytes"}; }
  Unit operator()(const BytesPerCycle*) const { return {"_bytes_per_cycle", "bytes per cycle"}; }
  Unit operator()(const BytesPerSecond*) const { return {"_bytes_per_second", "bytes per second"}; }
  Unit operator()(const Hertz*) const { return {"_hz", "hertz"}; }
  Unit operator()(const Seconds*) const { return {"_seconds", "seconds"}; }
  Unit operator()(const Picojoules*) const { return {"_pj", "picojoules"}; }
  Unit operator()(const PicojoulesPerByte*) const { return {"_pj_per_byte", "picojoules per byte"}; }
  Unit operator()(const Milliwatts*) const { return {"_mw", "milliwatts"}; }
  Unit operator()(const SquareMillimetres*) const { return {"_mm2", "square millimetres"}; }
  // Their keys say so already, or they count something that the key names.
  Unit operator()(const Cycles*) const { return {"", "cycles"}; }
  Unit operator()(const std::int64_t*) const { return {"", "number"}; }
  Unit operator()(const double*) const { return {"", "number"}; }
  Unit operator()(const bool*) const { return {"", "flag"}; }
  template <class Word>
  Unit operator()(const Word*) const {
    return {"", "text"};
  }
};

// The number of a value in the unit above; words as they are written.
struct PlainText {
  std::string operator()(bool value) const { return value ? "1" : "0"; }
  template <class Tag>
  std::string operator()(Quantity<Tag, std::int64_t> value) const {
    return std::to_string(value.count());
  }
  template <class Tag>
  std::string operator()(Quantity<Tag, double> value) const {
    return number_text(value.count());
  }
  template <class Word>
  std::string operator()(const Word& value) const {
    return text_of(Value(value));
  }
};

}  // namespace

PlainColumn plain_column(const std::string& key) {
  const Parameter* parameter = find_parameter(key);
  if (parameter == nullptr) return {key, "text"};
  EngineConfig shape;
  const Unit unit = std::visit(UnitOf(), parameter->slot(shape));
  return {key + unit.suffix, unit.unit};
}

std::string plain_value(const std::string& key, const std::string& text) {
  const Parameter* parameter = find_parameter(key);
  if (parameter == nullptr || plain_column(key).unit == "text") return text;
  try {
    return std::visit(PlainText(), parse_value(*parameter, text));
  } catch (const Error& error) {
    throw Error("key '" + key + "': " + error.what());
  }
}

}  // namespace lanewise::engine
