// SPDX-License-Identifier: Apache-2.0
// Space files written back: the same file with fewer values of its genes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nas/space/space_description.hpp"

namespace lanewise::nas {

// What is left of a gene, by its texts.
struct KeptValues {
  std::vector<std::string> values;  // in the order of the file, at least one
  std::string default_value;        // one of them
};

struct SpaceEdit {
  std::string name;                         // of the new space; "": as it was
  std::map<std::string, KeptValues> genes;  // by the gene's name; the others stay as they are
  // Least capacity in whole numbers, in place of the shares.
  std::optional<std::int64_t> least_parameters, least_macs;
  std::string head;                             // comment lines at the top, without "# ", with newlines between
  std::map<std::string, std::string> comments;  // by gene: comment lines that stand before it
  std::string folder;                           // of the new file: paths of the old one are kept right; "": the same
};

// The text of a space file that describes `space` with the edit. Every encoding of a network of the new space names the
// same network in the old one: genes whose old default goes say so by `written: always`. Throws Error where the space
// was not read from a text, or where values that an edit takes away are needed.
std::string space_text(const SpaceDescription& space, const std::string& path, const SpaceEdit& edit);

}  // namespace lanewise::nas
