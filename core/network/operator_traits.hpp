// SPDX-License-Identifier: Apache-2.0
// What is known of each operator kind and of each activation function: one table of each, one row per enumerator.
#pragma once

#include <cstdint>

#include "core/network/graph.hpp"
#include "core/network/operator.hpp"

namespace lanewise::network {

// How the channels that an operator writes (axis 1) follow from those that it reads, for moves that scale channels.
enum class ChannelRule {
  kConvolution,     // new channels; those of a depthwise convolution are tied to its input
  kFullyConnected,  // new channels
  kSame,            // the channels of the input, as long as the shapes agree
  kReduce,
  kElementwise,  // all operands have the same channels
  kConcat,
  kSplit,
  kGather,
  kTranspose,
  kReshape,
  kFrozen,  // whatever it reads or writes keeps its channels
};

struct OperatorTraits {
  OperatorKind kind;
  const char* name;  // as to_string gives it
  // Multiply-accumulates of an operator of this kind; null where it has none.
  std::int64_t (*macs)(const Graph& graph, const Operator& op);
  ChannelRule channels;
  // For kFrozen: the reason, as in "NAME: is read or written by the host in OPERATOR".
  const char* frozen_because = nullptr;
};

struct ActivationTraits {
  ActivationFunction function;
  const char* name;       // as to_string gives it
  bool piecewise_linear;  // a piecewise-linear unit applies it at full rate; others take the special-function unit
};

// Throw InternalError for a value that is no enumerator.
const OperatorTraits& traits_of(OperatorKind kind);
const ActivationTraits& traits_of(ActivationFunction function);

}  // namespace lanewise::network
