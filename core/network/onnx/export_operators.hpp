// SPDX-License-Identifier: Apache-2.0
// How each kind of operator is said in ONNX: one row per kind.
#pragma once

#include "core/network/onnx/export_writer.hpp"

namespace lanewise::network::exporting {

// Writes the nodes that are read back as this operator. Throws Error naming the operator and the rule.
void write_operator(Writer& writer, const Operator& op);

// Functions of single numbers, normalizations and rotary embeddings, in files of their own.
void write_activation(Writer& writer, const Operator& op);
void write_elementwise(Writer& writer, const Operator& op);
void write_batch_normalization(Writer& writer, const Operator& op);
void write_layer_normalization(Writer& writer, const Operator& op);
void write_rotary_embedding(Writer& writer, const Operator& op);

}  // namespace lanewise::network::exporting
