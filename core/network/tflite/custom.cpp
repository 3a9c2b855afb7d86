// SPDX-License-Identifier: Apache-2.0
// Operators that are no part of the format: those of wide use, and all that nothing is known of.
#include <flatbuffers/flexbuffers.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/network/tflite/operators.hpp"

namespace lanewise::network::tflite {

namespace {

ByteRange custom_bytes(const Call& call) {
  const auto* bytes = call.op().custom_options();
  return bytes == nullptr ? ByteRange{} : ByteRange{bytes->data(), bytes->size()};
}

// A convolution whose parameters are those of the format's own, as they lie in memory: padding, stride across, stride
// down.
void transposed_with_bias(const Call& call) {
  std::int32_t given[3] = {};
  const ByteRange bytes = custom_bytes(call);
  if (bytes.size < sizeof given)
    call.fail(fmt::format("has {} bytes of options, where {} are needed", bytes.size, sizeof given));
  std::memcpy(given, bytes.data, sizeof given);
  constexpr std::int32_t kSame = 1;
  const std::optional<std::size_t> bias = call.has(2) ? std::optional<std::size_t>(2) : std::nullopt;
  transposed(call, 0, 1, bias, {given[2], given[1]}, given[0] == kSame ? schema::Padding::SAME : schema::Padding::VALID,
             schema::Fused::NONE);
}

// The named options of a detector's last step.
class Options {
 public:
  explicit Options(const Call& call) {
    const ByteRange bytes = custom_bytes(call);
    std::vector<std::uint8_t> reused;
    constexpr std::size_t kLeast = 3;
    if (bytes.size < kLeast || !flexbuffers::VerifyBuffer(bytes.data, bytes.size, &reused)) {
      call.fail("its options are damaged");
    }
    const flexbuffers::Reference root = flexbuffers::GetRoot(bytes.data, bytes.size);
    if (!root.IsMap()) call.fail("its options are no map");
    map_ = root.AsMap();
  }
  double real(const char* name, double otherwise) const {
    const flexbuffers::Reference value = map_[name];
    return value.IsNumeric() ? value.AsDouble() : otherwise;
  }
  std::int64_t whole(const char* name, std::int64_t otherwise) const {
    const flexbuffers::Reference value = map_[name];
    return value.IsNumeric() ? value.AsInt64() : otherwise;
  }

 private:
  flexbuffers::Map map_ = flexbuffers::Map::EmptyMap();
};

// Boxes from what a detector says of its anchors, the best of them, and what is known of those. How many are found
// depends on the image; as many as may be found are counted.
void detection(const Call& call) {
  const Options options(call);
  const Shape boxes = call.in_shape(0), scores = call.in_shape(1);
  const std::int64_t most = options.whole("max_detections", 0);
  const std::int64_t classes = options.whole("num_classes", scores.empty() ? 0 : scores.back());
  constexpr std::int64_t kMost = 1 << 20;
  if (boxes.size() != 3 || scores.size() != 3 || scores[1] != boxes[1] || most < 1 || most > kMost || classes < 1 ||
      classes > scores[2] || call.output_count() != 4) {
    call.fail("its inputs, outputs and options do not fit each other");
  }
  const auto cut = [&](const std::string& x, std::int64_t from, std::int64_t to) {
    return call.emit("Slice", {x, call.whole({from}), call.whole({to}), call.whole({-1})});
  };
  const auto scaled = [&](const char* y, const char* x) {
    return call.numbers(
        {1.0F / static_cast<float>(options.real(y, 1.0)), 1.0F / static_cast<float>(options.real(x, 1.0))}, {2});
  };
  const std::string given = call.plain(0), anchors = call.plain(2);
  const std::string places = cut(anchors, 0, 2), sizes = cut(anchors, 2, 4);
  const std::string moved =
      call.emit("Mul", {call.emit("Mul", {cut(given, 0, 2), scaled("y_scale", "x_scale")}), sizes});
  const std::string centre = call.emit("Add", {moved, places});
  const std::string grown = call.emit("Exp", {call.emit("Mul", {cut(given, 2, 4), scaled("h_scale", "w_scale")})});
  const std::string half = call.emit("Mul", {call.emit("Mul", {grown, sizes}), call.number(0.5)});
  const std::string decoded = call.emit("Concat", {call.emit("Sub", {centre, half}), call.emit("Add", {centre, half})},
                                        {attribute("axis", std::int64_t{-1})});
  // The first column is the background's, where there is one.
  std::string likely = call.plain(1);
  if (classes < scores[2]) likely = cut(likely, scores[2] - classes, scores[2]);
  const std::string by_class = call.emit("Transpose", {likely}, {attribute("perm", Axes{0, 2, 1})});
  const std::string chosen = call.translator().fresh(call.emit_name() + "/NonMaxSuppression");
  call.translator().add_node(
      chosen, "NonMaxSuppression",
      {decoded, by_class, call.whole({most}), call.number(options.real("nms_iou_threshold", 0.5)),
       call.number(options.real("nms_score_threshold", 0.0))},
      {chosen}, {});
  call.translator().state_shape(chosen, {most, 3}, onnx::TensorProto::INT64);
  const auto column = [&](std::int64_t at) {
    const std::string indices = call.emit("Gather", {chosen, call.whole({at})}, {attribute("axis", std::int64_t{1})});
    return call.emit("Reshape", {indices, call.whole({most})});
  };
  const std::string anchor = column(2);
  call.finish("Gather", {decoded, anchor}, {attribute("axis", std::int64_t{1})});
  const std::string classes_found = call.emit("Unsqueeze", {column(1), call.whole({0})});
  call.finish("Cast", {classes_found}, {attribute("to", std::int64_t{onnx::TensorProto::FLOAT})}, false,
              schema::Fused::NONE, 1);
  const std::string best =
      call.emit("ReduceMax", {likely}, {attribute("axes", Axes{2}), attribute("keepdims", std::int64_t{0})});
  call.finish("Gather", {best, anchor}, {attribute("axis", std::int64_t{1})}, false, schema::Fused::NONE, 2);
  const std::string ones = call.emit("Reshape", {column(0), call.whole({1, most})});
  const std::string counted =
      call.emit("ReduceMax", {ones}, {attribute("axes", Axes{1}), attribute("keepdims", std::int64_t{0})});
  call.finish("Cast", {counted}, {attribute("to", std::int64_t{onnx::TensorProto::FLOAT})}, false, schema::Fused::NONE,
              3);
}

}  // namespace

void custom(const Call& call) {
  const std::string name = name_of(call.translator().file().code(call.op()));
  if (name == "Convolution2DTransposeBias") return transposed_with_bias(call);
  if (name == "TFLite_Detection_PostProcess") return detection(call);
  Names inputs;
  for (std::size_t i = 0; i < call.input_count(); ++i) inputs.push_back(call.has(i) ? call.plain(i) : "");
  if (call.output_count() == 0) call.fail("is not supported, and writes nothing");
  call.finish_unknown(name, inputs);
}

}  // namespace lanewise::network::tflite
