// SPDX-License-Identifier: Apache-2.0
#include "report/layer_log.hpp"

#include <fmt/format.h>

#include "report/table.hpp"

namespace lanewise::report {

Json log_json(const study::LayerLogNote& note) {
  if (note.tool.empty()) return nullptr;
  Json left_out = Json::array();
  for (const study::LeftOutLayer& layer : note.left_out) {
    left_out.push_back({{"line", layer.line}, {"layer", layer.layer}, {"reason", layer.reason}});
  }
  return {{"tool", note.tool},
          {"time_resolution_us", note.resolution_us},
          {"clock_hz", note.clock_hz},
          {"left_out", left_out}};
}

std::string log_text(const study::LayerLogNote& note) {
  if (note.tool.empty()) return "";
  std::string out = fmt::format(
      "rows of a log of the {}: times from the command to the end, {:g} cycles a microsecond, known to {:g} cycles\n",
      note.tool, note.clock_hz / 1e6, note.resolution_us * note.clock_hz / 1e6);
  if (note.left_out.empty()) return out;
  out += fmt::format("left out: {} layer{}\n", grouped(static_cast<std::int64_t>(note.left_out.size())),
                     note.left_out.size() == 1 ? "" : "s");
  for (const study::LeftOutLayer& layer : note.left_out) {
    out += fmt::format("  line {}: {}: {}\n", layer.line, layer.layer, layer.reason);
  }
  return out;
}

}  // namespace lanewise::report
