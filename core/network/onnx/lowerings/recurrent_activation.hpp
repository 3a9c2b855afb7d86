// SPDX-License-Identifier: Apache-2.0
// The activation functions that a recurrent operator names.
#pragma once

#include <string>

#include "core/network/onnx/lowering.hpp"

namespace lanewise::network::importing {

// Emits the `which`-th function of a direction: f, g and h of an LSTM, f and g of a GRU, f of an RNN, as the operator's
// attributes `activations`, `activation_alpha` and `activation_beta` say, or its defaults. Fails for a name that ONNX
// does not know.
std::string emit_recurrent_activation(Lowering& lowering, const std::string& x, std::size_t direction,
                                      std::size_t which);

}  // namespace lanewise::network::importing
