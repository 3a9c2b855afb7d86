// SPDX-License-Identifier: Apache-2.0
// Entries of a configuration as the text of a YAML file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"

namespace lanewise::nas {

// A file whose entries are those of `entries`, in their order as far as sections allow. `head` stands at the top and
// `comments` before their keys, as comments line by line. Short maps are written on one line.
std::string yaml_text(const std::vector<engine::RawEntry>& entries, const std::string& head,
                      const std::map<std::string, std::string>& comments);

}  // namespace lanewise::nas
