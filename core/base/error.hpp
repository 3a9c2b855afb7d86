// SPDX-License-Identifier: Apache-2.0
// The two kinds of exception. `main` catches it once and prints `lanewise: error: <what>` on one line.
#pragma once

#include <stdexcept>
#include <string>

namespace lanewise {

// An error that the user can correct. The message names file, place, value and rule, on one line, without a trailing
// period. The middle of one of more than 2000 bytes is left out, which says how many bytes it had: what one quotes
// may be as long as a file.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
};

// A broken invariant of the program: a bug, whatever the user did.
class InternalError : public std::logic_error {
 public:
  explicit InternalError(const std::string& message) : std::logic_error(message) {}
};

}  // namespace lanewise
