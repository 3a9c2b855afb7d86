// SPDX-License-Identifier: Apache-2.0
// Text as roff reads it.
#pragma once

#include <string>

namespace lanewise::cli {

// With everything escaped that roff would take for a command, and what is no ASCII as its code.
std::string roff(const std::string& text);
// A paragraph of escaped text, cut into lines that every formatter takes, with a line end behind each.
std::string roff_lines(const std::string& escaped);
// A command line as it is typed, escaped, over several lines where it is long: cut between words and never in quotes.
std::string roff_command(const std::string& command);

}  // namespace lanewise::cli
