// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: each makes one tool.
#pragma once

#include "mcp/tool.hpp"

namespace lanewise::mcp {

Tool simulate_tool();
Tool estimate_tool();
Tool sweep_tool();
Tool explain_tool();
Tool advise_tool();
Tool codesign_tool();
Tool validate_tool();
Tool show_engine_tool();
Tool list_engines_tool();
Tool list_networks_tool();

}  // namespace lanewise::mcp
