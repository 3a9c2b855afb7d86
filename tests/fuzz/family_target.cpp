// SPDX-License-Identifier: Apache-2.0
// Families: ranges, keys that follow, the check against RTL. The file stands beside an engine of its family.
#include <filesystem>

#include "core/engine/followers.hpp"
#include "core/engine/rtl_check.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_family(const std::string& path, const std::string& folder) {
  namespace fs = std::filesystem;
  const std::string engines = folder + "/engines";
  fs::create_directories(engines + "/families");
  const std::string hwconfig = engines + "/ne-256.yaml";
  fs::copy_file(source_folder() + "/hwconfigs/ne-256.yaml", hwconfig, fs::copy_options::overwrite_existing);
  fs::copy_file(path, engines + "/families/ne.yaml", fs::copy_options::overwrite_existing);
  const engine::EngineConfig base = engine::load_engine(hwconfig).config;
  const std::vector<engine::FollowRule> rules = engine::load_follow_rules(hwconfig, base.family);
  engine::followers_of(base, {{"engine.parallelism_factor", "64"}}, {rules, {}});
  if (const auto check = engine::load_rtl_check(hwconfig, base.family)) {
    require_sane("rows", static_cast<double>(check->rows));
    require_sane("mape", check->mape_percent);
    require_sane("worst", check->worst_percent);
  }
  engine::load_family(hwconfig);
}

}  // namespace lanewise::fuzz
