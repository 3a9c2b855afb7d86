// SPDX-License-Identifier: Apache-2.0
// Makes an input with a fault smaller.
#pragma once

#include <string>

#include "tests/fuzz/sandbox.hpp"

namespace lanewise::fuzz {

// A smaller input with a fault of the same kind, or the input itself. Takes whole lines or operators out first, then
// ever shorter blocks of bytes; tries at most a few hundred inputs.
std::string minimise(const Sandbox& sandbox, const Target& target, const std::string& input);

}  // namespace lanewise::fuzz
