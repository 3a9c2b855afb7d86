// SPDX-License-Identifier: Apache-2.0
// The shipped networks, written and read back.
#include <algorithm>
#include <filesystem>

#include "round_trip.hpp"

namespace lanewise::network::testing {
namespace {

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("models")) {
    if (entry.path().extension() == ".onnx") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ExportModels : public ::testing::TestWithParam<std::string> {};

TEST_P(ExportModels, read_back_as_they_were_beside_their_file) {
  const std::string path = "models/" + GetParam() + ".onnx";
  EXPECT_EQ(round_trip_fault(import_network(path), {path}), "");
}

TEST_P(ExportModels, read_back_as_they_were_without_it) {
  EXPECT_EQ(round_trip_fault(import_network("models/" + GetParam() + ".onnx")), "");
}

TEST_P(ExportModels, keep_precisions_that_no_float_file_states) {
  const std::string path = "models/" + GetParam() + ".onnx";
  ImportOptions options;
  options.precision = Precision::kFp16;
  options.weight_precision = Precision::kInt4;
  EXPECT_EQ(round_trip_fault(import_network(path, options), {path}), "");
}

INSTANTIATE_TEST_SUITE_P(Shipped, ExportModels, ::testing::ValuesIn(shipped()),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace lanewise::network::testing
