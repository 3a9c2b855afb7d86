// SPDX-License-Identifier: Apache-2.0
// Sizes as sums and products of named ones: "past_sequence_length + 1", "in0.1 * 2".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace lanewise::network::importing {

// The value of a name; nothing where it has none.
using SizeLookup = std::function<std::optional<std::int64_t>(const std::string& name)>;

// Whole numbers, names of letters, digits, `_` and `.`, + - * / (rounded down) and brackets, with the usual precedence.
// Nothing where the text is no such expression, a name has no value, or the result does not fit 64 bits.
std::optional<std::int64_t> evaluate_size(const std::string& text, const SizeLookup& lookup);

}  // namespace lanewise::network::importing
