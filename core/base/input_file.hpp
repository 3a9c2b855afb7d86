// SPDX-License-Identifier: Apache-2.0
// Files that a person names, read with a limit that is checked before any memory is spent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/units.hpp"

namespace lanewise {

// The limits of what is read (docs/limits.md). Each is far above what its kind of file needs.
inline constexpr Bytes kLargestConfiguration{std::int64_t{1} << 20};  // YAML, lists of precisions
inline constexpr Bytes kLargestTable{std::int64_t{1} << 24};          // CSV, whose cells take many times their bytes
inline constexpr Bytes kLargestModel{std::int64_t{1} << 28};          // estimators
inline constexpr Bytes kLargestNetwork{(std::int64_t{1} << 31) - 1};  // what protobuf reads

// Throws Error "PATH: …" where there is no file of that name, where it is a folder, a pipe or a device, which might
// give bytes without end or none ever, or where it has more than `most` bytes. `kind` names what is read: "a
// configuration".
void require_input(const std::string& path, Bytes most, const std::string& kind);

// The whole text of the file, under the same conditions. Throws Error as well where it cannot be read.
std::string read_input(const std::string& path, Bytes most, const std::string& kind);

// Up to `count` first bytes of a file of any size; "" where there is no regular file of that name that can be read.
std::string first_bytes(const std::string& path, std::size_t count);

}  // namespace lanewise
