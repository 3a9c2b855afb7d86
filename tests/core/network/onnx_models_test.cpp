// SPDX-License-Identifier: Apache-2.0
#include "tests/core/network/onnx_models.hpp"

#include <gtest/gtest.h>

namespace lanewise::network::testing {
namespace {

// benchmarks/onnx_conformance gives the figures.
TEST(OnnxModels, the_librarys_own_models_are_imported_with_the_shapes_that_it_computes) {
  const std::vector<ModelResult> results = check_onnx_models();
  if (results.empty()) GTEST_SKIP() << kOnnxModels << " is not there: Debian's package libonnx-testdata installs it";
  std::size_t imported = 0;
  std::size_t compared = 0;
  for (const ModelResult& result : results) {
    SCOPED_TRACE(result.name);
    EXPECT_EQ(result.failure, "");
    EXPECT_TRUE(result.mismatches.empty()) << result.mismatches.front();
    EXPECT_NE(result.is_imported, result.refusal.size() > 0);
    imported += result.is_imported ? 1 : 0;
    compared += result.compared;
  }
  EXPECT_GE(imported * 100, results.size() * 95);
  EXPECT_GE(compared * 100, imported * 90);  // the comparison is not empty
}

}  // namespace
}  // namespace lanewise::network::testing
