// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace lanewise {

// `text` with every `mark`, which must not be empty, replaced by `by`; what `by` brings is not looked at again.
std::string replaced(std::string text, const std::string& mark, const std::string& by);

}  // namespace lanewise
