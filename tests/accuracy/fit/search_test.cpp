// SPDX-License-Identifier: Apache-2.0
// Searches that train: by lanewise-fit, by a score of it, and by a trainer of one's own in PyTorch, all for real and on
// a set of images that is drawn here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "core/base/random.hpp"
#include "core/record/csv.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

// Nine networks of some thousand parameters.
const char* const kSpace = R"(name: tiny
network:
  input: {channels: 1, height: 28, width: 28}
  activation: relu
  stem: {channels: 4, kernel: 3, stride: 2}
  stages:
    a: {type: convolution, kernel: 3, channels: [4, 6, 8], stride: 2}
    b: {type: ibn, expansion: 2, channels: [8, 12, 16], stride: 2}
  head: {type: classification, classes: 10}
engine:
  vary: none
)";

std::string be32(std::size_t value) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift & 255);
  return out;
}

// Ten classes of bright squares, each at a place of its own, under noise.
void write_images(const ScratchFolder& folder, const std::string& name, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::string images = be32(2051) + be32(count) + be32(28) + be32(28), labels = be32(2049) + be32(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::size_t>(random.below(10));
    labels += static_cast<char>(label);
    for (std::size_t row = 0; row < 28; ++row) {
      for (std::size_t column = 0; column < 28; ++column) {
        const bool bright = row / 14 == label % 2 && column / 5 == label / 2;
        images += static_cast<char>(random.below(100) + (bright ? 120 : 0));
      }
    }
  }
  folder.write("data/" + name + "-images-idx3-ubyte", images);
  folder.write("data/" + name + "-labels-idx1-ubyte", labels);
}

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() {
    std::filesystem::create_directories(folder_.file("data"));
    write_images(folder_, "train", 400, 1);
    write_images(folder_, "t10k", 200, 2);
  }

  Arguments job(const std::string& accuracy, const std::string& out, const Arguments& more = {}) const {
    const std::string space = folder_.write("space.yaml", kSpace + ("accuracy: " + accuracy) + "\n");
    Arguments arguments = {"codesign",    "--space",   space,           "--hw",
                           kEngine,       "--measure", "--rows",        "200",
                           "--engines",   "8",         "--trees",       "20",
                           "--depth",     "4",         "--quick",       "--out",
                           out,           "--json",    "--objectives",  "macs,accuracy",
                           "--algorithm", "random",    "--population",  "4",
                           "--finalists", "1",         "--evaluations", "2",
                           "--rounds",    "0",         "--simulations", "1",
                           "--seed",      "5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  // Accuracy of each network that a job priced.
  static std::map<std::string, double> accuracies(const std::string& folder) {
    const record::CsvTable table = record::read_csv(folder + "/history.csv");
    std::map<std::string, double> out;
    for (const record::CsvRow& row : table.rows) {
      EXPECT_EQ(row.cells[table.find("failure").value()], "");
      out[row.cells[table.find("encoding").value()]] = std::stod(row.cells[table.find("accuracy").value()]);
    }
    return out;
  }

  // Whether a training under the folder has left a checkpoint.
  static bool has_checkpoint(const std::string& folder) {
    std::error_code none;
    for (auto at = std::filesystem::recursive_directory_iterator(folder, none), end = decltype(at){}; at != end;
         at.increment(none)) {
      if (none) return false;
      if (at->path().filename() == "checkpoint") return true;
    }
    return false;
  }

  ScratchFolder folder_;
};

const char* const kTraining =
    "{train: data, epochs: 4, jobs: 2, options: [--set, batch=20, --set, validation=0, --set, moving_average=0, --set, "
    "learning_rate=0.1, "
    "--set, "
    "augment=none]}";

TEST_F(SearchTest, trains_every_network_and_goes_on_from_a_checkpoint_after_a_kill) {
  Running running(job(kTraining, folder_.file("killed")));
  for (int i = 0; i < 30000 && !has_checkpoint(folder_.file("killed") + "/work"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  running.send(SIGKILL);
  running.wait();
  ASSERT_TRUE(has_checkpoint(folder_.file("killed") + "/work"));
  const Finished resumed = run(job(kTraining, folder_.file("killed")));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  const Finished whole = run(job(kTraining, folder_.file("whole")));
  ASSERT_EQ(whole.status, 0) << whole.err;
  EXPECT_EQ(text_of(folder_.file("killed") + "/result.json"), text_of(folder_.file("whole") + "/result.json"));
  const auto trained = accuracies(folder_.file("whole"));
  EXPECT_GE(trained.size(), 3u);
  double best = 0;
  for (const auto& [encoding, accuracy] : trained) best = std::max(best, accuracy);
  EXPECT_GT(best, 0.3) << "no network learned what is plain to see";
  EXPECT_GT(Json::parse(whole.out).at("cost").at("accuracy").at("program_seconds"), 0);
}

TEST_F(SearchTest, a_trainer_of_ones_own_in_pytorch_works_as_documented) {
  const std::string python = "/usr/bin/python3";
  if (std::system((python + " -c 'import torch, onnx' > /dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << python << " has no torch or no onnx";
  }
  std::filesystem::copy_file("examples/pytorch_trainer.py", folder_.file("pytorch_trainer.py"));
  const std::string accuracy = "{command: [" + python +
                               ", pytorch_trainer.py, --data, made-up, --images, 400, --held-out, 200, --epochs, 6, "
                               "--batch, 20], jobs: 2, timeout: 300 s}";
  const Finished finished = run(job(accuracy, folder_.file("own"), {"--allow-commands"}));
  ASSERT_EQ(finished.status, 0) << finished.err;
  double best = 0;
  for (const auto& [encoding, value] : accuracies(folder_.file("own"))) best = std::max(best, value);
  EXPECT_GT(best, 0.3);
}

}  // namespace
}  // namespace lanewise::cli::testing
