// SPDX-License-Identifier: Apache-2.0
// lanewise-fit train as a person runs it: one network or many, cut off and gone on with, side by side and in parts.
#include "nas/oracles/accuracy_table.hpp"
#include "tests/accuracy/fit/fit_command.hpp"
#include "tests/accuracy/training/tiny.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;
using accuracy::Dataset;

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

// A folder of images as IDX files, and a space of networks for them.
class TrainCommand : public ::testing::Test {
 protected:
  TrainCommand() {
    fs::create_directories(scratch_.file("images"));
    write_split("train", accuracy::testing::tiny_images(320, 1));
    write_split("t10k", accuracy::testing::tiny_images(90, 2));
    space_ = scratch_.write("tiny.yaml", accuracy::testing::kTinySpace);
    table_ = scratch_.write("some.csv", "note,encoding\nsmall,r-s4-c4\nother,h-s4-c4\nwider,r-s8-c8\n");
  }

  void write_split(const std::string& name, const Dataset& data) const {
    const auto count = static_cast<std::uint32_t>(data.images());
    std::string labels = big_endian(0x00000801) + big_endian(count);
    for (const int label : data.labels) labels += static_cast<char>(label);
    const std::string pixels(data.pixels.begin(), data.pixels.end());
    scratch_.write("images/" + name + "-labels-idx1-ubyte", labels);
    scratch_.write("images/" + name + "-images-idx3-ubyte",
                   big_endian(0x00000803) + big_endian(count) + big_endian(8) + big_endian(8) + pixels);
  }

