// SPDX-License-Identifier: Apache-2.0
// Files of records: output that is either there complete or not there (core/base/output_file.hpp), and its reading
// back.
#pragma once

#include <string>

#include "core/base/output_file.hpp"

namespace lanewise::record {

using lanewise::FileWriter;
using lanewise::Unfinished;
using lanewise::without_links;
using lanewise::write_file;

// The same as read_input (core/base/input_file.hpp), for any file of at most 1 GiB.
std::string read_file(const std::string& path);

}  // namespace lanewise::record
