// SPDX-License-Identifier: Apache-2.0
#include "core/record/unit_text.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

using lanewise::Cycles;
using lanewise::Error;
using lanewise::InternalError;
using lanewise::record::parse_unit_times;
using lanewise::record::to_text;
using lanewise::record::UnitTime;

TEST(UnitText, RoundTrip) {
  const std::vector<UnitTime> units{
      {"load_dma", Cycles(120), Cycles(30), {{"weights", Cycles(5)}, {"buffer", Cycles(7)}}},
      {"dram", Cycles(10), Cycles(152), {}}};
  const std::string text = to_text(units);
  EXPECT_EQ(text, "load_dma 120 30 weights 5 buffer 7;dram 10 152");
  EXPECT_EQ(to_text(parse_unit_times(text)), text);
  EXPECT_TRUE(parse_unit_times("").empty());
}

TEST(UnitText, MalformedTextIsRefused) {
  for (const char* text : {"load_dma", "load_dma 1", "load_dma 1 2 cause", "load_dma 1 x", "load_dma 1 2;", "a-b 1 2",
                           "load_dma 1 2 cause 99999999999999999999", "load_dma  1 2"}) {
    EXPECT_THROW(parse_unit_times(text), Error) << text;
  }
}

TEST(UnitText, NamesThatWouldNotReadBackAreABug) {
  EXPECT_THROW(to_text({{"load dma", Cycles(1), Cycles(2), {}}}), InternalError);
  EXPECT_THROW(to_text({{"dram", Cycles(1), Cycles(2), {{"a;b", Cycles(1)}}}}), InternalError);
}
