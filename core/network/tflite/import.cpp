// SPDX-License-Identifier: Apache-2.0
#include "core/network/tflite/import.hpp"

#include <fmt/format.h>

#include "core/network/onnx/inputs.hpp"
#include "core/network/tflite/translator.hpp"

namespace lanewise::network::tflite {

namespace {

void set_metadata(onnx::ModelProto& model, const char* key, const std::vector<std::string>& lines) {
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(key);
  for (const std::string& line : lines) *entry.mutable_value() += line + "\n";
}

}  // namespace

bool is_tflite(const std::string& first_bytes) {
  constexpr std::size_t kPlace = 4;
  return first_bytes.size() >= kPlace + 4 && first_bytes.compare(kPlace, 4, "TFL3") == 0;
}

onnx::ModelProto read_model(const std::string& path) {
  constexpr int kIrVersion = 8;
  const File file(path);
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.add_opset_import()->set_version(kEmittedOpset);
  Whole whole{file, *model.mutable_graph()};
  Translator network(whole, file.subgraph(0, "the file"), *model.mutable_graph(), "");
  network.declare_inputs();
  network.add_operators();
  network.declare_outputs();
  if (model.graph().node_size() == 0) file.fail("has no operators");
  if (model.graph().output_size() == 0) file.fail("has no outputs");
  // Nothing is left to be guessed: which inputs are weights is known here.
  set_metadata(model, importing::kWeightInputs, whole.weight_inputs);
  set_metadata(model, importing::kUntrained, whole.untrained);
  return model;
}

}  // namespace lanewise::network::tflite
