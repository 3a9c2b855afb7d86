// SPDX-License-Identifier: Apache-2.0
// Which rows of a dataset are for training, validation and test, kept in the store as a separate table.
#pragma once

#include <string>
#include <vector>

namespace lanewise::record {

// One row's sides: "train", "validation", "test", "outside" (of the ranges: in no part of the split), or "" where
// nothing was measured.
struct RowSplits {
  std::string engine_hash, subgraph_key, tool_version;
  std::string row, engine, shape;
};

// Makes the table `splits` (engine_hash, subgraph_key, tool_version, split_row, split_engine, split_shape) in the store
// at `path`, which nothing else has open. Throws Error naming the file.
void write_splits(const std::string& path, const std::vector<RowSplits>& rows);

}  // namespace lanewise::record
