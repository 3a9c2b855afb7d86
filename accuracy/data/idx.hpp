// SPDX-License-Identifier: Apache-2.0
// IDX files, the format of MNIST: a magic number, big-endian sizes, bytes. Plain or compressed by gzip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/units.hpp"

namespace lanewise::accuracy {

struct IdxTensor {
  std::vector<std::int64_t> sizes;  // 1 to 4, the first counts the items
  std::string bytes;                // as many as the product of the sizes
};

// Throws Error naming the file where it is damaged, holds another type than unsigned bytes, is longer or shorter than
// its header says, or has more than `most` bytes.
IdxTensor read_idx(const std::string& path, Bytes most);

}  // namespace lanewise::accuracy
