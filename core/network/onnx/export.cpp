// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/network/onnx/export_operators.hpp"
#include "core/network/onnx_export.hpp"

namespace lanewise::network {

namespace {

// Protobuf's bytes on their way into a file, block by block.
class FileStream : public google::protobuf::io::CopyingOutputStream {
 public:
  explicit FileStream(FileWriter& file) : file_(file) {}
  bool Write(const void* buffer, int size) override {
    file_.write({static_cast<const char*>(buffer), static_cast<std::size_t>(size)});
    return true;
  }

 private:
  FileWriter& file_;
};

void write_model(const onnx::ModelProto& model, const std::string& path) {
  const std::size_t bytes = model.ByteSizeLong();
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw Error(
        fmt::format("cannot write '{}': the network and its weights take {} bytes; an ONNX file holds at most 2^31 - 1",
                    path, bytes));
  }
  FileWriter file(path);
  FileStream stream(file);
  google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&stream);
  {
    google::protobuf::io::CodedOutputStream coded(&adaptor);
    coded.SetSerializationDeterministic(true);
    if (!model.SerializeToCodedStream(&coded)) throw InternalError("a model cannot be written");
  }
  adaptor.Flush();
  file.finish();
}

}  // namespace

ExportedWeights export_onnx(const Graph& graph, const std::string& path, const OnnxExport& options) {
  std::optional<exporting::Source> source;
  if (!options.weights_from.empty()) source.emplace(options.weights_from, options.read_as);
  exporting::Writer writer(graph, source ? &*source : nullptr, options.numbers);
  for (const Operator& op : graph.operators()) exporting::write_operator(writer, op);
  const onnx::ModelProto model = writer.take();
  if (model.graph().node_size() == 0 || (graph.inputs().empty() && writer.stripped() > 0)) {
    throw Error(
        fmt::format("network '{}' cannot be written as ONNX: it computes nothing from any input", graph.name()));
  }
  write_model(model, path);
  return {writer.given(), writer.kept(), writer.stripped()};
}

}  // namespace lanewise::network
