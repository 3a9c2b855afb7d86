// SPDX-License-Identifier: Apache-2.0
// The table of tools.
#include <algorithm>

#include "mcp/tool.hpp"
#include "mcp/tools/table.hpp"

namespace lanewise::mcp {

const std::vector<Tool>& tools() {
  static const std::vector<Tool> table = {
      simulate_tool(), estimate_tool(), sweep_tool(),       explain_tool(),      advise_tool(),
      codesign_tool(), validate_tool(), show_engine_tool(), list_engines_tool(), list_networks_tool(),
  };
  return table;
}

const Tool* find_tool(const std::string& name) {
  const auto found = std::find_if(tools().begin(), tools().end(), [&](const Tool& tool) { return name == tool.name; });
  return found == tools().end() ? nullptr : &*found;
}

}  // namespace lanewise::mcp
