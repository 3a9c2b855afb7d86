// SPDX-License-Identifier: Apache-2.0
// Engines: what the reader takes must be able to say what it is and to run, or to refuse, a small network.
#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/engine/scaling_rules.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_hwconfig(const std::string& path, const std::string&) {
  const engine::LoadedEngine loaded = engine::load_engine(path);
  require_sane("area", loaded.config.total_area().count());
  require_sane("static power", loaded.config.static_power().count());
  for (const engine::ScalingWarning& warning : engine::scaling_warnings(loaded.config)) {
    require_sane(warning.message, warning.ratio);
  }
  engine::engine_title(loaded.config);
  // What is read back is the same engine.
  std::vector<engine::Override> all;
  for (const engine::Leaf& leaf : loaded.leaves) all.push_back({leaf.key, leaf.value});
  if (engine::engine_hash(engine::with_overrides(loaded.config, all)) != engine::engine_hash(loaded.config)) {
    throw Nonsense("the effective values give another engine");
  }
  simulate_within_bounds(small_network(), loaded.config);
}

}  // namespace lanewise::fuzz
