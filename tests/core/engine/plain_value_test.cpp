// SPDX-License-Identifier: Apache-2.0
#include "core/engine/plain_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"

namespace fs = std::filesystem;

namespace lanewise::engine {
namespace {

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == 0;
}

TEST(PlainValue, shipped_engines_have_the_numbers_that_their_keys_have) {
  int numbers = 0, with_unit = 0;
  for (const auto& entry : fs::directory_iterator(std::string(LANEWISE_SOURCE_DIR) + "/hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    const LoadedEngine engine = load_engine(entry.path().string());
    for (const ParameterReference& parameter : parameter_reference()) {
      const std::string text = value_text(engine.config, parameter.key);
      const std::string plain = plain_value(parameter.key, text);
      const PlainColumn column = plain_column(parameter.key);
      if (column.unit == "text") {
        EXPECT_EQ(plain, text);
        EXPECT_EQ(column.name, parameter.key);
        continue;
      }
      ASSERT_TRUE(is_number(plain)) << parameter.key << ": " << plain;
      EXPECT_EQ(std::strtod(plain.c_str(), nullptr), numeric_value(engine.config, parameter.key)) << parameter.key;
      // Where the value has a unit the column's name has it.
      const bool has_unit = text.find(' ') != std::string::npos;
      if (has_unit) {
        EXPECT_NE(column.name, parameter.key) << text;
        EXPECT_EQ(column.name.rfind(parameter.key + "_", 0), 0u) << column.name;
      }
      ++numbers;
      with_unit += has_unit ? 1 : 0;
    }
  }
  EXPECT_GT(numbers, 1000);
  EXPECT_GT(with_unit, 100);
}

TEST(PlainValue, units_are_converted) {
  EXPECT_EQ(plain_value("memory.bank_size", "32 KiB"), "32768");
  EXPECT_EQ(plain_column("memory.bank_size").name, "memory.bank_size_bytes");
  EXPECT_EQ(plain_value("dram.bandwidth", "12.8 GB/s"), "12800000000");
  EXPECT_EQ(plain_column("dram.bandwidth").name, "dram.bandwidth_bytes_per_second");
  EXPECT_EQ(plain_value("engine.clock", "400 MHz"), "400000000");
  EXPECT_EQ(plain_column("engine.clock").unit, "hertz");
  EXPECT_EQ(plain_value("dma.prefetch_input", "true"), "1");
  EXPECT_EQ(plain_value("sparsity.structured", "2:4"), "2:4");
  EXPECT_EQ(std::strtod(plain_value("dram.latency", "150 ns").c_str(), nullptr), 150e-9);
}

TEST(PlainValue, columns_do_not_collide) {
  std::set<std::string> names;
  for (const std::string& key : parameter_keys()) EXPECT_TRUE(names.insert(plain_column(key).name).second) << key;
}

TEST(PlainValue, what_is_unknown_stays_and_what_is_wrong_is_named) {
  EXPECT_EQ(plain_value("zeta.key", "9 apples"), "9 apples");
  EXPECT_EQ(plain_column("zeta.key").name, "zeta.key");
  try {
    plain_value("memory.bank_size", "many");
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("memory.bank_size"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("many"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace lanewise::engine
