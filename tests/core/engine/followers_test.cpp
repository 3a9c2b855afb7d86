// SPDX-License-Identifier: Apache-2.0
#include "core/engine/followers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/core/engine/scratch_folder.hpp"

namespace lanewise::engine {
namespace {

const char* const kRules =
    "name: ne\n"
    "ranges:\n"
    "  engine.clock:\n"
    "    values: [1 GHz]\n"
    "follow:\n"
    "  engine.parallelism_factor:\n"
    "    accumulators.size: 1\n"
    "    memory.weight_banks: 0.5\n"
    "  engine.dot_product_lanes:\n"
    "    memory.weight_banks: 0.5\n"
    "    dram.latency: -1\n";

class Followers : public ::testing::Test {
 protected:
  Followers() { scratch_.write("b.yaml", text_of_file("hwconfigs/ne-256.yaml")); }
  std::vector<FollowRule> rules(const std::string& text = kRules) {
    scratch_.write("families/ne.yaml", text);
    return load_follow_rules(scratch_.path("b.yaml"), "ne");
  }
  std::string message(const std::string& text) {
    std::string what = error_of([&] { rules(text); });
    const std::string family = scratch_.path("families/ne.yaml");
    const std::size_t at = what.find(family);
    return at == std::string::npos ? what : what.replace(at, family.size(), "ne.yaml");
  }
  static std::map<std::string, std::string> values(const std::vector<Override>& overrides) {
    std::map<std::string, std::string> out;
    for (const Override& change : overrides) {
      EXPECT_TRUE(out.emplace(change.key, change.value).second) << change.key;
      EXPECT_EQ(change.origin, "--scale-with");
    }
    return out;
  }
  const EngineConfig base_ = load_engine("hwconfigs/ne-256.yaml").config;
  ScratchFolder scratch_;
};

using Values = std::map<std::string, std::string>;

TEST_F(Followers, scale_by_the_power_of_their_leaders_ratio) {
  const Scaling scaling{rules(), {}};
  EXPECT_EQ(values(followers_of(base_, {{"engine.parallelism_factor", "64"}}, scaling)),
            (Values{{"accumulators.size", "64 KiB"}, {"memory.weight_banks", "32"}}));
  EXPECT_EQ(values(followers_of(base_, {{"engine.parallelism_factor", "4"}}, scaling)),
            (Values{{"accumulators.size", "4 KiB"}, {"memory.weight_banks", "8"}}));
  EXPECT_EQ(values(followers_of(base_, {{"engine.dot_product_lanes", "32"}}, scaling)),
            (Values{{"memory.weight_banks", "23"}, {"dram.latency", "50 ns"}}));
}

TEST_F(Followers, two_leaders_multiply_and_an_equal_value_leads_nothing) {
  const Scaling scaling{rules(), {}};
  EXPECT_EQ(
      values(followers_of(base_, {{"engine.parallelism_factor", "32"}, {"engine.dot_product_lanes", "32"}}, scaling)),
      (Values{{"accumulators.size", "32 KiB"}, {"memory.weight_banks", "32"}, {"dram.latency", "50 ns"}}));
  EXPECT_TRUE(followers_of(base_, {{"engine.parallelism_factor", "16"}}, scaling).empty());
}

TEST_F(Followers, a_key_that_is_given_does_not_follow_and_the_last_value_counts) {
  const Scaling scaling{rules(), {}};
  EXPECT_EQ(
      values(followers_of(
          base_,
          {{"engine.parallelism_factor", "128"}, {"accumulators.size", "20 KiB"}, {"engine.parallelism_factor", "64"}},
          scaling)),
      (Values{{"memory.weight_banks", "32"}}));
}

TEST_F(Followers, stay_within_the_range_of_their_key) {
  const Scaling scaling{rules(), {}};
  EXPECT_EQ(values(followers_of(base_, {{"engine.parallelism_factor", "1"}}, scaling)).at("accumulators.size"),
            "1 KiB");
  const EngineConfig wide = with_overrides(base_, {{"memory.weight_banks", "200"}});
  EXPECT_EQ(values(followers_of(wide, {{"engine.parallelism_factor", "64"}}, scaling)).at("memory.weight_banks"),
            "256");
}

TEST_F(Followers, named_ones_alone_follow_by_the_familys_exponent_or_their_own) {
  Scaling scaling{rules(), {parse_follower("memory.weight_banks"), parse_follower("post_processing.width")}};
  const std::vector<Override> change{{"engine.parallelism_factor", "64"}};
  EXPECT_EQ(values(followers_of(base_, change, scaling)),
            (Values{{"memory.weight_banks", "32"}, {"post_processing.width", "32"}}));
  scaling.named = {parse_follower("memory.weight_banks^2")};
  EXPECT_EQ(values(followers_of(base_, {{"engine.parallelism_factor", "32"}}, scaling)),
            (Values{{"memory.weight_banks", "64"}}));
  scaling.named = {parse_follower("post_processing.width")};
  EXPECT_EQ(error_of([&] {
              followers_of(base_, {{"engine.parallelism_factor", "64"}, {"dram.bandwidth", "6.4 GB/s"}}, scaling);
            }),
            "--scale-with post_processing.width: several keys change, and the family's file does not say which of them "
            "it follows: change one key at a time");
}

TEST_F(Followers, nobody_follows_is_an_error_that_says_what_to_write) {
  EXPECT_EQ(error_of([&] {
              followers_of(base_, {{"engine.clock", "1 GHz"}}, {rules(), {}});
            }),
            "--scale-with: the family's file names no key that follows engine.clock; name them: --scale-with KEY,KEY");
  EXPECT_EQ(error_of([&] { parse_follower("accumulators.siz"); }),
            "--scale-with accumulators.siz: key 'accumulators.siz': unknown key (did you mean 'accumulators.size'?)");
  EXPECT_EQ(error_of([&] { parse_follower("accumulators.size^0"); }),
            "--scale-with accumulators.size^0: '0' is out of range: an exponent must be -4 to 4 and not 0");
  EXPECT_NE(error_of([&] { parse_follower("engine.depthwise"); }).find("is no number"), std::string::npos);
  EXPECT_NE(error_of([&] { parse_follower("name"); }).find("is a text"), std::string::npos);
}

TEST_F(Followers, mistakes_in_the_file_name_line_and_key) {
  const std::string good = kRules;
  EXPECT_EQ(message(good), "no error");
  EXPECT_EQ(
      message(replaced(good, "engine.parallelism_factor:", "engine.paralelism_factor:")),
      "ne.yaml:7: key 'follow.engine.paralelism_factor.accumulators.size': 'engine.paralelism_factor' is no key of "
      "an hwconfig (did you mean 'engine.parallelism_factor'?)");
  EXPECT_EQ(message(replaced(good, "accumulators.size:", "accumulators.siz:")),
            "ne.yaml:7: key 'follow.engine.parallelism_factor.accumulators.siz': 'accumulators.siz' is no key of an "
            "hwconfig (did you mean 'accumulators.size'?)");
  EXPECT_EQ(
      message(replaced(good, "accumulators.size: 1", "accumulators.size: 5")),
      "ne.yaml:7: key 'follow.engine.parallelism_factor.accumulators.size': '5' is out of range: an exponent must "
      "be -4 to 4 and not 0");
  EXPECT_NE(message(replaced(good, "accumulators.size: 1", "accumulators.size: [1]")).find("ne.yaml:7: "),
            std::string::npos);
  EXPECT_NE(message(replaced(good, "accumulators.size: 1", "accumulators.size: fast")).find("ne.yaml:7: "),
            std::string::npos);
  EXPECT_EQ(message(replaced(good, "accumulators.size:", "engine.parallelism_factor:")),
            "ne.yaml:7: key 'follow.engine.parallelism_factor.engine.parallelism_factor': a key cannot follow itself");
  EXPECT_NE(message(replaced(good, "accumulators.size:", "engine.depthwise:")).find("is no number"), std::string::npos);
  EXPECT_NE(message(replaced(good, "accumulators.size:", "name:")).find("is a text"), std::string::npos);
}

TEST_F(Followers, load_family_judges_the_section_too) {
  scratch_.write("families/ne.yaml", replaced(kRules, "accumulators.size: 1", "accumulators.size: 0"));
  EXPECT_NE(error_of([&] { load_family(scratch_.path("b.yaml")); }).find("is out of range"), std::string::npos);
}

TEST_F(Followers, every_shipped_family_scales_to_a_valid_engine) {
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string path = entry.path().string();
    const EngineConfig engine = load_engine(path).config;
    const std::vector<FollowRule> rules = load_follow_rules(path, engine.family);
    EXPECT_FALSE(rules.empty()) << path;
    for (const FollowRule& rule : rules) {
      if (rule.leader == "dram.bandwidth") continue;  // the banks have to take it
      std::vector<Override> changes{{rule.leader, value_text(engine, rule.leader)}};
      const double twice = 2 * numeric_value(engine, rule.leader);
      if (twice == 0) continue;
      if (rule.leader.rfind("dram.", 0) == 0) continue;  // quantities with a unit: their followers are counts
      changes[0].value = std::to_string(static_cast<int>(twice));
      const std::vector<Override> followers = followers_of(engine, changes, {rules, {}});
      EXPECT_FALSE(followers.empty()) << path << ": " << rule.leader;
      changes.insert(changes.end(), followers.begin(), followers.end());
      EXPECT_NO_THROW(with_overrides(engine, changes)) << path << ": " << rule.leader;
    }
  }
}

}  // namespace
}  // namespace lanewise::engine
