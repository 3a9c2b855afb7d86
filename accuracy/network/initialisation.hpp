// SPDX-License-Identifier: Apache-2.0
// First values of weights, by name and seed.
#pragma once

#include <cstdint>
#include <string>

#include "accuracy/network/graph_module.hpp"

namespace lanewise::accuracy {

// Normalizations begin with scale 1 and shift 0, biases with 0, slopes with .25, running statistics with 0 and 1, under
// every name. `fan_in` is the number of inputs of one output: height x width x inputs per group.
enum class Initialisation {
  kFm28,            // "fm28": convolutions normal with variance 2 / fan_in, linear layers with 1 / fan_in
  kKaiming,         // "kaiming": both normal with variance 2 / fan_in (He and others, 2015)
  kStandardNormal,  // "standard_normal": both normal with variance 1, as Zen-NAS scores networks
  kXavier,          // "xavier": both normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio, 2010)
  kOrthogonal,      // "orthogonal": rows (or columns) of [outputs, fan_in] orthonormal (Saxe and others, 2014)
};
const char* to_string(Initialisation kind);
// Throws Error that lists the names.
Initialisation initialisation_from(const std::string& name);

// Overwrites every weight of the module. The same bytes for the same graph, kind and seed, whatever ran before and
// whatever the number of threads; each weight has numbers of its own, which do not depend on the other weights but for
// its place among them.
void initialise(GraphModule& module, Initialisation kind, std::uint64_t seed);
// Of one weight; `place` tells the weights of a network apart.
void initialise(const GraphModule::Weight& weight, Initialisation kind, std::uint64_t seed, std::size_t place);

}  // namespace lanewise::accuracy
