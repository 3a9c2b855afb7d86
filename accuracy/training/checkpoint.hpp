// SPDX-License-Identifier: Apache-2.0
// A training that may go on later, as a file: texts that say whose it is and how far it got, and numbers.
//
// The file is a line that names the format, the texts, the arrays, and a hash of all bytes before it; numbers are
// little-endian. Nothing of libtorch's own formats is read, so that a file from elsewhere cannot run anything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::accuracy {

struct Checkpoint {
  enum class Type : std::uint8_t { kFloat = 0, kDouble = 1, kInteger = 2 };  // fp32, fp64, 64-bit integers
  struct Array {
    std::string name;
    Type type = Type::kFloat;
    std::vector<std::int64_t> shape;
    std::string bytes;  // row-major
  };
  using Texts = std::vector<std::pair<std::string, std::string>>;

  Texts identity;  // which job it belongs to: key, value
  Texts progress;  // how far it got
  std::vector<Array> arrays;

  // nullptr where there is none of that name.
  const Array* find(const std::string& name) const;
};

std::string checkpoint_bytes(const Checkpoint& checkpoint);
// Throws Error naming `path` and what is wrong: no checkpoint, of another format, cut off, damaged.
Checkpoint parse_checkpoint(const std::string& path, const std::string& bytes);

// Whole or not at all. Throws Error naming the path.
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);
Checkpoint read_checkpoint(const std::string& path);

// Throws Error naming `path` and the first key whose value differs, with both values.
void require_same_job(const std::string& path, const Checkpoint& checkpoint, const Checkpoint::Texts& identity);

}  // namespace lanewise::accuracy
