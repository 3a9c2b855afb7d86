// SPDX-License-Identifier: Apache-2.0
// measure --with: a person's program as what measures, driven as a person does.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Cycles that no model of ours has: a sum over digits of the shape. Leaves a trace of each run.
constexpr const char* kPlain = R"python(
import json, os, sys
text = open(sys.argv[1]).read()
asked = json.loads(text)
with open(os.environ["TRACE"], "a") as trace:
    trace.write(asked["subgraph"]["subgraph_key"] + "\n")
shape = asked["subgraph"]
cycles = 1000 + shape["macs"] // 64 + 7 * shape["out_channels"] + shape["in_width"]
)python";

// The cells of a line of CSV.
std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

class MeasureWith : public ::testing::Test {
 protected:
  MeasureWith() {
    ::setenv("TRACE", folder_.file("trace").c_str(), 1);
    plain_ = program("plain", "print(json.dumps({'cycles': cycles}))");
  }
  ~MeasureWith() override { ::unsetenv("TRACE"); }

  // What a Python program prints, after it has read the subgraph.
  std::string program(const std::string& name, const std::string& ending) const {
    return "python3 " + folder_.write(name + ".py", kPlain + ending + "\n");
  }
  Arguments measure(const std::string& store, const std::string& with, const Arguments& more = {}) const {
    Arguments words = {"measure", kMobileNet, "--hw",  "hwconfigs/ne-64.yaml", "--rows", "24", "--engines",       "1",
                       "--seed",  "5",        "--out", folder_.file(store),    "--with", with, "--allow-commands"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string rows(const std::string& store) const {
    const std::string out = folder_.file(store + ".export");
    EXPECT_EQ(run({"store", "export", folder_.file(store), "--out", out}).status, 0);
    return text_of(out + "/measurements.csv");
  }
  std::int64_t traced() const {
    const std::string text = text_of(folder_.file("trace"));
    return std::count(text.begin(), text.end(), '\n');
  }
  // One line on the error output.
  static void expect_line(const Finished& finished, const std::string& words) {
    EXPECT_NE(finished.status, 0);
    EXPECT_EQ(finished.err.rfind("lanewise: error: ", 0), 0u) << finished.err;
    EXPECT_NE(finished.err.find(words), std::string::npos) << finished.err;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  }

  ScratchFolder folder_;
  std::string plain_;
};

TEST_F(MeasureWith, keeps_the_cycles_that_the_program_prints) {
  const Json answer = run_json(measure("s", plain_, {"--source", "my board"}));
  EXPECT_EQ(answer.at("measured"), 24);
  EXPECT_EQ(answer.at("external").at("measured_by"), "my board");
  EXPECT_EQ(answer.at("external").at("runs"), 24);
  EXPECT_EQ(traced(), 24);
  const Json summary = run_json({"store", "show", folder_.file("s")});
  EXPECT_EQ(summary.at("measured_by"), "my board");
  // Every row is what the program's rule says of its own columns.
  ASSERT_EQ(run({"measure",        kMobileNet,
                 "--hw",           "hwconfigs/ne-64.yaml",
                 "--rows",         "24",
                 "--engines",      "1",
                 "--seed",         "5",
                 "--out",          folder_.file("s"),
                 "--rows-csv",     folder_.file("rows.csv"),
                 "--text-columns", "--with",
                 plain_,           "--source",
                 "my board",       "--allow-commands"})
                .status,
            0);
  EXPECT_EQ(traced(), 24) << "rows that are there are not asked about again";
  std::istringstream lines(text_of(folder_.file("rows.csv")));
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = cells(line);
  const auto at = [&](const std::vector<std::string>& row, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    EXPECT_NE(found, names.end()) << name;
    return row.at(static_cast<std::size_t>(found - names.begin()));
  };
  int seen = 0;
  while (std::getline(lines, line)) {
    const std::vector<std::string> row = cells(line);
    EXPECT_EQ(std::stoll(at(row, "latency_cycles")),
              1000 + std::stoll(at(row, "macs").empty() ? "0" : at(row, "macs")) / 64 +
                  7 * std::stoll(at(row, "out_channels")) + std::stoll(at(row, "in_width")));
    EXPECT_EQ(at(row, "measured_by"), "my board");
    EXPECT_EQ(at(row, "energy_pj"), "") << "what the program did not tell is no number";
    ++seen;
  }
  EXPECT_EQ(seen, 24);
}

TEST_F(MeasureWith, side_by_side_gives_the_rows_of_one_by_one) {
  ASSERT_EQ(run(measure("one", plain_, {"--source", "x"})).status, 0);
  ASSERT_EQ(run(measure("many", plain_, {"--source", "x", "--jobs", "5"})).status, 0);
  EXPECT_EQ(rows("one"), rows("many"));
}

TEST_F(MeasureWith, shards_joined_are_the_whole) {
  ASSERT_EQ(run(measure("whole", plain_, {"--source", "x"})).status, 0);
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    ASSERT_EQ(run(measure(std::string("part") + shard[0], plain_, {"--source", "x", "--shard", shard})).status, 0);
  }
  ASSERT_EQ(run({"store", "merge", folder_.file("joined"), folder_.file("part1"), folder_.file("part2"),
                 folder_.file("part3")})
                .status,
            0);
  ASSERT_EQ(run({"store", "merge", folder_.file("sorted"), folder_.file("whole")}).status, 0);
  EXPECT_EQ(text_of(folder_.file("joined")), text_of(folder_.file("sorted")));
  EXPECT_EQ(run_json({"store", "show", folder_.file("joined")}).at("measured_by"), "x");
}

TEST_F(MeasureWith, killed_it_loses_what_was_in_flight_and_goes_on) {
  const std::string slow = program("slow", "import time; time.sleep(0.15); print(cycles)");
  ASSERT_EQ(run(measure("whole", slow, {"--source", "x"})).status, 0);
  std::filesystem::remove(folder_.file("trace"));
  const Arguments words = measure("pieces", slow, {"--source", "x", "--jobs", "2"});
  Running running(words);
  wait_for_rows(folder_.file("pieces"));
  running.send(SIGKILL);
  EXPECT_EQ(running.wait().status, 128 + SIGKILL);
  const Json answer = run_json(words);
  EXPECT_GT(answer.at("stored"), 0);
  EXPECT_EQ(answer.at("stored").get<int>() + answer.at("measured").get<int>(), 24);
  EXPECT_EQ(rows("pieces"), rows("whole"));
  // Two were in flight at most, so that no more than two were asked about twice.
  EXPECT_LE(traced(), 24 + 2);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("pieces.subgraphs"))) << "what a killed run left is tidied up";
}

