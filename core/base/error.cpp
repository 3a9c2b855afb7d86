// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

#include <cstddef>

namespace lanewise {
namespace {

// Whether a UTF-8 character begins at `at`.
bool begins(const std::string& text, std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U; }

std::string shortened(const std::string& message) {
  // A message begins with file and place and ends with the rule: what is too long lies between, text of a file or of
  // an option that is quoted.
  constexpr std::size_t kLongest = 2000, kHead = 1200, kTail = 600;
  if (message.size() <= kLongest) return message;
  std::size_t head = kHead, tail = message.size() - kTail;
  while (head > 0 && !begins(message, head)) --head;
  while (tail < message.size() && !begins(message, tail)) ++tail;
  return message.substr(0, head) + " ... [" + std::to_string(tail - head) + " bytes left out] ... " +
         message.substr(tail);
}

}  // namespace

Error::Error(const std::string& message) : std::runtime_error(shortened(message)) {}

}  // namespace lanewise
