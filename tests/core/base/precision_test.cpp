// SPDX-License-Identifier: Apache-2.0
#include "core/base/precision.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise {
namespace {

TEST(Precision, every_format_reads_back_from_its_name_and_has_its_width) {
  const char* names[] = {"int2", "int4", "int6", "int8", "int16", "fp16", "fp32"};
  const int widths[] = {2, 4, 6, 8, 16, 16, 32};
  for (int i = 0; i < kPrecisionCount; ++i) {
    const auto precision = static_cast<Precision>(i);
    EXPECT_STREQ(to_string(precision), names[i]);
    EXPECT_EQ(bits(precision), widths[i]);
    EXPECT_EQ(parse_precision(names[i]), precision);
  }
}

TEST(Precision, elements_are_packed_into_whole_bytes) {
  EXPECT_EQ(packed_bytes(0, Precision::kInt4).count(), 0);
  EXPECT_EQ(packed_bytes(3, Precision::kInt4).count(), 2);
  EXPECT_EQ(packed_bytes(5, Precision::kInt2).count(), 2);
  EXPECT_EQ(packed_bytes(5, Precision::kInt6).count(), 4);
  EXPECT_EQ(packed_bytes(3, Precision::kInt8).count(), 3);
  EXPECT_EQ(packed_bytes(3, Precision::kFp16).count(), 6);
  EXPECT_EQ(packed_bytes(3, Precision::kFp32).count(), 12);
}

TEST(Precision, unknown_names_are_refused) {
  for (const char* text : {"", "INT8", "int32", "int8 "}) {
    try {
      parse_precision(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), std::string("precision '") + text +
                                  "' is unknown: must be one of int2, int4, int6, int8, int16, fp16, fp32");
    }
  }
}

}  // namespace
}  // namespace lanewise
