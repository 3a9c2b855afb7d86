// SPDX-License-Identifier: Apache-2.0
// What the importer takes of random files of one operator, the planner and the simulator answer or refuse in one line.
// LANEWISE_ONE_NODE_FILES says how many files are tried (3000), LANEWISE_ONE_NODE_FIRST from which seed on (1).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "study/evaluation/answer.hpp"
#include "tests/core/network/one_node_file.hpp"

namespace lanewise::study {
namespace {

using network::testing::OneNodeFile;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// More elements than this take long to simulate, whatever the operator.
constexpr std::int64_t kMostElements = 100000;

bool is_small(const network::Graph& graph) {
  for (const network::Tensor& tensor : graph.tensors()) {
    if (tensor.elements() > kMostElements) return false;
  }
  return network::macs(graph) < kMostElements * 100;
}

TEST(OneNodeAnswer, is_a_number_of_cycles_or_one_line) {
  const engine::EngineConfig engine =
      engine::load_engine(std::string(LANEWISE_SOURCE_DIR) + "/hwconfigs/ne-256.yaml").config;
  const std::uint64_t files = setting("LANEWISE_ONE_NODE_FILES", 3000);
  const std::uint64_t first = setting("LANEWISE_ONE_NODE_FIRST", 1);
  const std::string path = ::testing::TempDir() + "lanewise_one_node_answer.onnx";
  std::uint64_t answered = 0;
  for (std::uint64_t seed = first; seed < first + files; ++seed) {
    const OneNodeFile file(seed, static_cast<std::size_t>(seed) % OneNodeFile::types(), true);
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + file.type());
    std::ofstream(path, std::ios::binary) << file.model().SerializeAsString();
    try {
      const network::Graph graph = network::import_network(path);
      if (!is_small(graph)) continue;
      const NetworkAnswer answer = simulate_network(graph, engine);
      ++answered;
      ASSERT_GE(answer.total.latency_cycles, 0);
      ASSERT_EQ(answer.total.latency_cycles > 0, !answer.subgraphs.empty());
    } catch (const Error&) {
    } catch (const std::exception& error) {
      FAIL() << "another exception: " << error.what();
    }
  }
  std::printf("%llu of %llu files have an answer\n", static_cast<unsigned long long>(answered),
              static_cast<unsigned long long>(files));
  EXPECT_GE(answered * 20, files);
}

}  // namespace
}  // namespace lanewise::study
