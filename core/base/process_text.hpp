// SPDX-License-Identifier: Apache-2.0
// What programs of others said and how they ended, for people.
#pragma once

#include <string>
#include <vector>

#include "core/base/process.hpp"

namespace lanewise {

// At most 200 bytes, on one line, cut between characters.
std::string shortened_line(const std::string& text);
// The last line with any text; "" where there is none.
std::string last_text_line(const std::string& text);

// Why a program that has ended gave no answer, on one line that begins with who it was: "the training exited with
// status 1: …". "" where it exited with status 0.
std::string failure_of(const std::string& who, const ProcessOutcome& outcome, const ProcessRequest& request);

// The program and its arguments for people: "python3 score.py 'two words'".
std::string command_text(const std::vector<std::string>& words);

}  // namespace lanewise
