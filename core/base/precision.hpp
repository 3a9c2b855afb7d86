// SPDX-License-Identifier: Apache-2.0
// Number formats of tensors.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/units.hpp"

namespace lanewise {

enum class Precision { kInt2, kInt4, kInt6, kInt8, kInt16, kFp16, kFp32 };
inline constexpr int kPrecisionCount = 7;

// Width in bits: 2, 4, 6, 8, 16, 16, 32.
int bits(Precision precision);
// "int2", "int4", "int6", "int8", "int16", "fp16", "fp32".
const char* to_string(Precision precision);
// Inverse of to_string. Throws Error naming the text and the formats known.
Precision parse_precision(const std::string& text);
// Bytes that `elements` numbers occupy when packed, rounded up to whole bytes.
Bytes packed_bytes(std::int64_t elements, Precision precision);

}  // namespace lanewise
