// SPDX-License-Identifier: Apache-2.0
// The ONNX library's own test models (a network of one operator each), written and read back: each is as it was, or
// refused with the operator and the rule.
#include <iostream>
#include <optional>

#include "core/base/error.hpp"
#include "onnx_models.hpp"
#include "round_trip.hpp"

namespace lanewise::network::testing {
namespace {

TEST(ExportOnnxModels, read_back_as_they_were_or_are_refused_with_a_reason) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(kOnnxModels)) GTEST_SKIP() << kOnnxModels << " is not installed";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kOnnxModels)) {
    if (entry.path().filename() == "model.onnx") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::map<std::string, int> refusals;
  int alike = 0, refused = 0;
  for (const std::filesystem::path& file : files) {
    onnx::ModelProto model;
    if (!models::read(file, model)) continue;
    OnnxExport options;
    options.weights_from = file.string();
    options.read_as = models::options_for(model.graph(), file.parent_path() / "test_data_set_0");
    std::optional<Graph> graph;
    try {
      graph = import_network(file.string(), options.read_as);
    } catch (const Error&) {
      continue;
    }
    try {
      const std::string fault = round_trip_fault(*graph, options);
      EXPECT_EQ(fault, "") << file;
      ++alike;
    } catch (const Error& error) {
      const std::string text = error.what();
      const std::size_t rule = text.find("cannot be written as ONNX: ");
      EXPECT_NE(rule, std::string::npos) << file << ": " << text;
      if (rule != std::string::npos) ++refusals[text.substr(rule)];
      ++refused;
    }
  }
  for (const auto& [rule, count] : refusals) std::cout << count << " x " << rule << "\n";
  std::cout << alike << " alike, " << refused << " refused\n";
  EXPECT_GT(alike, 0);
}

}  // namespace
}  // namespace lanewise::network::testing
