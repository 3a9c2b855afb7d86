// SPDX-License-Identifier: Apache-2.0
// lanewise-fit compress as a person runs it: on a network that lanewise-fit trained, what it prints and what it writes.
#include <sstream>

#include "tests/accuracy/fit/fit_command.hpp"
#include "tests/accuracy/training/tiny.hpp"

namespace lanewise::cli::testing {
namespace {

namespace fs = std::filesystem;

class CompressCommand : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new ScratchFolder();
    fs::create_directories(scratch_->file("images"));
    write_split("train", accuracy::testing::tiny_images(320, 1));
    write_split("t10k", accuracy::testing::tiny_images(90, 2));
    const std::string space = scratch_->write("tiny.yaml", accuracy::testing::kTinySpace);
    const Finished trained = run_fit({"train", "--space", space, "--encoding", "r-s8-c8", "--data", images(), "--set",
                                      "batch=32", "--epochs", "4", "--out", scratch_->file("trained")});
    ASSERT_EQ(trained.status, 0) << trained.err;
  }
  static void TearDownTestSuite() { delete scratch_; }

  static std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  }
  static void write_split(const std::string& name, const accuracy::Dataset& data) {
    const auto count = static_cast<std::uint32_t>(data.images());
    std::string labels = big_endian(0x00000801) + big_endian(count);
    for (const int label : data.labels) labels += static_cast<char>(label);
    scratch_->write("images/" + name + "-labels-idx1-ubyte", labels);
    scratch_->write("images/" + name + "-images-idx3-ubyte", big_endian(0x00000803) + big_endian(count) +
                                                                 big_endian(8) + big_endian(8) +
                                                                 std::string(data.pixels.begin(), data.pixels.end()));
  }
  static std::string images() { return scratch_->file("images"); }
  static std::string network() { return scratch_->file("trained/networks/r-s8-c8-seed0/network.onnx"); }
  static Arguments command(const Arguments& more) {
    Arguments words = {"compress", network(), "--data", images(), "--set", "batch=32"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static ScratchFolder* scratch_;
};
ScratchFolder* CompressCommand::scratch_ = nullptr;

TEST_F(CompressCommand, before_after_and_tuned_are_measured_and_the_file_is_simulated_in_its_precisions) {
  const std::string out = scratch_->file("small.onnx");
  const Finished finished =
      run_fit(command({"--precision", "int8", "--prune", "2:4", "--fine-tune", "2", "--out", out, "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json answer = Json::parse(finished.out);
  ASSERT_EQ(answer.at("stages").size(), 3u);
  EXPECT_EQ(answer.at("stages").at(0).at("stage"), "before");
  EXPECT_TRUE(answer.at("stages").at(1).at("test").empty()) << "test images are for the first and the last stage";
  for (const int stage : {0, 2}) {
    EXPECT_GT(answer.at("stages").at(stage).at("test").at("accuracy").get<double>(), 0.5);
  }
  EXPECT_EQ(answer.at("fine_tuning").at("epochs"), 2);
  // What training measured of the same network on the same images.
  const Json trained = Json::parse(text_of(scratch_->file("trained/networks/r-s8-c8-seed0/result.json")));
  EXPECT_EQ(answer.at("stages").at(0).at("validation").at("accuracy"), trained.at("validation").at(0).at("value"));
  EXPECT_EQ(answer.at("stages").at(0).at("test").at("accuracy"), trained.at("test").at(0).at("value"));
  const Json shown = run_json({"network", "show", out});
  EXPECT_EQ(shown.at("total").at("macs"), trained.at("macs"));
  const Finished again =
      run_fit(command({"--precision", "int8", "--prune", "2:4", "--fine-tune", "2", "--out", out, "--json"}));
  EXPECT_EQ(again.out, finished.out) << "what has ended is not done anew";
}

TEST_F(CompressCommand, a_file_of_precisions_is_read_as_lanewise_reads_it) {
  const std::string out = scratch_->file("mixed.onnx");
  const std::string file = scratch_->write("mixed.txt", "* int8\n*classifier* weights=int4,activations=int8\n");
  const Finished finished = run_fit(command({"--precision", file, "--out", out, "--json"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  const Json answer = Json::parse(finished.out);
  int four = 0, eight = 0;
  for (const Json& layer : answer.at("layers")) {
    const bool is_classifier = layer.at("layer").get<std::string>().find("classifier") != std::string::npos;
    EXPECT_EQ(layer.at("precision"), is_classifier ? "int4" : "int8") << layer.dump();
    ++(is_classifier ? four : eight);
  }
  EXPECT_GT(four, 0);
  EXPECT_GT(eight, 0);
  const std::string written = answer.at("precision_file");
  const Json simulated = run_json({"network", "show", out, "--layer-precision", written});
  EXPECT_EQ(simulated, run_json({"network", "show", out}));
}

TEST_F(CompressCommand, sensitivity_is_a_table_of_layer_form_and_loss) {
  const Finished finished = run_fit(command({"--sensitivity", "--sensitivity-images", "20", "--csv"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  std::istringstream lines(finished.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "layer,form,loss");
  std::getline(lines, line);
  EXPECT_EQ(line.rfind("*,dense,", 0), 0u) << line;
  int rows = 0;
  while (std::getline(lines, line)) ++rows;
  EXPECT_GT(rows, 10);
}

TEST_F(CompressCommand, what_cannot_be_done_is_refused_in_one_line) {
  expect_fit_refused(command({}), 2, {"--precision"});
  expect_fit_refused(command({"--precision", "int5"}), 1, {"int5"});
  expect_fit_refused(command({"--prune", "4:2"}), 1, {"4:2", "N:M"});
  expect_fit_refused(command({"--cluster", "1"}), 1, {"'1'", "65536"});
  expect_fit_refused(command({"--prune", "nowhere=2:4"}), 1, {"nowhere"});
  expect_fit_refused(command({"--precision", "int8", "--fine-tune", "1"}), 1, {"--out"});
  expect_fit_refused(command({"--precision", "int8", "--out", scratch_->file("small.bin")}), 1, {"small.bin", ".onnx"});
  expect_fit_refused(command({"--precision", "int8", "--sensitivity"}), 1, {"--sensitivity"});
  expect_fit_refused({"compress", "mobilenet_v2", "--data", images(), "--precision", "int8"}, 1, {"mobilenet_v2"});
}

}  // namespace
}  // namespace lanewise::cli::testing