  Arguments command(const std::string& out, const Arguments& more) const {
    Arguments words = {"train",    "--space", space_,   "--data",         scratch_.file("images"),
                       "--device", "cpu",     "--set",  "batch=32",       "--set",
                       "augment=pad-crop=1",  "--out",  scratch_.file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string trained(const std::string& out, const std::string& network, const std::string& file) const {
    return scratch_.file(out + "/networks/" + network + "/" + file);
  }

  // A table without the column of seconds.
  static std::string without_seconds(const std::string& csv) {
    std::istringstream lines(csv);
    std::string line, out, name;
    std::getline(lines, line);
    std::vector<std::string> columns;
    for (std::istringstream cells(line); std::getline(cells, name, ',');) columns.push_back(name);
    lines.seekg(0);
    while (std::getline(lines, line)) {
      std::istringstream cells(line);
      for (std::size_t i = 0; std::getline(cells, name, ','); ++i) {
        if (columns[i] != "seconds") out += name + ",";
      }
      out += "\n";
    }
    return out;
  }

  ScratchFolder scratch_;
  std::string space_, table_;
};

TEST_F(TrainCommand, one_network_is_trained_measured_and_written) {
  const Finished finished = run_fit(command("one", {"--encoding", "r-s8-c8", "--epochs", "6", "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.err, "");  // no bar in a pipe
  const Json answer = Json::parse(finished.out);
  const Json& result = answer.at("networks").at(0);
  EXPECT_EQ(result.at("source"), "trained");
  EXPECT_EQ(result.at("name"), "r-s8-c8");
  EXPECT_EQ(result.at("job").at("recipe key epochs"), "6");
  EXPECT_EQ(result.at("job").at("recipe key augment"), "pad-crop=1");
  EXPECT_EQ(result.at("train_images").get<int>() + result.at("validation_images").get<int>(), 320);
  EXPECT_EQ(result.at("test_images"), 90);
  const Json& accuracy = result.at("test").at(0);
  EXPECT_EQ(accuracy.at("name"), "accuracy");
  EXPECT_NE(accuracy.at("definition"), "");
  EXPECT_GT(accuracy.at("value").get<double>(), 0.6);
  EXPECT_NE(result.at("chosen_by").get<std::string>().find("kept apart for validation"), std::string::npos);
  EXPECT_EQ(result.at("curve").size(), 6u);
  for (const char* file : {"network.onnx", "last.onnx", "average.onnx", "curve.csv", "result.json"}) {
    EXPECT_TRUE(fs::exists(trained("one", "r-s8-c8-seed0", file))) << file;
  }
  // What is trained is what is simulated.
  const Json shown = run_json({"network", "show", trained("one", "r-s8-c8-seed0", "network.onnx")});
  EXPECT_EQ(shown.at("parameters"), result.at("parameters"));
  EXPECT_EQ(shown.at("macs"), result.at("macs"));
}

TEST_F(TrainCommand, killed_again_and_again_it_ends_in_the_same_bytes) {
  const Arguments more = {"--encoding", "h-s4-c4", "--epochs", "40"};
  ASSERT_EQ(run_fit(command("whole", more)).status, 0);
  const std::string checkpoint = trained("cut", "h-s4-c4-seed0", "checkpoint");
  int kills = 0;
  for (int i = 0; i < 3; ++i) {
    Running running(command("cut", more), kFitProgram);
    std::error_code none;
    const auto before = fs::last_write_time(checkpoint, none);
    const bool was_there = !none;
    for (int waited = 0; waited < 20000; ++waited) {
      const auto now = fs::last_write_time(checkpoint, none);
      if (!none && (!was_there || now != before)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    running.send(SIGKILL);
    kills += running.wait().status == 128 + SIGKILL ? 1 : 0;
  }
  EXPECT_GT(kills, 0);
  const Finished last = run_fit(command("cut", more));
  ASSERT_EQ(last.status, 0) << last.err;
  for (const char* file : {"network.onnx", "last.onnx", "average.onnx", "curve.csv"}) {
    EXPECT_TRUE(text_of(trained("cut", "h-s4-c4-seed0", file)) == text_of(trained("whole", "h-s4-c4-seed0", file)))
        << file;
  }
  EXPECT_EQ(without_seconds(text_of(scratch_.file("cut/results.csv"))),
            without_seconds(text_of(scratch_.file("whole/results.csv"))));
}

TEST_F(TrainCommand, interrupted_it_says_that_it_goes_on) {
  Running running(command("stopped", {"--encodings", table_, "--epochs", "2000", "--jobs", "2"}), kFitProgram);
  const std::string checkpoint = trained("stopped", "r-s4-c4-seed0", "checkpoint");
  for (int waited = 0; waited < 20000 && !fs::exists(checkpoint); ++waited) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  running.send(SIGINT);
  const Finished finished = running.wait();
  EXPECT_EQ(finished.status, 130);
  EXPECT_EQ(finished.out, "");
  EXPECT_NE(finished.err.find("the same command goes on from there"), std::string::npos) << finished.err;
  EXPECT_TRUE(fs::exists(checkpoint));
}

TEST_F(TrainCommand, jobs_and_parts_do_not_change_the_table) {
  const Arguments more = {"--epochs", "2", "--seeds", "2"};
  const auto with = [&](Arguments words) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  ASSERT_EQ(run_fit(command("serial", with({"--encodings", table_}))).status, 0);
  ASSERT_EQ(run_fit(command("parallel", with({table_, "--jobs", "3"}))).status, 0);
  for (const char* part : {"1/2", "2/2"}) {
    ASSERT_EQ(run_fit(command("parts", with({"--encodings", table_, "--shard", part}))).status, 0);
  }
  const std::string serial = without_seconds(text_of(scratch_.file("serial/results.csv")));
  EXPECT_EQ(std::count(serial.begin(), serial.end(), '\n'), 7);
  EXPECT_EQ(without_seconds(text_of(scratch_.file("parallel/results.csv"))), serial);
  EXPECT_EQ(without_seconds(text_of(scratch_.file("parts/results.csv"))), serial);
  for (const char* network : {"r-s4-c4-seed0", "h-s4-c4-seed1", "r-s8-c8-seed0"}) {
    EXPECT_TRUE(text_of(trained("serial", network, "network.onnx")) ==
                text_of(trained("parallel", network, "network.onnx")));
  }
  // As a search reads it.
  const nas::AccuracyTable table(scratch_.file("serial/results.csv"), {"encoding", "accuracy", true});
  EXPECT_EQ(table.encodings(), 3u);
}

TEST_F(TrainCommand, a_trained_network_is_gone_on_with_from_its_file) {
  ASSERT_EQ(run_fit(command("first", {"--encoding", "r-s8-c8", "--epochs", "6"})).status, 0);
  const std::string model = trained("first", "r-s8-c8-seed0", "network.onnx");
  const Arguments words = {"train", model,  "--data", scratch_.file("images"), "--keep-weights", "--set",
                           "batch=32", "--set", "learning_rate=0", "--epochs", "1", "--out", scratch_.file("second"),
                           "--json"};
  const Finished finished = run_fit(words);
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json first = Json::parse(text_of(trained("first", "r-s8-c8-seed0", "result.json")));
  const Json second = Json::parse(finished.out).at("networks").at(0);
  // At a rate of 0 weights stay; the running statistics move a little.
  EXPECT_NEAR(second.at("test").at(0).at("value").get<double>(), first.at("test").at(0).at("value").get<double>(), 0.1);
}

TEST_F(TrainCommand, mistakes_are_one_line) {
  const std::string images = scratch_.file("images"), out = scratch_.file("refused");
  const Arguments usual = {"--data", images, "--out", out};
  const auto refused = [&](Arguments words, int status, const std::vector<std::string>& named) {
    words.insert(words.begin(), "train");
    words.insert(words.end(), usual.begin(), usual.end());
    expect_fit_refused(words, status, named);
  };
  refused({"--space", space_, "--encoding", "r-s4-c5"}, 1, {"r-s4-c5"});
  refused({"--space", space_, "--encodings", space_}, 1, {"tiny.yaml"});
  refused({"--encoding", "r-s4-c4"}, 1, {"--space"});
  refused({"--space", space_, "--encoding", "r-s4-c4", "--set", "epoch=3"}, 1, {"epoch", "did you mean 'epochs'"});
  refused({"--space", space_, "--encoding", "r-s4-c4", "--recipe", "fm29"}, 1, {"fm29", "fm28"});
  refused({"--space", space_, "--encoding", "r-s4-c4", "--shard", "3/2"}, 2, {"--shard", "3/2"});
  refused({"--space", space_, "--encoding", "r-s4-c4", "--device", "tpu"}, 2, {"--device"});
  EXPECT_FALSE(fs::exists(out));
  ASSERT_EQ(run_fit(command("there", {"--encoding", "r-s4-c4", "--epochs", "1"})).status, 0);
  Arguments other = command("there", {"--encoding", "h-s4-c4", "--epochs", "2"});
  expect_fit_refused(other, 1, {"there/job.json", "recipe key epochs", "'1'", "'2'"});
  // A checkpoint that is another file altogether.
  fs::create_directories(trained("foreign", "r-s4-c4-seed0", ""));
  scratch_.write("foreign/networks/r-s4-c4-seed0/checkpoint", "PK\3\4");
  expect_fit_refused(command("foreign", {"--encoding", "r-s4-c4", "--epochs", "1"}), 1,
                     {"r-s4-c4-seed0/checkpoint", "is no checkpoint"});
}

TEST_F(TrainCommand, a_training_that_fails_does_not_take_the_others_along) {
  const Finished finished =
      run_fit(command("some", {"--encodings", table_, "--epochs", "30", "--set", "learning_rate=1000", "--set",
                               "weight_decay=10", "--set", "warm_up=0"}));
  EXPECT_EQ(finished.status, 1);
  EXPECT_NE(finished.err.find("results.csv says why"), std::string::npos) << finished.err;
  const std::string table = text_of(scratch_.file("some/results.csv"));
  EXPECT_NE(table.find("is no number"), std::string::npos) << table;
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
}

}  // namespace
}  // namespace lanewise::cli::testing
