// SPDX-License-Identifier: Apache-2.0
// What a search may change of a network, and what not and why.
#pragma once

#include <string>

#include "core/network/rewrite.hpp"
#include "report/json.hpp"

namespace lanewise::report {

// One entry per kind of move, with its places.
Json moves_json(const network::MoveSites& sites);
// [{"move", "place", "reason"}], frozen channels among them as move "channels".
Json left_out_json(const network::MoveSites& sites);
std::string moves_text(const network::MoveSites& sites);

}  // namespace lanewise::report
