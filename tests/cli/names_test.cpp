// SPDX-License-Identifier: Apache-2.0
// Engines, networks, spaces and campaigns by their bare names.
#include <stdlib.h>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST(Names, a_bare_name_gives_the_same_answer_as_the_path) {
  const Finished named = run({"simulate", "squeezenet1_1", "--hw", "ne-256", "--json"});
  EXPECT_EQ(named.status, 0) << named.err;
  EXPECT_EQ(named.out, run({"simulate", kSqueezeNet, "--hw", kEngine, "--json"}).out);
  EXPECT_EQ(run({"engine", "show", "ne-256", "--json"}).out, run({"engine", "show", kEngine, "--json"}).out);
  EXPECT_EQ(run({"network", "show", "squeezenet1_1"}).out, run({"network", "show", kSqueezeNet}).out);
}

TEST(Names, compare_tells_bare_engines_from_bare_networks) {
  EXPECT_EQ(run({"compare", "ne-64", "ne-256", "--model", "squeezenet1_1", "--csv"}).out,
            run({"compare", "hwconfigs/ne-64.yaml", kEngine, "--model", kSqueezeNet, "--csv"}).out);
  expect_refused({"compare", "ne-64", "squeezenet1_1", "--hw", "ne-64"}, 1, {"not one of each"});
}

TEST(Names, an_unknown_one_is_refused_with_what_was_searched) {
  expect_refused({"engine", "show", "ne-257"}, 1, {"ne-257: no such file; searched ., hwconfigs"});
  expect_refused({"simulate", "squeezenet", "--hw", "ne-256"}, 1, {"squeezenet: no such file; searched ., models"});
  const ScratchFolder folder;
  expect_refused({"codesign", kSqueezeNet, "--hw", kEngine, "--space", "none", "--out", folder.file("out")}, 1,
                 {"none: no such file; searched ., spaces"});
  expect_refused({"measure", "--campaign", "none", "--out", folder.file("out")}, 1,
                 {"none: no such file; searched ., campaigns"});
}

TEST(Names, an_engine_of_ones_own_is_found_under_home) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.file("hwconfigs"));
  folder.write("hwconfigs/mine.yaml", text_of(kEngine));
  ::setenv("LANEWISE_HOME", folder.file("").c_str(), 1);
  const Json shown = run_json({"engine", "show", "mine"});
  ::unsetenv("LANEWISE_HOME");
  EXPECT_EQ(shown.at("name").at("value"), "ne-256");
}

}  // namespace
}  // namespace lanewise::cli::testing
