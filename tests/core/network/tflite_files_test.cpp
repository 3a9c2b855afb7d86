// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite files that others made: as many multiplications as the shapes that the file itself states, every
// number found, nothing turned. Shipped files against the same networks as ONNX.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/network/file_details.hpp"
#include "core/network/onnx_export.hpp"
#include "tflite_file.hpp"

namespace lanewise::network::testing {
namespace {

namespace fs = std::filesystem;

const std::string kSource = LANEWISE_SOURCE_DIR;

std::vector<std::string> published_files() {
  const char* given = std::getenv("LANEWISE_TFLITE_FILES");
  const std::string folder = given != nullptr ? given : kSource + "/build/tflite-files";
  std::vector<std::string> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".tflite") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::int64_t elements(const schema::Tensor& tensor) {
  std::int64_t product = 1;
  for (const int size : *tensor.shape()) product *= size;
  return product;
}

// What the file's own shapes say, operator by operator, in its own order of axes.
std::int64_t stated_macs(const std::string& bytes) {
  const schema::Model& model = *schema::GetModel(bytes.data());
  const schema::SubGraph& graph = *model.subgraphs()->Get(0);
  std::int64_t total = 0;
  for (const schema::Operator* op : *graph.operators()) {
    const schema::OperatorCode& code = *model.codes()->Get(op->code());
    const auto in = [&](unsigned at) -> const schema::Tensor& {
      return *graph.tensors()->Get(static_cast<unsigned>(op->inputs()->Get(at)));
    };
    const schema::Tensor& out = *graph.tensors()->Get(static_cast<unsigned>(op->outputs()->Get(0)));
    switch (std::max(static_cast<int>(code.old_code()), code.code())) {
      case 3:  // every output reads a window of every channel
        total += elements(out) * elements(in(1)) / in(1).shape()->Get(0);
        break;
      case 4:
        total += elements(out) * in(1).shape()->Get(1) * in(1).shape()->Get(2);
        break;
      case 9:
        total += elements(out) * in(1).shape()->Get(1);
        break;
      case 32:
        if (code.custom() == nullptr || code.custom()->str() != "Convolution2DTransposeBias") break;
        total += elements(in(0)) * elements(in(1)) / in(1).shape()->Get(3);
        break;
      case 67:  // every input writes a window of every channel
        total += elements(in(2)) * elements(in(1)) / in(1).shape()->Get(3);
        break;
      default:
        break;
    }
  }
  return total;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The transposes that the file itself has.
std::int64_t stated_transposes(const std::string& bytes) {
  const schema::Model& model = *schema::GetModel(bytes.data());
  std::int64_t count = 0;
  for (const schema::Operator* op : *model.subgraphs()->Get(0)->operators()) {
    const schema::OperatorCode& code = *model.codes()->Get(op->code());
    constexpr int kTranspose = 39;
    if (std::max(static_cast<int>(code.old_code()), code.code()) == kTranspose) ++count;
  }
  return count;
}

void expect_read_right(const std::string& path) {
  SCOPED_TRACE(path);
  const Graph graph = import_network(path);
  EXPECT_GT(macs(graph), 0);
  EXPECT_EQ(macs(graph), stated_macs(bytes_of(path)));
  std::int64_t transposes = 0;
  for (const Operator& op : graph.operators()) {
    if (op.kind == OperatorKind::kTranspose && op.source_type != "DepthToSpace") ++transposes;
    EXPECT_NE(op.kind, OperatorKind::kHost) << op.name;
  }
  EXPECT_LE(transposes, stated_transposes(bytes_of(path)));
  const FileDetails details = read_file_details(graph, path);
  EXPECT_TRUE(details.not_read.empty());
  EXPECT_FALSE(details.numbers.empty());
  const std::string exported = ::testing::TempDir() + "lanewise_published.onnx";
  OnnxExport options;
  options.weights_from = path;
  EXPECT_EQ(export_onnx(graph, exported, options).stripped, 0U);
  const Graph again = import_network(exported);
  EXPECT_EQ(macs(again), macs(graph));
  EXPECT_EQ(parameters(again), parameters(graph));
  EXPECT_EQ(parameter_bytes(again), parameter_bytes(graph));
  ASSERT_EQ(again.operators().size(), graph.operators().size());
  for (std::size_t i = 0; i < again.operators().size(); ++i) {
    EXPECT_EQ(again.operators()[i].kind, graph.operators()[i].kind);
  }
}

TEST(TfliteFiles, of_others_are_read_right) {
  const std::vector<std::string> files = published_files();
  if (files.empty())
    GTEST_SKIP() << "no files of others (scripts/fetch-tflite fetches them; set LANEWISE_TFLITE_FILES)";
  for (const std::string& file : files) expect_read_right(file);
}

TEST(TfliteFiles, shipped_ones_are_read_right) {
  for (const char* name : {"ds_cnn_kws", "mobile_blocks"}) {
    expect_read_right(kSource + "/models/" + name + ".tflite");
  }
}

// The same layers, written down for ONNX with the channels second.
TEST(TfliteFiles, equal_the_same_network_as_onnx) {
  for (const char* name : {"ds_cnn_kws", "mobile_blocks"}) {
    SCOPED_TRACE(name);
    const Graph here = import_network(kSource + "/models/" + name + ".tflite");
    const Graph there = import_network(kSource + "/tests/core/network/cases/" + name + ".onnx");
    EXPECT_EQ(macs(here), macs(there));
    EXPECT_EQ(parameters(here), parameters(there));
    EXPECT_EQ(parameter_bytes(here), parameter_bytes(there));
    EXPECT_EQ(peak_activation_bytes(here), peak_activation_bytes(there));
    EXPECT_EQ(here.blocks().size(), there.blocks().size());
    EXPECT_EQ(here.tensor(here.inputs()[0]).shape, there.tensor(there.inputs()[0]).shape);
    EXPECT_EQ(here.tensor(here.outputs()[0]).shape, there.tensor(there.outputs()[0]).shape);
  }
}

}  // namespace
}  // namespace lanewise::network::testing
