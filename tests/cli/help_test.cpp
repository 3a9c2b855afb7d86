// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/command.hpp"

#include "core/base/version.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(Help, is_on_standard_output_for_every_verb) {
  const std::vector<Arguments> verbs = {{},
                                        {"simulate"},
                                        {"estimate"},
                                        {"sweep"},
                                        {"compare"},
                                        {"explain"},
                                        {"footprint"},
                                        {"codesign"},
                                        {"advise"},
                                        {"apply"},
                                        {"validate"},
                                        {"measure"},
                                        {"train"},
                                        {"evaluate"},
                                        {"engine"},
                                        {"network"},
                                        {"engine", "show"},
                                        {"network", "show"},
                                        {"estimator"},
                                        {"estimator", "show"},
                                        {"engine", "fit"},
                                        {"store"},
                                        {"store", "merge"},
                                        {"store", "show"},
                                        {"store", "export"},
                                        {"patterns"},
                                        {"mcp"}};
  for (Arguments arguments : verbs) {
    arguments.emplace_back("--help");
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.status, 0);
    EXPECT_EQ(finished.err, "");
    EXPECT_NE(finished.out.find("Example"), std::string::npos) << finished.out;
  }
}

TEST(Help, version_names_the_tool) {
  const Finished finished = run({"--version"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(finished.out, std::string("lanewise ") + version() + "\n");
}

TEST(Help, wrong_use_is_one_line_and_status_two) {
  expect_refused({}, 2, {"needs a verb"});
  expect_refused({"fly"}, 2, {"fly"});
  expect_refused({"simulate"}, 2, {"MODEL"});
  expect_refused({"simulate", kMobileNet}, 2, {"--hw"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--colour"}, 2, {"--colour"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--batch", "0"}, 2, {"--batch"});
  expect_refused({"simulate", kMobileNet, "--hw", kEngine, "--json", "--csv"}, 2, {"--json"});
  expect_refused({"sweep", kMobileNet, "--hw", kEngine, "--by", "guess"}, 2, {"--by", "guess"});
  expect_refused({"engine"}, 2, {"needs a verb"});
}

}  // namespace
}  // namespace lanewise::cli::testing
