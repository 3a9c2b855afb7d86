// SPDX-License-Identifier: Apache-2.0
// How an operator that the importer does not know is timed, as a person says it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lanewise::network {

enum class CustomTiming {
  kElementwise,  // one pass over its operands, which broadcast to its output
  kMatmul,       // a matrix product of two of its inputs
  kMove,         // its bytes are read once and written once, and nothing is computed
  kFree,         // nothing: the numbers stay where they are
  kHost,         // run by the host, as operators that no engine runs are
};

// The shape of an output.
struct CustomShape {
  enum class From { kDeclared, kInput, kSizes };
  From from = From::kDeclared;     // kDeclared: as the network's file declares it
  std::size_t input = 0;           // kInput: whose shape it has
  std::vector<std::string> sizes;  // kSizes: an expression a dimension; `in0.1` is dimension 1 of input 0
};

struct CustomOperator {
  std::string domain, type;  // a domain of "*" stands for every one
  CustomTiming timing = CustomTiming::kHost;
  std::size_t left = 0, right = 1;            // kMatmul: its operands
  bool transpose_right = false;               // kMatmul: the right one is stored [columns, depth]
  std::map<std::size_t, CustomShape> shapes;  // by output
  std::string origin;                         // "FILE:LINE", for messages
};

}  // namespace lanewise::network