TEST_F(MeasureWith, programs_run_only_where_they_are_allowed) {
  Arguments words = measure("s", plain_);
  words.erase(std::find(words.begin(), words.end(), "--allow-commands"));
  expect_line(run(words), "programs run only with --allow-commands");
  EXPECT_EQ(traced(), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_.file("s")));
}

TEST_F(MeasureWith, a_program_that_fails_at_times_is_tried_again_and_counted) {
  // Every subgraph fails the first time.
  const std::string flaky = program("flaky", R"(
if open(os.environ["TRACE"]).read().count(asked["subgraph"]["subgraph_key"] + "\n") < 2:
    sys.exit("no licence")
print(cycles))");
  const Json answer = run_json(measure("s", flaky, {"--retries", "2"}));
  EXPECT_EQ(answer.at("measured"), 24);
  EXPECT_EQ(answer.at("external").at("retries"), 24);
  EXPECT_EQ(answer.at("external").at("unanswered"), 0);
}

TEST_F(MeasureWith, what_gets_no_answer_is_no_row_is_told_and_is_asked_about_again) {
  const std::string picky = program("picky", R"(
if shape["pass_family"] == "depthwise" and not os.path.exists(os.environ["TRACE"] + ".mended"):
    sys.exit("boom at " + asked["folder"])
print(cycles))");
  Arguments words = measure("s", picky, {"--retries", "0", "--source", "x"});
  words.push_back("--json");
  const Finished finished = run(words);
  EXPECT_EQ(finished.status, 3) << "a batch system must not take this for whole";
  const Json answer = Json::parse(finished.out);
  const int unanswered = answer.at("external").at("unanswered");
  EXPECT_GT(unanswered, 0);
  EXPECT_EQ(answer.at("measured").get<int>() + unanswered, 24);
  EXPECT_EQ(answer.at("rows"), answer.at("measured"));
  EXPECT_EQ(answer.at("external").at("unanswered_first").at(0).at("reason"),
            "the program exited with status 1: boom at FOLDER");
  folder_.write("trace.mended", "");
  const Json again = run_json(measure("s", picky, {"--retries", "0", "--source", "x"}));
  EXPECT_EQ(again.at("measured"), unanswered);
  EXPECT_EQ(again.at("rows"), 24);
}

TEST_F(MeasureWith, what_the_program_says_it_cannot_run_is_kept_with_its_reason) {
  const std::string honest = program("honest", R"(
print(json.dumps({"failure": "no pooling here"} if shape["pass_family"] == "reduction" else {"cycles": cycles})))");
  const Json answer = run_json(measure("s", honest));
  EXPECT_GT(answer.at("failed"), 0);
  EXPECT_EQ(answer.at("external").at("retries"), 0);
  EXPECT_EQ(run_json({"store", "show", folder_.file("s")}).at("failures").at(0).at("reason"),
            "the program says: no pooling here");
}

