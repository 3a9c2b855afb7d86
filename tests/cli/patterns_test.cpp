// SPDX-License-Identifier: Apache-2.0
// Two small codesigns, what they share, and that on a third network.
#include "tests/cli/codesign_jobs.hpp"

namespace lanewise::cli::testing {
namespace {

const ScratchFolder& scratch() {
  static const ScratchFolder folder;
  return folder;
}

// Two searches over the moves on a network, by one small estimator.
const Arguments& searches() {
  static const Arguments folders = [] {
    const std::string space = scratch().write("space.yaml",
                                              "name: moves\nnetwork:\n  fuse_ibn: true\n  depth_multipliers: [1, 0.5]\n"
                                              "engine:\n  vary: none\ncapacity:\n  parameters: 0.6\n");
    const std::string first = scratch().file("first"), second = scratch().file("second");
    const Finished one = run(codesign(first, {"--space", space, "--objectives", "latency", "--generations", "12"}));
    EXPECT_EQ(one.status, 0) << one.err;
    const Finished other = run({"codesign",      "mnasnet1_0",
                                "--hw",          kEngine,
                                "--space",       space,
                                "--out",         second,
                                "--estimator",   first + "/estimator.lwm",
                                "--population",  "8",
                                "--generations", "12",
                                "--finalists",   "2",
                                "--rounds",      "0",
                                "--objectives",  "latency"});
    EXPECT_EQ(other.status, 0) << other.err;
    return Arguments{first, second};
  }();
  return folders;
}

Arguments patterns(const Arguments& more) {
  Arguments words = {"patterns", searches()[0], searches()[1], "--estimator", searches()[0] + "/estimator.lwm"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Patterns, what_searches_share_is_found_written_and_tried) {
  const std::string file = scratch().file("patterns.yaml");
  const Json found = run_json(patterns({"--out", file, "--try", "mobilenet_v3_large", "--hw", kEngine}));
  ASSERT_EQ(found.at("searches").size(), 2u);
  EXPECT_EQ(found.at("searches").at(1).at("network"), "mnasnet1_0");
  EXPECT_GT(found.at("searches").at(0).at("candidates").get<int>(), 50);
  ASSERT_GT(found.at("patterns").size(), 0u);
  bool fuses = false;
  for (const Json& pattern : found.at("patterns")) {
    fuses = fuses || pattern.at("move") == "fuse";
    EXPECT_TRUE(pattern.at("one_engine_only").get<bool>());
    EXPECT_GE(pattern.at("support").get<double>(), 0.4);
    EXPECT_TRUE(pattern.at("in_fronts_saves_percent").is_number());
  }
  EXPECT_TRUE(fuses);
  EXPECT_EQ(found.at("gains_by"), "the estimators of ne");
  const Json& trial = found.at("trial");
  EXPECT_FALSE(trial.at("network_was_searched").get<bool>());
  EXPECT_TRUE(trial.at("keeps_capacity").get<bool>());
  EXPECT_GE(trial.at("parameters_share").get<double>(), 0.6);
  EXPECT_GT(trial.at("saved_percent").get<double>(), 0);
  const Json before = run_json({"simulate", "mobilenet_v3_large", "--hw", kEngine});
  EXPECT_EQ(trial.at("before").at("latency_cycles"), before.at("total").at("latency_cycles"));
  EXPECT_NE(text_of(file).find("capacity: {parameters: 0.6, macs: 0}"), std::string::npos) << text_of(file);
  // The same again gives the same bytes.
  const std::string again = scratch().file("again.yaml");
  const Finished text = run(patterns({"--out", again}));
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_EQ(text_of(again), text_of(file));
  EXPECT_NE(text.out.find("wrote " + again), std::string::npos);
}

TEST(Patterns, a_network_that_was_searched_confirms_nothing) {
  Arguments arguments = patterns({"--try", "mnasnet1_0", "--hw", kEngine});
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.err.rfind("lanewise: warning: --try mnasnet1_0: is among the networks that were searched", 0), 0u)
      << finished.err;
  EXPECT_NE(finished.out.find("this confirms nothing"), std::string::npos);
}

TEST(Patterns, what_cannot_be_read_is_one_line) {
  expect_refused({"patterns", "nowhere"}, 1, {"nowhere"});
  expect_refused({"patterns", scratch().write("bad.json", "{\"network\": 3}")}, 1,
                 {"bad.json: key 'network' must be a text"});
  expect_refused(patterns({"--try", "mnasnet1_0"}), 2, {"--hw"});
  expect_refused(patterns({"--hw", "nvdla-small"}), 1, {"none of the 2 searches is on it"});
  expect_refused({"patterns", searches()[0], searches()[0]}, 1, {"is given twice"});
  // A result alone names its network; one that is not shipped cannot be read again.
  std::string text = text_of(searches()[0] + "/result.json");
  const std::string name = "\"network\": \"mobilenet_v2\"";
  ASSERT_NE(text.find(name), std::string::npos);
  text.replace(text.find(name), name.size(), "\"network\": \"mobilenet_v9\"");
  expect_refused({"patterns", scratch().write("other.json", text)}, 1,
                 {"other.json: what was searched cannot be read again", "mobilenet_v9"});
}

}  // namespace
}  // namespace lanewise::cli::testing
