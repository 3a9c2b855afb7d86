// SPDX-License-Identifier: Apache-2.0
#include "study/external/subgraph_json.hpp"

#include <nlohmann/json.hpp>

#include "core/base/version.hpp"
#include "core/record/engine_values.hpp"

namespace lanewise::study {
namespace {

using Json = nlohmann::ordered_json;

void add_window(Json& out, const std::string& prefix, const network::Window& window) {
  static constexpr const char* kAxes[] = {"height", "width"};
  for (const int axis : {0, 1}) {
    const std::string tail = std::string("_") + kAxes[axis];
    out[prefix + "kernel" + tail] = window.kernel[axis];
    out[prefix + "stride" + tail] = window.stride[axis];
    out[prefix + "dilation" + tail] = window.dilation[axis];
    out[prefix + "pad_begin" + tail] = window.pad_begin[axis];
    out[prefix + "pad_end" + tail] = window.pad_end[axis];
  }
}

// The names are those of the columns of measurements.csv.
Json shape_json(const mapping::Subgraph& subgraph) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  Json out = {{"subgraph_key", mapping::subgraph_key(subgraph)},
              {"pass_family", mapping::to_string(shape.family)},
              {"batch", shape.batch},
              {"in_channels", shape.in_channels},
              {"in_height", shape.in_height},
              {"in_width", shape.in_width},
              {"out_channels", shape.out_channels},
              {"out_height", shape.out_height},
              {"out_width", shape.out_width}};
  add_window(out, "", shape.window);
  out["groups"] = shape.groups;
  out["bias"] = shape.bias;
  out["activation"] = network::to_string(shape.activation);
  out["fused_operand"] = mapping::to_string(shape.operand);
  out["pooled"] = shape.pooled;
  add_window(out, "pool_", shape.pool);
  out["input_tensors"] = shape.inputs;
  out["input_precision"] = lanewise::to_string(shape.input_precision);
  out["weight_precision"] = lanewise::to_string(shape.weight_precision);
  out["output_precision"] = lanewise::to_string(shape.output_precision);
  out["macs"] = shape.macs();
  return out;
}

}  // namespace

std::string subgraph_json(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                          const SubgraphFiles& files) {
  const mapping::SubgraphContext& context = subgraph.context;
  Json values = Json::object();
  for (const auto& [key, value] : record::engine_values(engine)) values[key] = value;
  Json out = {{"format", 1},
              {"tool_version", version()},
              {"engine",
               {{"name", engine.name},
                {"family", engine.family},
                {"engine_hash", engine::engine_hash(engine)},
                {"clock_hz", engine.array.clock.count()},
                {"values", values}}},
              {"subgraph", shape_json(subgraph)},
              {"context",
               {{"input_on_chip", context.input_on_chip},
                {"operand_on_chip", context.operand_on_chip},
                {"output_on_chip", context.output_on_chip},
                {"resident_banks", context.resident_banks},
                {"resident_weight_banks", context.resident_weight_banks},
                {"weights_on_chip", context.weights_on_chip}}},
              {"folder", files.folder},
              {"json", files.json},
              {"onnx", files.onnx.empty() ? Json() : Json(files.onnx)},
              {"answer", files.answer}};
  if (files.onnx.empty()) out["no_onnx"] = files.no_onnx;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lanewise::study
