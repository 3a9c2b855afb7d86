// SPDX-License-Identifier: Apache-2.0
#include "study/validation/layer_log.hpp"

#include "study/validation/rknn_log.hpp"

namespace lanewise::study {
namespace {

constexpr LayerLogFormat kFormats[] = {
    {"RKNN profiler", &is_rknn_log, &read_rknn_log},
};

}  // namespace

const LayerLogFormat* layer_log_format(std::string_view text) {
  for (const LayerLogFormat& format : kFormats) {
    if (format.recognizes(text)) return &format;
  }
  return nullptr;
}

std::string layer_log_tools() {
  std::string tools;
  for (const LayerLogFormat& format : kFormats) tools += (tools.empty() ? "" : ", ") + std::string(format.tool);
  return tools;
}

}  // namespace lanewise::study
