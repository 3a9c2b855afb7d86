// SPDX-License-Identifier: Apache-2.0
// The same mathematics costs the same on every engine, however a file spells it.
#include <set>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

std::vector<std::string> engines() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator("hwconfigs")) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Cycles and parameters of a network on an engine.
std::pair<double, double> cost(const std::string& name, const std::string& engine) {
  const Json total = run_json({"simulate", "tests/core/network/cases/" + name + ".onnx", "--hw", engine}).at("total");
  return {total.at("latency_cycles").get<double>(), total.at("parameters").get<double>()};
}

void expect_equal(const std::vector<std::string>& names) {
  ASSERT_GE(engines().size(), 12U);
  for (const std::string& engine : engines()) {
    std::set<std::pair<double, double>> costs;
    for (const std::string& name : names) costs.insert(cost(name, engine));
    EXPECT_EQ(costs.size(), 1U) << engine;
  }
}

TEST(Spellings, of_layer_normalization_cost_the_same_on_every_engine) {
  expect_equal({"eq_ln_op17", "eq_ln_torch", "eq_ln_recip", "eq_ln_tf2onnx"});
}

TEST(Spellings, of_hard_swish_cost_the_same_on_every_engine) { expect_equal({"eq_hswish_op14", "eq_hswish_tf_x1o6"}); }

TEST(Spellings, a_quick_gelu_has_the_parameters_of_its_matrix) {
  EXPECT_EQ(cost("eq_gelu_quick_xxsig1.702x", kEngine).second, 384 * 384);
}

}  // namespace
}  // namespace lanewise::cli::testing
