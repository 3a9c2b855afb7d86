// SPDX-License-Identifier: Apache-2.0
// What a codesign left in its folder, read back for those who look at several of them: the front, what was tried, and
// what the job was about.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// Genes of a design that differ from the baseline's, by name.
using ChangedGenes = std::vector<std::pair<std::string, std::string>>;

struct SearchRecord {
  std::string path;             // of the result.json
  std::string network, engine;  // names
  std::vector<engine::Override> overrides;
  std::vector<std::string> objectives, limits;
  std::vector<ChangedGenes> front;  // designs that keep every limit
  // Whether the designs are the finalists alone, because no front.csv lies beside the result.
  bool finalists_only = false;
  // Candidates of the history.csv beside the result, the baseline left out; 0: there is none.
  std::int64_t candidates = 0;
  std::map<std::string, std::map<std::string, std::int64_t>> tried;  // by gene and value, how many of these have it
  std::string settings;  // path of the settings.yaml beside the result; "" where there is none

  // The share of the baseline's that a limit such as "parameters>=0.9*baseline" asks for; 0: none.
  double share_of(const std::string& metric) const;
};

// `path` is a job's folder or its result.json. Throws Error naming file, place and rule where there is none, where it
// is no result of a codesign of one network, and where a table beside it is none of its kind.
SearchRecord read_search(const std::string& path);
// The same of a text alone, without what lies beside it.
SearchRecord parse_search(const std::string& path, const std::string& text);

}  // namespace lanewise::study
