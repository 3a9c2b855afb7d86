// SPDX-License-Identifier: Apache-2.0
// The families of patterns, one file each in this folder. Each runs over the whole network and finds it refreshed.
#pragma once

#include "core/network/onnx/patterns/algebra.hpp"

namespace lanewise::network::importing {

// Functions of one tensor that others are made of: clips by Min and Max, sigmoid and softplus by exponentials.
void fold_simple_functions(Algebra& algebra);
// Activations that multiply their input by a gate: SiLU, hard swish, GELU, Mish, softsign; hard sigmoid.
void fold_gates(Algebra& algebra);
// Leaky and parametric ReLU.
void fold_rectifiers(Algebra& algebra);
void fold_softmax(Algebra& algebra);
// Layer, root-mean-square and instance normalization.
void fold_normalizations(Algebra& algebra);
// Normalization of channels in groups, which networks reach by reshapes. After fold_normalizations.
void fold_group_normalizations(Algebra& algebra);
// Rotary position embeddings.
void fold_rotary_embeddings(Algebra& algebra);
// Padding and biases into the layers that they belong to. Last.
void merge_into_layers(PatternGraph& graph);

}  // namespace lanewise::network::importing
