// SPDX-License-Identifier: Apache-2.0
// The one exception family. `main` catches it once and prints `lanewise: error: <what>` on one line.
#pragma once

#include <stdexcept>
#include <string>

namespace lanewise {

// Something a person can mend: the message names file, place, value and rule, on one line, without a trailing period.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

// A broken invariant of our own: never the user's fault.
class InternalError : public std::logic_error {
 public:
  explicit InternalError(const std::string& message) : std::logic_error(message) {}
};

}  // namespace lanewise
