// SPDX-License-Identifier: Apache-2.0
#include "core/network/formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/network/onnx/import.hpp"
#include "core/network/scale_sim/topology.hpp"
#include "core/network/tflite/import.hpp"

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

// How files of other tools become one that is read; "" where nothing is known of them.
std::string way_to_onnx(const std::string& suffix) {
  const auto is = [&](std::initializer_list<const char*> suffixes) {
    return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
  };
  if (is({".pt", ".pth", ".pt2"})) {
    return "; this is a PyTorch file: torch.onnx.export(model, inputs, \"OUT.onnx\") makes ONNX";
  }
  if (is({".pb", ".h5", ".hdf5", ".keras"})) return "; this is a TensorFlow file, which tf2onnx makes ONNX";
  if (is({".safetensors", ".gguf", ".bin"})) return "; this file has weights alone: export the network as ONNX";
  return "";
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {"ONNX", {".onnx"}, importing::is_onnx, importing::import_onnx},
      {"TFLite", {".tflite"}, tflite::is_tflite, importing::import_onnx},
      {"SCALE-Sim topology", {".csv"}, scale_sim::is_topology, importing::import_onnx},
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
  throw Error(fmt::format("{}: is in no known file format of networks; known are {}{}", path, describe_formats(),
                          way_to_onnx(suffix)));
}

}  // namespace lanewise::network