TEST_F(MeasureWith, wrong_answers_hangs_and_crashes_are_told_in_a_line) {
  const auto expect_reason = [&](const std::string& ending, const std::string& reason, const Arguments& more = {}) {
    Arguments words = {"--retries", "0"};
    words.insert(words.end(), more.begin(), more.end());
    expect_line(run(measure("s", program("wrong", ending), words)), reason);
  };
  expect_reason("print('about 3000')", "the program's last line is 'about 3000': must be {\"cycles\": N}");
  expect_reason("print(-5)", "the program's cycles are -5: must be a whole number above 0");
  expect_reason("print(12.5)", "the program's cycles are 12.5");
  expect_reason("print('NaN')", "last line is 'NaN'");
  expect_reason("print('{\"cycles\": \"many\"}')", "the program's cycles are \"many\"");
  expect_reason("print('{\"time\": 3}')", "has no 'cycles'");
  expect_reason("pass", "the program said nothing");
  expect_reason("print('{\"cycles\": 9, \"energy_pj\": -1}')", "'energy_pj' is no number from 0 to 1e18");
  expect_reason("os.abort()", "ended by signal 6");
  expect_reason("import time; time.sleep(60)", "gave no answer within 200 ms", {"--timeout", "0.2"});
  expect_line(run(measure("none", "no-such-program")), "'no-such-program' cannot be started");
  expect_line(run(measure("open", "'open")), "open '");
}

TEST_F(MeasureWith, a_store_holds_rows_of_one_source) {
  ASSERT_EQ(run(measure("s", plain_, {"--source", "board A"})).status, 0);
  expect_line(run(measure("s", plain_, {"--source", "board B"})), "measured by 'board A'");
  const Arguments simulated = {"measure", kMobileNet, "--hw", "hwconfigs/ne-64.yaml", "--rows", "24", "--engines", "1",
                               "--seed",  "5",        "--out"};
  const auto into = [&](const std::string& store) {
    Arguments words = simulated;
    words.push_back(folder_.file(store));
    return words;
  };
  expect_line(run(into("s")), "rows of the simulator must go into another store");
  ASSERT_EQ(run(into("sim")).status, 0);
  expect_line(run(measure("sim", plain_)), "measured by the simulator");
  expect_line(run({"store", "merge", folder_.file("both"), folder_.file("s"), folder_.file("sim")}), "source");
  EXPECT_FALSE(std::filesystem::exists(folder_.file("both")));
}

TEST_F(MeasureWith, the_program_gets_files_where_it_wants_them_and_may_answer_in_one) {
  const std::string script = folder_.write("files.py", R"(
import json, sys
onnx, answer = sys.argv[1:]
asked = json.load(sys.stdin)
assert asked["onnx"] == onnx and asked["answer"] == answer and asked["format"] == 1
assert len(open(onnx, "rb").read()) > 100
assert asked["engine"]["values"]["engine.parallelism_factor"] == "8"
json.dump({"cycles": 4321, "dram_read_bytes": 77}, open(answer, "w"))
print("3 warnings")
)");
  const Json answer =
      run_json(measure("s", "python3 " + script + " {onnx} {answer}", {"--keep-files", folder_.file("kept")}));
  EXPECT_EQ(answer.at("measured"), 24);
  int kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.file("kept"))) {
    const Json asked = Json::parse(text_of(entry.path() / "subgraph.json"));
    // The network that was written says the same multiply-accumulates as the subgraph.
    const Json network = run_json({"network", "show", (entry.path() / "subgraph.onnx").string()});
    EXPECT_EQ(network.at("total").at("macs"), asked.at("subgraph").at("macs"))
        << asked.at("subgraph").at("subgraph_key");
    ++kept;
  }
  EXPECT_EQ(kept, 24);
}

TEST_F(MeasureWith, few_rows_train_an_estimator_that_says_whose_they_are) {
  Arguments until = {"train",
                     folder_.file("s"),
                     kMobileNet,
                     "--hw",
                     "hwconfigs/ne-64.yaml",
                     "--rows",
                     "200",
                     "--engines",
                     "1",
                     "--seed",
                     "5",
                     "--until",
                     "within10>=0.99",
                     "--most",
                     "40",
                     "--first-rows",
                     "15",
                     "--batch-rows",
                     "5",
                     "--hold-out-rows",
                     "15",
                     "--with",
                     plain_,
                     "--source",
                     "my board",
                     "--allow-commands"};
  const auto to = [&](const std::string& model) {
    Arguments words = until;
    words.insert(words.end(), {"--out", folder_.file(model)});
    return words;
  };
  const Json answer = run_json(to("a.lwm"));
  EXPECT_LE(answer.at("chosen_rows"), 40);
  EXPECT_EQ(answer.at("external").at("measured_by"), "my board");
  EXPECT_EQ(run_json({"estimator", "show", folder_.file("a.lwm")}).at("measured_by"), "my board");
  EXPECT_EQ(run_json({"evaluate", folder_.file("s")}).at("measured_by"), "my board");
  // The second time nothing is measured, and the same model is written.
  const std::int64_t asked = traced();
  const Json again = run_json(to("b.lwm"));
  EXPECT_EQ(traced(), asked);
  EXPECT_EQ(again.at("external").at("runs"), 0);
  EXPECT_EQ(text_of(folder_.file("a.lwm")), text_of(folder_.file("b.lwm")));
  // Energy was not measured: nothing is said about its error.
  for (const auto& [name, split] : again.at("estimator").at("splits").items()) {
    EXPECT_EQ(split.at("energy").at("rows"), 0) << name;
  }
}

}  // namespace
}  // namespace lanewise::cli::testing
