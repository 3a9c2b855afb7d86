// SPDX-License-Identifier: Apache-2.0
// How many of the ONNX library's own test models are imported, and whether the shapes of their outputs are the ones
// that the library computed. Prints JSON; exit code 1 below 95 %, or where a shape differs or something else than a
// line of ours came back.
#include <nlohmann/json.hpp>

#include <iostream>

#include "core/base/version.hpp"
#include "tests/core/network/onnx_models.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;
using network::testing::ModelResult;

constexpr double kWanted = 0.95;

// Control and recurrence apart from the rest: what they need is more than shapes.
bool is_control(const ModelResult& result) {
  for (const char* type : {"GRU", "If", "LSTM", "Loop", "RNN", "Scan"}) {
    if (result.operators.count(type) > 0) return true;
  }
  return false;
}

}  // namespace

int main() {
  const std::vector<ModelResult> results = network::testing::check_onnx_models();
  if (results.empty()) {
    std::cerr << "lanewise: error: " << network::testing::kOnnxModels.string()
              << ": holds no models; Debian's package libonnx-testdata installs them\n";
    return 1;
  }
  std::size_t imported = 0, compared = 0, control = 0, control_imported = 0;
  Json refused = Json::array(), different = Json::array(), failed = Json::array();
  for (const ModelResult& result : results) {
    imported += result.is_imported ? 1 : 0;
    compared += result.compared;
    control += is_control(result) ? 1 : 0;
    control_imported += is_control(result) && result.is_imported ? 1 : 0;
    if (!result.failure.empty()) failed.push_back({{"model", result.name}, {"what", result.failure}});
    if (!result.refusal.empty()) refused.push_back({{"model", result.name}, {"line", result.refusal}});
    for (const std::string& line : result.mismatches) different.push_back({{"model", result.name}, {"output", line}});
  }
  const double share = static_cast<double>(imported) / static_cast<double>(results.size());
  const bool holds = share >= kWanted && different.empty() && failed.empty();
  Json json;
  json["lanewise_version"] = version();
  json["models"] = results.size();
  json["imported"] = imported;
  json["imported_percent"] = static_cast<double>(static_cast<int>(share * 10000 + 0.5)) / 100;
  json["with_control_or_recurrence"] = {{"models", control}, {"imported", control_imported}};
  json["outputs_compared"] = compared;
  json["shapes_that_differ"] = std::move(different);
  json["refused"] = std::move(refused);
  json["failed"] = std::move(failed);
  std::cout << json.dump(2) << '\n';
  return holds ? 0 : 1;
}
