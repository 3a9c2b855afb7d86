// SPDX-License-Identifier: Apache-2.0
// Which engine a result is of, beyond the name that its file gives it: what was changed from the file, and the hash of
// all that can change a measurement. Every report shows it, so that no number of a changed engine passes for one of the
// engine as it is shipped.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::engine {

struct EngineIdentity {
  std::vector<Override> overrides;  // EngineConfig::overrides
  std::string hash;                 // engine_hash
  // `name`, or "ne-256 with dram.bandwidth=0.8 GB/s, mapping.effort=2".
  std::string title(const std::string& name) const;
  // "dram.bandwidth=0.8 GB/s; mapping.effort=2"; "" where nothing was changed.
  std::string overrides_text() const;
};
EngineIdentity identity_of(const EngineConfig& config);
// The title of an engine by its own name.
std::string engine_title(const EngineConfig& config);

}  // namespace lanewise::engine
