// SPDX-License-Identifier: Apache-2.0
// Genes of the engine: ranges, keys that change together, keys that follow, keys that are derived.
#include "nas/space/engine_space.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"

namespace lanewise::nas {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEngine = LANEWISE_SOURCE_DIR "/hwconfigs/ne-256.yaml";  // 16 x 16, 16 banks of 8 KiB each

class EngineSpaceFile : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    path_ = (fs::temp_directory_path() / ("lanewise_engine_space_" + name + ".yaml")).string();
  }
  void TearDown() override { fs::remove(path_); }

  EngineSpace load(const std::string& engine) {
    std::ofstream(path_) << "name: mine\nengine:\n" << engine;
    const SpaceDescription description = load_space(path_);
    const engine::Family family = engine::load_family(kEngine);
    return EngineSpace(description.engine, engine::load_engine(kEngine).config, family.ranges, follow_rules(family));
  }
  std::string message(const std::string& engine, const Genotype& genotype = {}) {
    try {
      const EngineSpace space = load(engine);
      if (!genotype.empty()) space.engine(genotype);
    } catch (const Error& error) {
      const std::string what = error.what();
      return what.rfind(path_, 0) == 0 ? "FILE" + what.substr(path_.size()) : what;
    }
    return "";
  }
  std::string path_;
};

TEST_F(EngineSpaceFile, ranges_go_by_steps_and_by_factors) {
  const EngineSpace space = load(R"(  vary:
    engine.parallelism_factor: {from: 8, to: 32, step: 8}
    memory.bank_size: {from: 4 KiB, to: 32 KiB, factor: 2}
    engine.clock: {from: 500 MHz, to: 1.5 GHz, step: 500 MHz}
)");
  ASSERT_EQ(space.genes().size(), 3u);
  EXPECT_EQ(space.genes()[0].values, (std::vector<std::string>{"16", "8", "24", "32"}));
  EXPECT_EQ(space.genes()[1].values, (std::vector<std::string>{"8 KiB", "4 KiB", "16 KiB", "32 KiB"}));
  EXPECT_EQ(space.genes()[2].values, (std::vector<std::string>{"800 MHz", "500 MHz", "1 GHz", "1.5 GHz"}));
}

TEST_F(EngineSpaceFile, coupled_keys_change_together) {
  const EngineSpace space = load(R"(  vary: none
  together:
    banks:
      memory.activation_banks: [8, 32]
      memory.weight_banks: [8, 64]
)");
  ASSERT_EQ(space.genes().size(), 1u);
  EXPECT_EQ(space.genes()[0].name, "banks");
  EXPECT_EQ(space.genes()[0].values, (std::vector<std::string>{"16+16", "8+8", "32+64"}));
  const engine::EngineConfig engine = space.engine({2});
  EXPECT_EQ(engine.memory.activation_banks, 32);
  EXPECT_EQ(engine.memory.weight_banks, 64);
}

TEST_F(EngineSpaceFile, derived_keys_are_computed_from_others) {
  const EngineSpace space = load(R"(  vary:
    engine.parallelism_factor: [32, 64]
  derive:
    accumulators.size: 8 * engine.weight_load_kernels_per_cycle * 1 KiB
    engine.weight_load_kernels_per_cycle: max(1, engine.parallelism_factor / 16)
)");
  EXPECT_TRUE(space.overrides({0}).empty());  // the base engine as it is
  const engine::EngineConfig engine = space.engine({2});
  EXPECT_EQ(engine.array.weight_load_kernels_per_cycle, 4);
  EXPECT_EQ(engine::value_text(engine, "accumulators.size"), "32 KiB");
}

TEST_F(EngineSpaceFile, keys_follow_as_the_family_says_unless_something_else_decides_them) {
  const EngineSpace follows = load("  vary:\n    engine.parallelism_factor: [32, 64]\n  follow: true\n");
  const engine::EngineConfig base = engine::load_engine(kEngine).config;
  const engine::EngineConfig wide = follows.engine({2});
  EXPECT_EQ(wide.array.weight_load_kernels_per_cycle, 4 * base.array.weight_load_kernels_per_cycle);
  EXPECT_EQ(wide.memory.weight_banks, 2 * base.memory.weight_banks);
  EXPECT_TRUE(follows.overrides({0}).empty());
  const EngineSpace decided = load(R"(  vary:
    engine.parallelism_factor: [32, 64]
    memory.weight_banks: [8, 32]
  derive:
    engine.weight_load_kernels_per_cycle: engine.parallelism_factor / 32
  follow: true
)");
  const engine::EngineConfig engine = decided.engine({2, 0});
  EXPECT_EQ(engine.memory.weight_banks, base.memory.weight_banks);
  EXPECT_EQ(engine.array.weight_load_kernels_per_cycle, 2);
  EXPECT_EQ(engine::value_text(engine, "post_processing.width"), engine::value_text(wide, "post_processing.width"));
}

TEST_F(EngineSpaceFile, errors_name_file_line_key_value_and_rule) {
  EXPECT_EQ(message("  derive:\n    engine.parallelism_facto: 8\n"),
            "FILE:4: key 'engine.derive.engine.parallelism_facto': 'engine.parallelism_facto' is no key of an engine "
            "(did you mean 'engine.parallelism_factor'?)");
  EXPECT_EQ(message("  derive:\n    accumulators.size: 8 * engine.lanes\n")
                .rfind("FILE:4: key 'engine.derive.accumulators.size': 'engine.lanes' is no key of an engine", 0),
            0u);
  EXPECT_EQ(message("  derive:\n    memory.weight_banks: memory.activation_banks\n"
                    "    memory.activation_banks: memory.weight_banks\n"),
            "FILE:4: key 'engine.derive.memory.weight_banks': formulas go round in a circle: memory.weight_banks, "
            "memory.activation_banks");
  EXPECT_EQ(message("  derive:\n    memory.weight_banks: memory.weight_banks * 2\n"),
            "FILE:4: key 'engine.derive.memory.weight_banks': 'memory.weight_banks * 2' reads the key that it gives");
  EXPECT_EQ(message("  vary:\n    memory.weight_banks: [8]\n  derive:\n    memory.weight_banks: 8\n"),
            "FILE:6: key 'engine.derive.memory.weight_banks': 'memory.weight_banks' is decided twice");
  EXPECT_EQ(message("  vary:\n    memory.weight_banks: {from: 8, to: 4, step: 1}\n"),
            "FILE:4: key 'engine.vary.memory.weight_banks.from': a range from 8 to 4 is empty");
  EXPECT_EQ(message("  vary:\n    memory.weight_banks: {from: 8, to: 1e9, factor: 2}\n")
                .rfind("FILE:4: key 'engine.vary.memory.weight_banks.from': a range must stay within ", 0),
            0u);
  EXPECT_EQ(message("  vary: none\n  together:\n    banks:\n      memory.activation_banks: [8, 32]\n"
                    "      memory.weight_banks: [8]\n"),
            "FILE:7: key 'engine.together.banks.memory.weight_banks': has 1 values, 'memory.activation_banks' has 2: "
            "keys of one gene must have as many");
  EXPECT_NE(message("  vary:\n    engine.parallelism_factor: [32]\n  derive:\n"
                    "    memory.weight_banks: engine.parallelism_factor - 32\n")
                .find("yaml:6: key 'engine.derive.memory.weight_banks': formula 'engine.parallelism_factor - 32' gives "
                      "0, must be 1 to 256"),
            std::string::npos);
}

}  // namespace
}  // namespace lanewise::nas
