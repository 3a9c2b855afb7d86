// SPDX-License-Identifier: Apache-2.0
// No file of one operator, however wrong, gets anything else than a network or one line out of the importer.
// LANEWISE_ONE_NODE_FILES says how many are tried (3000), LANEWISE_ONE_NODE_FIRST from which seed on (1).
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "core/base/error.hpp"
#include "core/network/import.hpp"
#include "tests/core/network/one_node_file.hpp"

namespace lanewise::network::testing {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// "" for a network or a line of ours, else what came instead.
std::string wrong_answer(const std::string& path, bool& imported) {
  try {
    import_network(path);
    imported = true;
    return "";
  } catch (const Error& error) {
    const std::string line = error.what();
    return line.find('\n') == std::string::npos || line.find("name\n") != std::string::npos ? "" : "two lines: " + line;
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
}

TEST(OneNodeFile, gets_a_network_or_one_line) {
  const std::uint64_t files = setting("LANEWISE_ONE_NODE_FILES", 3000);
  const std::uint64_t first = setting("LANEWISE_ONE_NODE_FIRST", 1);
  const std::string path = ::testing::TempDir() + "lanewise_one_node_" + std::to_string(first) + ".onnx";
  std::uint64_t imported = 0;
  double longest = 0;
  for (std::uint64_t seed = first; seed < first + files; ++seed) {
    const OneNodeFile file(seed, static_cast<std::size_t>(seed) % OneNodeFile::types(), seed % 2 == 0);
    std::ofstream(path, std::ios::binary) << file.model().SerializeAsString();
    const std::clock_t begin = std::clock();
    bool is_imported = false;
    ASSERT_EQ(wrong_answer(path, is_imported), "") << "seed " << seed << ": " << file.type();
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    longest = std::max(longest, seconds);
    ASSERT_LT(seconds, 10) << "seed " << seed << ": " << file.type();  // of this process, not by the clock on the wall
    imported += is_imported ? 1 : 0;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%llu of %llu files are networks; the longest import took %.3f s, the most memory was %ld MB\n",
              static_cast<unsigned long long>(imported), static_cast<unsigned long long>(files), longest,
              usage.ru_maxrss / 1024);
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(usage.ru_maxrss, 1024 * 1024);
#endif
  EXPECT_GE(imported * 20, files);  // they are not all refused at the door
}

}  // namespace
}  // namespace lanewise::network::testing
