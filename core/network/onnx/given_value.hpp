// SPDX-License-Identifier: Apache-2.0
// Values that a person gives to graph inputs.
#pragma once

#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

// A dimension of the input: kAnySize where neither the file nor a person fixes it.
inline constexpr std::int64_t kAnySize = -1;

// The text as numbers of ONNX's element type: one number, `true`, `false`, or a list with commas between. One number
// fills every element of a larger tensor; a list gives all of them row by row, and the size of a single dimension that
// is not fixed. Throws Error saying what is wrong with the text.
Constant parse_given_value(const std::string& text, int element_type, const Shape& shape);

}  // namespace lanewise::network::importing
