// SPDX-License-Identifier: Apache-2.0
// Trained networks as ONNX files with their weights, and back.
#pragma once

#include <memory>
#include <string>

#include "accuracy/network/graph_module.hpp"
#include "core/network/import.hpp"
#include "core/network/onnx_export.hpp"

namespace lanewise::accuracy {

// Writes the network with its weights and running statistics, in one step. Other tools run the file; it reads back as a
// graph of equal operators, MACs and parameters, and as a module of equal weights. `from` is the file that the graph
// came from, if any ("": none), and `read_as` how it was read: what the graph does not keep comes from there. Throws
// Error as network::export_onnx.
void write_onnx(const GraphModule& module, const std::string& path, const std::string& from = "",
                const network::ImportOptions& read_as = {});

// A network of a file with the weights that it has, those that were stripped initialised (kFm28, seed 0).
// `channels_last` as in GraphModuleOptions. Throws Error as importing the file and making a GraphModule do.
std::shared_ptr<GraphModule> read_onnx(const std::string& path, const network::ImportOptions& read_as = {},
                                       bool channels_last = true);

}  // namespace lanewise::accuracy
