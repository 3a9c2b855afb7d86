// SPDX-License-Identifier: Apache-2.0
#include "core/record/unit_text.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

using lanewise::Cycles;
using lanewise::Error;
using lanewise::record::parse_unit_times;
using lanewise::record::StallCause;
using lanewise::record::to_text;
using lanewise::record::Unit;
using lanewise::record::UnitTime;

TEST(UnitText, reads_back_what_it_wrote) {
  const std::vector<UnitTime> units{
      {Unit::kLoadDma, Cycles(120), Cycles(30), {{StallCause::kWeights, Cycles(5)}, {StallCause::kDram, Cycles(7)}}},
      {Unit::kDram, Cycles(10), Cycles(152), {}}};
  const std::string text = to_text(units);
  EXPECT_EQ(text, "load_dma 120 30 weights 5 dram 7;dram 10 152");
  EXPECT_EQ(to_text(parse_unit_times(text)), text);
  EXPECT_TRUE(parse_unit_times("").empty());
}

TEST(UnitText, malformed_text_is_refused) {
  for (const char* text : {"load_dma", "load_dma 1", "load_dma 1 2 dram", "load_dma 1 x", "load_dma 1 2;",
                           "load_dma 1 2 dram 99999999999999999999", "load_dma  1 2"}) {
    EXPECT_THROW(parse_unit_times(text), Error) << text;
  }
}

TEST(UnitText, a_unit_or_cause_that_is_not_known_is_refused) {
  EXPECT_THROW(parse_unit_times("abacus 1 2"), Error);
  EXPECT_THROW(parse_unit_times("load_dma 1 2 boredom 3"), Error);
}
