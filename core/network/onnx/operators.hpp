// SPDX-License-Identifier: Apache-2.0
// Which operators of ONNX are converted, and how: one table, one row per operator type.
#pragma once

#include <string>

#include "core/network/onnx/convert.hpp"

namespace lanewise::network::importing {

struct OperatorConversion {
  void (Converter::*convert)(const Node& node);
  ActivationFunction activation = ActivationFunction::kNone;    // for Converter::activation
  ElementwiseFunction elementwise = ElementwiseFunction::kAdd;  // for Converter::elementwise
};

// What only moves bytes: a custom operator that is timed so (custom_operator.hpp).
inline constexpr const char* kMovedType = "Moved";

// The row of an operator type of the default domain; null where the table has none.
const OperatorConversion* find_conversion(const std::string& type);

}  // namespace lanewise::network::importing
