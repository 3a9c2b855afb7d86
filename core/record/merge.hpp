// SPDX-License-Identifier: Apache-2.0
// Joining several stores of one campaign, or of campaigns that belong together, into one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::record {

struct MergeOutcome {
  struct Source {
    std::string path;
    std::int64_t rows = 0;      // in it
    std::int64_t repeated = 0;  // of them, held by a source before it, too
  };
  std::vector<Source> sources;                     // `out` first where it was there before, then as given
  std::int64_t rows = 0, engines = 0, failed = 0;  // of the joined store
  std::string tool_version, family;                // "" when there are no rows
};

// Joins `inputs` into the store `out`; a store that is there already is one of the sources. A row
// then lists the networks of all its sources, and its weight counts all of them. Campaigns of all sources are kept.
// Rows are written in the order of their keys, so that the same rows give the same bytes however they were spread over
// stores. The result is written beside `out` and renamed, so that a failure leaves `out` as it was. Needs disk space
// for twice the rows, besides SQLite's temporary files in TMPDIR. Throws Error naming the store and both values for: a
// file that is no store or has another schema version; rows of two tool versions; engines of two families; rows of two
// sources (Store::source); one row
// measured to different values in two stores; two networks of one name.
MergeOutcome merge_stores(const std::string& out, const std::vector<std::string>& inputs);

}  // namespace lanewise::record
