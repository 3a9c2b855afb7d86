// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: patterns in words.
#pragma once

#include <string>

#include "nas/moves/moves_file.hpp"

namespace lanewise::study {

// "fuse inverted bottlenecks at strides 4 to 16 that read at most 80 channels, on engines of the family ne".
std::string pattern_text(const nas::MoveEntry& entry, const std::string& way);

}  // namespace lanewise::study
