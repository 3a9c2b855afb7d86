// SPDX-License-Identifier: Apache-2.0
// Constants in files beside the network's: read where a value is needed, and from nowhere else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network {
namespace {

using testing::OnnxFile;
namespace fs = std::filesystem;

class ExternalData : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("lanewise_external_" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "net");
    std::ofstream(folder_ / "net" / "numbers.bin", std::ios::binary) << std::string(8, 'x') << words({1, 192});
    std::ofstream(folder_ / "outside.bin", std::ios::binary) << words({1, 192});
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string words(const std::vector<std::int64_t>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t)};
  }

  // A network whose reshape takes its shape from `location`, and whose weights lie in a file that is not there.
  std::string network(const std::string& location, const std::string& offset = "", const std::string& length = "") {
    OnnxFile file("(float[1,3,8,8] x) => (float[1,5] y) { r = Reshape(x, s) y = MatMul(r, w) }");
    file.weight("s", {2}, onnx::TensorProto::INT64).weight("w", {192, 5});
    auto& tensors = *file.model().mutable_graph()->mutable_initializer();
    place(tensors[0], {{"location", location}, {"offset", offset}, {"length", length}});
    place(tensors[1], {{"location", "gone.bin"}});
    const fs::path path = folder_ / "net" / "network.onnx";
    std::ofstream(path, std::ios::binary) << file.bytes();
    return path;
  }

  static void place(onnx::TensorProto& tensor, const std::vector<std::pair<std::string, std::string>>& entries) {
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : entries) {
      if (value.empty()) continue;
      onnx::StringStringEntryProto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
  }

  fs::path folder_;
};

TEST_F(ExternalData, a_shape_is_read_and_missing_weights_are_not_missed) {
  const Graph graph = import_network(network("numbers.bin", "8", "16"));
  EXPECT_EQ(macs(graph), 192 * 5);
  EXPECT_EQ(parameters(graph), 192 * 5);
  EXPECT_EQ(macs(import_network(network("numbers.bin", "8"))), 192 * 5) << "without a length, all that follows";
}

TEST_F(ExternalData, a_shape_that_cannot_be_read_is_named_with_its_file_and_why) {
  const auto error = [](const std::string& path) {
    const std::string message = OnnxFile::error_of(path);
    const auto at = message.find("the numbers of 's' ");
    return at == std::string::npos ? message : message.substr(at + 19);
  };
  EXPECT_EQ(error(network("absent.bin")), "lie in 'absent.bin', which is missing");
  EXPECT_EQ(error(network("../outside.bin")), "lie in '../outside.bin', which is outside of the network's folder");
  EXPECT_EQ(error(network((folder_ / "outside.bin").string())),
            "lie in '" + (folder_ / "outside.bin").string() + "', which is outside of the network's folder");
  fs::create_symlink(folder_ / "outside.bin", folder_ / "net" / "link.bin");
  EXPECT_EQ(error(network("link.bin")), "lie in 'link.bin', which is outside of the network's folder");
  EXPECT_EQ(error(network("numbers.bin", "25")), "lie in 'numbers.bin', which has 24 bytes, and they begin at 25");
  EXPECT_EQ(error(network("numbers.bin", "16", "16")), "lie in 'numbers.bin', which has 24 bytes, and they end at 32");
  EXPECT_EQ(error(network("numbers.bin", "-8")), "have the offset '-8', which is no count of bytes");
  EXPECT_EQ(error(network("numbers.bin", "16", "8")),
            "lie in 'numbers.bin', which does not fit: tensor 's' holds 8 bytes, which does not fit its 2 elements");
  EXPECT_EQ(error(network("")), "lie in another file, which it does not name");
}

}  // namespace
}  // namespace lanewise::network
