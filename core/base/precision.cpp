// SPDX-License-Identifier: Apache-2.0
#include "core/base/precision.hpp"

#include <array>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

struct Format {
  Precision precision;
  const char* name;
  int bits;
};

constexpr std::array<Format, kPrecisionCount> kFormats{{{Precision::kInt2, "int2", 2},
                                                        {Precision::kInt4, "int4", 4},
                                                        {Precision::kInt6, "int6", 6},
                                                        {Precision::kInt8, "int8", 8},
                                                        {Precision::kInt16, "int16", 16},
                                                        {Precision::kFp16, "fp16", 16},
                                                        {Precision::kFp32, "fp32", 32}}};

const Format& format_of(Precision precision) { return kFormats.at(static_cast<std::size_t>(precision)); }

}  // namespace

int bits(Precision precision) { return format_of(precision).bits; }

const char* to_string(Precision precision) { return format_of(precision).name; }

Precision parse_precision(const std::string& text) {
  for (const Format& format : kFormats) {
    if (text == format.name) return format.precision;
  }
  throw Error("precision '" + text + "' is unknown: must be one of int2, int4, int6, int8, int16, fp16, fp32");
}

Bytes packed_bytes(std::int64_t elements, Precision precision) {
  return Bytes(ceil_div(elements * bits(precision), 8));
}

}  // namespace lanewise
