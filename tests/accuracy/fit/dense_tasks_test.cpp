// SPDX-License-Identifier: Apache-2.0
// A person's own detectors and segmenters, trained by the program on files such as they have.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/accuracy/fit/drawn_sets.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::fit {
namespace {

using cli::testing::Json;
using cli::testing::ScratchFolder;
using cli::testing::text_of;

struct Ended {
  int status = 0;
  std::string out, err;
};

class OwnData : public ::testing::Test {
 protected:
  // A space of one network that ends in this head.
  std::string space(const std::string& head) const {
    return scratch_.write("space.yaml",
                          "name: own\nnetwork:\n  input: {channels: 3, height: 32, width: 32}\n"
                          "  stem: {channels: 16, kernel: 3, stride: 2}\n  stages:\n"
                          "    a: {type: fused_ibn, channels: 24, expansion: 2, stride: 2}\n"
                          "    b: {type: ibn, channels: 32, expansion: 2, stride: 2}\n"
                          "  head: {" +
                              head + "}\n");
  }

  Ended fit(const std::string& words) const {
    const std::string out = scratch_.file("out"), err = scratch_.file("err");
    const int status =
        std::system((std::string(LANEWISE_BINARY_DIR) + "/lanewise-fit " + words + " >" + out + " 2>" + err).c_str());
    return {WEXITSTATUS(status), text_of(out), text_of(err)};
  }

  // A metric of the images kept for testing.
  double trained(const std::string& head, const std::string& metric) const {
    const Ended ended = fit("train --space " + space(head) + " --encoding default --data " + data() + " --out " +
                            scratch_.file("trained") +
                            " --epochs 25 --set batch=16 --set learning_rate=0.05 --set moving_average=0.9 --json");
    EXPECT_EQ(ended.status, 0) << ended.err;
    const Json json = Json::parse(ended.out, nullptr, false);
    if (json.is_discarded()) return -1;
    const Json& test = json.at("networks").at(0).at("test");
    for (const Json& each : test) {
      if (each.at("name") == metric) return each.at("value");
    }
    ADD_FAILURE() << test.dump();
    return -1;
  }

  std::string data() const { return scratch_.file("data"); }

  ScratchFolder scratch_;
};

TEST_F(OwnData, a_coco_file_trains_a_detector_without_anchors) {
  testing::write_coco(data());
  EXPECT_GT(trained("type: anchor_free, from: [a, b], layers: 1, channels: 32, classes: 2", "map50"), 0.7);
}

TEST_F(OwnData, a_yolo_folder_trains_a_detector_with_anchors_and_background) {
  testing::write_yolo(data());
  EXPECT_GT(trained("type: detection, from: [a, b], boxes: 4, classes: 3", "map50"), 0.7);
}

TEST_F(OwnData, a_yolo_folder_trains_a_detector_with_anchors_alone) {
  testing::write_yolo(data());
  EXPECT_GT(trained("type: detection, from: [a, b], boxes: 4, classes: 2", "map50"), 0.7);
}

TEST_F(OwnData, a_folder_of_masks_trains_segmenters) {
  testing::write_masks(data());
  EXPECT_GT(trained("type: lraspp, low: a, channels: 32, classes: 3", "miou"), 0.7);
}

TEST_F(OwnData, what_fits_no_task_is_refused_in_one_line) {
  testing::write_yolo(data());
  const Ended ended = fit("train --space " + space("type: lraspp, low: a, classes: 3") + " --encoding default --data " +
                          data() + " --out " + scratch_.file("trained"));
  EXPECT_NE(ended.status, 0);
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  EXPECT_NE(ended.err.find("'segments' [1, 3, 32, 32]"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("'class_logits'"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace lanewise::fit
