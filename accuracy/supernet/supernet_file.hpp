// SPDX-License-Identifier: Apache-2.0
// A trained supernet as a file: the space, the recipe, what it was trained on, and the shared weights. A checkpoint
// (accuracy/training/checkpoint.hpp) with texts of its own. No type of libtorch is seen here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/supernet/supernet_recipe.hpp"
#include "accuracy/training/checkpoint.hpp"

namespace lanewise::accuracy {

struct SupernetFile {
  std::string space;  // the text of the space file
  SupernetRecipe recipe;
  std::string data, images;  // the data set as it was named, and data_identity of what was read
  std::uint64_t seed = 0;
  Checkpoint::Texts architecture;          // of a training that converges: what else says whose it is
  std::int64_t steps = 0;                  // that were made
  std::string curve;                       // CSV
  std::vector<Checkpoint::Array> weights;  // named by their places
};

// The texts that say whose a file is: equal for equal jobs.
Checkpoint::Texts supernet_identity(const SupernetFile& file);
// Of a training that is under way as well; `more` stands behind the weights.
std::string supernet_bytes(const SupernetFile& file, const Checkpoint::Texts& more_texts = {},
                           const std::vector<Checkpoint::Array>& more = {});
// Throws Error naming `path` and what is wrong: no supernet, of another format, damaged, a key of its recipe or its
// space that this version does not take.
SupernetFile parse_supernet(const std::string& path, const std::string& bytes);
SupernetFile read_supernet(const std::string& path);

}  // namespace lanewise::accuracy
