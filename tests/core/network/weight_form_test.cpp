// SPDX-License-Identifier: Apache-2.0
#include "core/network/weight_form.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::network {
namespace {

TEST(WeightForm, texts_read_back_as_the_same_form) {
  for (const char* text : {"-/1.0000/0", "2:4/0.5000/0", "-/0.0001/0", "-/1.0000/65536", "63:64/0.9844/2",
                           "1:4/0.2000/16", "1:3/0.3333/0"}) {
    EXPECT_EQ(form_text(parse_form_text(text)), text);
  }
  EXPECT_TRUE(parse_form_text("-/1.0000/0").plain());
  EXPECT_TRUE(parse_form_text("-/1.0000/16").dense());
  EXPECT_FALSE(parse_form_text("-/1.0000/16").plain());
}

TEST(WeightForm, every_multiple_of_the_step_is_kept_and_all_else_rounded_to_one) {
  for (int steps = 1; steps <= 10000; ++steps) {
    WeightForm form;
    form.density = steps / kDensitySteps;
    ASSERT_EQ(rounded_density(form.density), form.density) << steps;
    ASSERT_EQ(parse_form_text(form_text(form)), form) << steps;
  }
  EXPECT_EQ(rounded_density(1e-9), kDensityStep);
  EXPECT_EQ(rounded_density(0.12346), 0.1235);
}

TEST(WeightForm, what_no_weight_can_be_is_refused_with_its_rule) {
  const auto rule = [](const std::string& text) -> std::string {
    try {
      parse_form_text(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (const char* text : {"", "2:4", "2:4/0.5000", "2/0.5000/0", "x/1/0", "2:x/1/0", "0:0/1.0000/0", "2:4//0",
                           "2:4/0.5000/", "2:4/0.5000/16 ", "-/0.5000/1.5"}) {
    EXPECT_NE(rule(text).find("expected N:M/DENSITY/CLUSTERS"), std::string::npos) << text;
  }
  EXPECT_EQ(rule("4:2/0.5000/0"), "structure 4:2: N:M must have 1 <= N < M <= 64");
  EXPECT_EQ(rule("0:4/0.5000/0"), "structure 0:4: N:M must have 1 <= N < M <= 64");
  EXPECT_EQ(rule("-1:4/0.5000/0"), "structure -1:4: N:M must have 1 <= N < M <= 64");
  EXPECT_EQ(rule("2:65/0.0100/0"), "structure 2:65: N:M must have 1 <= N < M <= 64");
  EXPECT_EQ(rule("2:4/0.6000/0"), "density 0.6: 2:4 leaves 0.5 at most");
  EXPECT_EQ(rule("-/0/0"), "density 0: must be above 0 and at most 1");
  EXPECT_EQ(rule("-/nan/0"), "density nan: must be above 0 and at most 1");
  EXPECT_EQ(rule("-/1.0001/0"), "density 1.0001: must be above 0 and at most 1");
  EXPECT_EQ(rule("-/0.12345/0"), "density 0.12345: must be a multiple of 0.0001");
  EXPECT_EQ(rule("-/1.0000/1"), "1 clusters: must be 2 to 65536");
  EXPECT_EQ(rule("-/1.0000/65537"), "65537 clusters: must be 2 to 65536");
}

TEST(WeightForm, people_read_its_parts) {
  EXPECT_EQ(to_string(WeightForm{}), "dense");
  EXPECT_EQ(to_string(parse_form_text("2:4/0.5000/16")), "2:4 + 0.5 + 16 clusters");
  EXPECT_EQ(to_string(parse_form_text("-/0.3500/0")), "0.35");
}

}  // namespace
}  // namespace lanewise::network
