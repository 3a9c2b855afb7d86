// SPDX-License-Identifier: Apache-2.0
// What a person is told whose command line is wrong: what was meant, where that can be told.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace lanewise::cli {

// The line for `error`, which parsing `words`, the command line without the program, ended with.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error, const std::vector<std::string>& words);

}  // namespace lanewise::cli
