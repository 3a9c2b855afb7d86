// SPDX-License-Identifier: Apache-2.0
// Logs of vendors' profilers: how long each layer of a network took on somebody's chip. One file reads one vendor's
// format; layer_log.cpp has the table of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

// A layer that no row was made of.
struct LeftOutLayer {
  int line = 0;  // in the file
  std::string layer, reason;
};

// What a log says that holds for all of its rows.
struct LayerLogNote {
  std::string tool;          // "" where the rows come from a table
  double resolution_us = 0;  // of the times, in µs
  double clock_hz = 0;       // by which times became cycles, in Hz; 0 where the file has cycles
  std::vector<LeftOutLayer> left_out;
};

struct LoggedLayer {
  int line = 0;
  std::string name, type;  // as the log has them
  double time_us = 0;      // from the command to the end
  mapping::SubgraphShape shape;
  std::string part;    // of the log, where it has several tables
  std::string reason;  // why no row is made of it; "" where one is
};

struct LayerLog {
  double resolution_us = 1;
  std::vector<LoggedLayer> layers;
};

struct LayerLogFormat {
  const char* tool;
  bool (*recognizes)(std::string_view text);
  // Throws Error naming file, line, value and rule.
  LayerLog (*read)(const std::string& path, std::string_view text);
};

// nullptr where the text is no log of any of them.
const LayerLogFormat* layer_log_format(std::string_view text);
// Their names, for messages.
std::string layer_log_tools();

}  // namespace lanewise::study
