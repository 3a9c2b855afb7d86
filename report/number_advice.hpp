// SPDX-License-Identifier: Apache-2.0
// Advice on the forms and precisions of layers, as people and programs read it.
#pragma once

#include <cstddef>
#include <string>

#include "study/advice/number_advice.hpp"

namespace lanewise::report {

// `top`: moves that are shown beside those of the plan.
std::string to_text(const study::NumberAdvice& advice, std::size_t top);
std::string to_json(const study::NumberAdvice& advice);

}  // namespace lanewise::report
