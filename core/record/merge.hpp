// SPDX-License-Identifier: Apache-2.0
// Several stores of one campaign, or of campaigns that belong together, joined into one.
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

// Joins `inputs` into the store `out`; a store that is there already is one of the sources. Networks that hold a row's
// subgraph are joined, and its weight is of all of them together. Rows are written in the
// order of their keys, so the same rows give the same bytes, whatever stores they came in and in which order. Written
// beside `out` and renamed: until then `out` is as it was, and nothing is left behind but by a kill.
// Needs disk for twice the rows, besides temporary files of SQLite in TMPDIR.
// Throws Error naming the store and both values for: a file that is no store or has another schema version; rows of
// two tool versions; engines of two families; one row measured to different values in two stores; two networks of one
// name.
MergeOutcome merge_stores(const std::string& out, const std::vector<std::string>& inputs);

}  // namespace lanewise::record
