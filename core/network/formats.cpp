// SPDX-License-Identifier: Apache-2.0
#include "core/network/formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/network/onnx/import.hpp"

namespace lanewise::network {

namespace {

std::string suffix_of(const std::string& path) {
  std::string suffix = std::filesystem::path(path).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return suffix;
}

std::string describe_formats() {
  std::string text;
  for (const Format& format : formats()) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", format.name, fmt::join(format.suffixes, ", "));
  }
  return text;
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {"ONNX", {".onnx"}, importing::is_onnx, importing::import_onnx},
  };
  return table;
}

const Format& format_of(const std::string& path) {
  const std::string suffix = suffix_of(path);
  for (const Format& format : formats()) {
    const auto& suffixes = format.suffixes;
    if (std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end()) return format;
  }
  const std::string bytes = first_bytes(path, kFirstBytes);
  if (bytes.empty()) return formats().front();
  for (const Format& format : formats()) {
    if (format.recognises(bytes)) return format;
  }
  throw Error(fmt::format("{}: is in no known file format of networks; known are {}", path, describe_formats()));
}

}  // namespace lanewise::network
