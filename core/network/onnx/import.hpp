// SPDX-License-Identifier: Apache-2.0
// The ONNX importer as the table of formats sees it.
#pragma once

#include <string>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"

namespace lanewise::network::importing {

// Whether the bytes start as those of an ONNX file: with the field `ir_version`, which serialisers write first.
bool is_onnx(const std::string& first_bytes);

// Reads an ONNX file (operator sets 1 to 23); import_network says how.
Graph import_onnx(const std::string& path, const ImportOptions& options);

}  // namespace lanewise::network::importing
