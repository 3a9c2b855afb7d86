// SPDX-License-Identifier: Apache-2.0
// The files that pages are made of: the program holds them, so that no page needs a network.
#pragma once

#include <string_view>

namespace lanewise::page {

// "page.css", "page.js", "d3.js", "plot.js": the whole file. Throws std::out_of_range for any other name.
std::string_view asset(std::string_view name);

}  // namespace lanewise::page
