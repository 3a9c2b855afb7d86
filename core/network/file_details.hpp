// SPDX-License-Identifier: Apache-2.0
// What the file of a network says that its Graph does not keep, since no cost depends on it: the numbers of weights,
// and attributes of operators.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"

namespace lanewise::network {

// The attributes of one operator, by the names that ONNX gives them.
struct OperatorDetails {
  std::string type;                                  // of the file's node: "Clip"
  std::map<std::string, double> numbers;             // "alpha", "epsilon"; also constant inputs: "min", "max"
  std::map<std::string, std::string> texts;          // "mode"
  std::map<std::string, std::vector<double>> lists;  // "indices" of a gather, "pads", "scales", "perm"
  // For each operand in the file's order whether it is a weight of the graph (true) or an activation. Empty: not known.
  std::vector<bool> operands;
};

struct FileDetails {
  std::map<std::string, OperatorDetails> operators;  // by the operator's name in the graph
  // By the weight's name in the graph: its elements in row-major order of the graph's shape.
  std::map<std::string, std::vector<float>> numbers;
  // Names of trained weights that the file has numbers for which were not understood: what makes them computes, or they
  // changed since. Numbers of a file that says of itself that they were stripped (metadata weights = stripped:inputs)
  // were made up; there those that nobody trained are read alone, and nothing is listed here.
  std::vector<std::string> not_read;
  // Of weights that are larger or smaller than what was trained: for each element in row-major order which trained
  // number stands there.
  std::map<std::string, std::vector<std::int64_t>> sources;
};

// What `path`, from which `graph` came (perhaps before moves), says of its operators and weights. `read_as` is how the
// file was read. Throws Error as importing the file does.
FileDetails read_file_details(const Graph& graph, const std::string& path, const ImportOptions& read_as = {});

}  // namespace lanewise::network
