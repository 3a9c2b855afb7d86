// SPDX-License-Identifier: Apache-2.0
// The file of --custom: how operators are timed that are not known. docs/operators.md explains every key.
#pragma once

#include <string>
#include <vector>

#include "core/network/custom_operator.hpp"

namespace lanewise::cli {

// In the order of the file. Throws Error naming file, line, key, value and rule.
std::vector<network::CustomOperator> read_custom_operators(const std::string& path);

}  // namespace lanewise::cli
