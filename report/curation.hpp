// SPDX-License-Identifier: Apache-2.0
// What a curation keeps of a space and why, as people and programs read it.
#pragma once

#include <string>

#include "core/engine/engine_identity.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::report {

struct CurationView {
  std::string space, network, engine, source;  // names; `network` "" where the space has its own; "simulated"
  engine::EngineIdentity identity;
  study::CurationOptions options;
  const study::Curation* curation = nullptr;
  std::string note;  // "", or what capacity does not stand for
  std::string made;  // the file that holds the curated space, "" where there is none
};

// {"space", "network", "engine", "engine_hash", "source", "price", "regret", "start", "contexts", "seed", "designs",
// "designs_kept", "counts", "points", "raw_start", "best_start", "note", "genes": [{"gene", "default", "raw_start",
// "best_start", "left_as_it_is", "choices": [{"value", "kept", "reason", …}]}]}. Cycles, MACs and parameters of a
// choice are those of the subgraphs that differ between the values of its gene.
std::string to_json(const CurationView& view);
// One row per value.
std::string to_csv(const CurationView& view);
std::string to_text(const CurationView& view);

}  // namespace lanewise::report
