// SPDX-License-Identifier: Apache-2.0
// Which constants of a network were trained, and which are only numbers that its arithmetic needs.
#pragma once

#include <vector>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// By value: whether a constant holds no trained numbers, though the file stores it. What a convolution, a product, a
// normalization or a table look-up reads as its weight is trained whatever it holds. What is read by arithmetic alone
// (Add, Mul, Concat …) or only says how an operator works (bounds, exponents, conditions, sizes) is not where it is
// - a condition or another argument of its readers,
// - a single number, or whole numbers that no quantisation explains,
// - a table over several axes of which all entries are equal or no more than half differ from each other: masks, grids
//   of positions, anchors; known only where the file holds the values of at most 65,536 entries,
// - a table over several axes behind the last operator with weights: anchors and strides of a detector's boxes,
// - up to four numbers ahead of the first: mean and deviation of the pixels.
std::vector<bool> find_untrained(const Network& network);

// Whether a constant is one number, however often it stands there.
bool is_one_number(const Network& network, ValueId id);

}  // namespace lanewise::network::importing
