// SPDX-License-Identifier: Apache-2.0
#include "core/engine/numeric_parameter.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"

namespace lanewise::engine {
namespace {

EngineConfig shipped() { return load_engine("hwconfigs/nvdla-small.yaml").config; }

// Whether the key is a number, by the reference that people read.
bool is_number(const ParameterReference& reference) {
  return reference.notation != "text" && reference.notation.find("true") == std::string::npos &&
         reference.key != "engine.depthwise" && reference.key != "dma.kind" && reference.key != "mapping.plan_for" &&
         reference.key != "sparsity.structured" && reference.key != "compression.zeros";
}

TEST(NumericParameter, every_number_of_the_reference_has_bounds_that_its_texts_keep) {
  const EngineConfig config = shipped();
  int numbers = 0;
  for (const ParameterReference& reference : parameter_reference()) {
    if (!is_number(reference)) {
      EXPECT_THROW(numeric_parameter(reference.key), Error) << reference.key;
      EXPECT_THROW(numeric_text(reference.key, 1), Error) << reference.key;
      continue;
    }
    ++numbers;
    const NumericParameter parameter = numeric_parameter(reference.key);
    EXPECT_LE(parameter.low, parameter.high) << reference.key;
    EXPECT_EQ(numeric_text(reference.key, numeric_value(config, reference.key)), value_text(config, reference.key));
    // Beyond the range the nearest value of the range.
    EXPECT_EQ(numeric_text(reference.key, -1), numeric_text(reference.key, parameter.low)) << reference.key;
    EXPECT_EQ(numeric_text(reference.key, 1e30), numeric_text(reference.key, parameter.high)) << reference.key;
  }
  EXPECT_GT(numbers, 90);
}

TEST(NumericParameter, whole_numbers_are_rounded) {
  EXPECT_TRUE(numeric_parameter("dma.start_cycles").whole);
  EXPECT_EQ(numeric_text("dma.start_cycles", 27.6), "28");
  EXPECT_TRUE(numeric_parameter("memory.bank_size").whole);
  EXPECT_FALSE(numeric_parameter("dram.bandwidth").whole);
  EXPECT_EQ(numeric_text("dram.bandwidth", 5.6e9), "5.6 GB/s");
  EXPECT_EQ(numeric_text("dram.latency", 3.2e-8), "32 ns");
}

TEST(NumericParameter, names_an_unknown_key) {
  try {
    numeric_parameter("dram.bandwith");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("dram.bandwidth"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::engine
