// SPDX-License-Identifier: Apache-2.0
// The file of --compression: which layers' weights are pruned, clustered or of another precision. docs/sparse.md
// explains every key.
#pragma once

#include <string>
#include <vector>

#include "core/network/compression.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::network {

struct CompressionFile {
  std::vector<LayerForm> forms;            // in the order of the file
  std::vector<LayerPrecision> precisions;  // in the order of the file
};

// Each line holds a layer and KEY=VALUE with commas between; the rest of a line after '#' is a comment. Throws Error
// naming file, line, value and rule.
CompressionFile read_compression(const std::string& path);

// The name of a layer as a line of such a file can hold it: white space and '#' become '*'. Throws Error naming `path`
// where it would stand for another layer with a form as well.
std::string name_in_line(const Graph& graph, const Operator& op, const std::string& path);

// The forms of all layers as such a file, which reads back as the same forms. White space and '#' of a name become '*'.
// Throws Error naming `path` where the network has no layer with a form, or one whose name a line cannot give alone.
std::string compression_text(const Graph& graph, const std::string& path);

}  // namespace lanewise::network
