// SPDX-License-Identifier: Apache-2.0
// --out, --json, --csv and "wrote FILE" mean one thing in every verb.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kRows = "benchmarks/validation/neureka_rtl.csv";

// Verbs whose --out holds the answer, with a question that is answered at once.
const std::vector<Arguments> kAnswering = {
    {"simulate", kSqueezeNet, "--hw", kEngine},
    {"sweep", kSqueezeNet, "--hw", kEngine, "--vary", "dram.latency=50 ns,100 ns", "--jobs", "1"},
    {"compare", "ne-256", "ne-512", "--model", kSqueezeNet},
    {"explain", kSqueezeNet, "--hw", kEngine, "--layer", "/features/features.0/Conv"},
    {"validate", kRows},
    {"engine", "show", kEngine},
    {"engine", "validate", kEngine},
    {"network", "show", kSqueezeNet},
    {"network", "memory", kSqueezeNet, "--hw", kEngine},
};

Arguments with(Arguments arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Output, out_holds_what_would_be_printed_and_is_named_to_people_only) {
  const ScratchFolder folder;
  const std::string file = folder.file("answer");
  for (const Arguments& verb : kAnswering) {
    SCOPED_TRACE(verb.front() + " " + verb[1]);
    const Finished printed = run(verb);
    EXPECT_EQ(printed.status, 0) << printed.err;
    EXPECT_EQ(printed.out.find("wrote "), std::string::npos);
    const Finished written = run(with(verb, {"--out", file}));
    EXPECT_EQ(written.status, 0) << written.err;
    EXPECT_EQ(written.out, "wrote " + file + "\n");
    EXPECT_EQ(text_of(file), printed.out);
    const Finished json = run(with(verb, {"--json", "--out", file}));
    EXPECT_EQ(json.status, 0) << json.err;
    EXPECT_EQ(json.out, "");
    EXPECT_TRUE(Json::accept(text_of(file)));
    // A file that is there is replaced; a folder that is missing is not made.
    const std::string nowhere = folder.file("no/such/answer");
    expect_refused(with(verb, {"--out", nowhere}), 1, {"cannot write '" + nowhere + "'"});
    expect_refused(with(verb, {"--out", folder.file("")}), 1, {"cannot write"});
  }
}

TEST(Output, drawings_are_named_too) {
  const ScratchFolder folder;
  const std::string trace = folder.file("t.json"), waves = folder.file("w.vcd"), roof = folder.file("r.svg");
  const Finished finished =
      run({"simulate", kSqueezeNet, "--hw", kEngine, "--trace", trace, "--vcd", waves, "--roofline", roof});
  EXPECT_EQ(finished.status, 0) << finished.err;
  const std::string wrote = "\nwrote " + roof + "\nwrote " + trace + "\nwrote " + waves + "\n";
  EXPECT_NE(finished.out.find(wrote), std::string::npos) << finished.out;
}

TEST(Output, verbs_that_make_something_name_it_last) {
  const ScratchFolder folder;
  const std::string store = folder.file("s.sqlite"), rows = folder.file("rows.csv"), model = folder.file("m.lwm"),
                    joined = folder.file("joined.sqlite"), set = folder.file("set/of/rows");
  const Arguments measure = {"measure", kSqueezeNet, "--hw", kEngine, "--rows",
                             "300",     "--engines", "6",    "--out", store};
  const auto expect_last = [](const Finished& finished, const std::vector<std::string>& made) {
    std::string lines = "\n";
    for (const std::string& file : made) lines += "wrote " + file + "\n";
    EXPECT_EQ(finished.status, 0) << finished.err;
    ASSERT_GE(finished.out.size(), lines.size()) << finished.out;
    EXPECT_EQ(finished.out.substr(finished.out.size() - lines.size()), lines);
    for (const std::string& file : made) EXPECT_TRUE(std::filesystem::exists(file)) << file;
  };
  expect_last(run(with(measure, {"--rows-csv", rows})), {store, rows, folder.file("rows.constants.csv")});
  // The old spelling, which scripts may have.
  const std::string old = folder.file("old.csv");
  expect_last(run(with(measure, {"--csv", old})), {store, old, folder.file("old.constants.csv")});
  EXPECT_EQ(text_of(old), text_of(rows));
  // In the form that they had before: one file.
  expect_last(run(with(measure, {"--csv", old, "--text-columns"})), {store, old});
  EXPECT_NE(text_of(old), text_of(rows));
  expect_refused(with(measure, {"--text-columns"}), 2, {"--text-columns", "--rows-csv"});
  const Finished table = run(with(measure, {"--csv"}));
  EXPECT_EQ(table.out.rfind("store,family,rows,", 0), 0u) << table.out;
  EXPECT_EQ(std::count(table.out.begin(), table.out.end(), '\n'), 2) << table.out;
  expect_refused(with(measure, {"--csv", "--json"}), 2, {"--csv", "--json"});

  const Arguments train = {"train", store, "--trees", "5", "--depth", "3", "--quick"};
  expect_last(run(with(train, {"--out", model})), {model});
  EXPECT_TRUE(Json::accept(run(with(train, {"--out", model, "--json"})).out));
  expect_last(run({"store", "merge", joined, store}), {joined});
  expect_last(run({"store", "export", store, "--out", set}),
              {set + "/measurements.csv", set + "/measurements.constants.csv", set + "/measurements.sqlite",
               set + "/dictionary.csv", set + "/README.md"});
  const std::string learned = folder.file("learned");
  expect_last(run({"store", "export", store, "--out", learned, "--features", "--text-columns"}),
              {learned + "/measurements.csv", learned + "/measurements.sqlite", learned + "/dictionary.csv",
               learned + "/features.csv", learned + "/features_dictionary.csv", learned + "/README.md"});
  // Nothing is worked for that could not be written.
  expect_refused(with(train, {"--out", folder.file("no/such/m.lwm")}), 1, {"cannot write", "no/such/m.lwm"});
  expect_refused(with(train, {"--out", folder.file("")}), 1, {"cannot write"});
}

}  // namespace
}  // namespace lanewise::cli::testing
