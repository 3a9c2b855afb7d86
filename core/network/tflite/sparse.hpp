// SPDX-License-Identifier: Apache-2.0
// Constants of which only the blocks that hold something are stored.
#pragma once

#include "core/network/tflite/file.hpp"

namespace lanewise::network::tflite {

// Writes every number of a sparse tensor, row-major, into `dense`; zeros where none is stored. False where the way in
// which they are stored is not understood.
bool spread_sparse(const schema::Tensor& tensor, const Shape& shape, const ByteRange& stored,
                   std::vector<std::uint8_t>& dense);

}  // namespace lanewise::network::tflite
