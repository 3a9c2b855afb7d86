// SPDX-License-Identifier: Apache-2.0
// Boxes, anchors, cells and decoding against values worked out by hand.
#include "accuracy/training/detection_targets.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "accuracy/training/detection_decoding.hpp"
#include "core/base/error.hpp"
#include "core/engine/engine_config.hpp"
#include "nas/space/space.hpp"

namespace lanewise::accuracy {
namespace {

Box box(float left, float top, float right, float bottom, int label = 0) {
  Box made;
  made.left = left;
  made.top = top;
  made.right = right;
  made.bottom = bottom;
  made.label = label;
  return made;
}

DetectionHead head_of(DetectionHead::Coding coding, std::vector<DetectionMap> maps, std::int64_t side = 64) {
  DetectionHead head;
  head.coding = coding;
  head.classes = 2;
  head.height = head.width = side;
  for (DetectionMap& map : maps) {
    map.stride_y = static_cast<double>(side) / static_cast<double>(map.rows);
    map.stride_x = static_cast<double>(side) / static_cast<double>(map.columns);
  }
  head.maps = std::move(maps);
  return head;
}

DetectionMap map_of(std::int64_t side, std::int64_t boxes = 1) {
  DetectionMap map;
  map.rows = map.columns = side;
  map.boxes = boxes;
  return map;
}

TEST(Boxes, overlap_and_its_generalisation) {
  const Box a = box(0, 0, 4, 4);
  EXPECT_DOUBLE_EQ(overlap(a, a), 1);
  EXPECT_DOUBLE_EQ(overlap(a, box(2, 0, 6, 4)), 8.0 / 24);
  EXPECT_DOUBLE_EQ(overlap(a, box(4, 0, 8, 4)), 0);
  EXPECT_DOUBLE_EQ(overlap(box(1, 1, 1, 1), box(1, 1, 1, 1)), 0);
  EXPECT_DOUBLE_EQ(generalised_overlap(a, a), 1);
  // Around (0, 0, 6, 6) of 36 the union is 16 + 16 − 4.
  EXPECT_DOUBLE_EQ(generalised_overlap(a, box(2, 2, 6, 6)), 4.0 / 28 - 8.0 / 36);
  // Apart by a box's width: the union is two thirds of what is around both.
  EXPECT_DOUBLE_EQ(generalised_overlap(a, box(8, 0, 12, 4)), -1.0 / 3);
}

TEST(Suppression, keeps_the_surest_of_a_class_and_the_first_of_equals) {
  const std::vector<FoundBox> found = {{box(0, 0, 10, 10, 0), 0.5F},
                                       {box(0, 0, 10, 9, 0), 0.9F},
                                       {box(0, 0, 10, 10, 1), 0.5F},
                                       {box(20, 0, 30, 10, 0), 0.5F},
                                       {box(20, 0, 30, 10, 0), 0.5F},
                                       {box(0, 0, 10, 4.5F, 0), 0.1F}};
  const std::vector<FoundBox> kept = suppress(found, 0.5);
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_FLOAT_EQ(kept[0].box.bottom, 9);  // which leaves no other of its place and class but the half as large
  EXPECT_EQ(kept[1].box.label, 1);
  EXPECT_FLOAT_EQ(kept[2].box.left, 20);
  EXPECT_FLOAT_EQ(kept[3].box.bottom, 4.5F);  // overlaps by exactly a half, which is not more than that
}

TEST(Anchors, sizes_share_a_tenth_to_the_whole_between_maps) {
  const std::vector<Anchor> anchors =
      anchors_of(head_of(DetectionHead::Coding::kOffsets, {map_of(2, 7), map_of(1, 2)}, 100));
  ASSERT_EQ(anchors.size(), 2u * 2 * 7 + 2);
  const double fine = std::pow(10, -0.75), coarse = std::pow(10, -0.25);
  EXPECT_FLOAT_EQ(anchors[0].x, 25);
  EXPECT_FLOAT_EQ(anchors[0].y, 25);
  EXPECT_NEAR(anchors[0].width, 100 * fine, 1e-4);
  EXPECT_NEAR(anchors[1].width, 100 * std::sqrt(fine * coarse), 1e-4);
  EXPECT_NEAR(anchors[2].width / anchors[2].height, 2, 1e-5);
  EXPECT_NEAR(anchors[5].width / anchors[5].height, 1.0 / 3, 1e-5);
  EXPECT_NEAR(anchors[5].width * anchors[5].height, 1e4 * fine * fine, 1e-2);
  EXPECT_NEAR(anchors[6].width, 70 * fine, 1e-4);
  EXPECT_FLOAT_EQ(anchors[7].x, 75);  // along the row first
  EXPECT_FLOAT_EQ(anchors[7].y, 25);
  EXPECT_NEAR(anchors[28].width, 100 * coarse, 1e-4);
  EXPECT_NEAR(anchors[29].width, 100, 1e-4);
}

TEST(Anchors, offsets_read_back) {
  const Anchor anchor{20, 30, 10, 40};
  const std::array<float, 4> offsets = offsets_of(box(16, 20, 26, 60), anchor);
  EXPECT_FLOAT_EQ(offsets[0], 1);     // a tenth of the width to the right
  EXPECT_FLOAT_EQ(offsets[1], 2.5F);  // a quarter of the height down
  EXPECT_FLOAT_EQ(offsets[2], 0);
  EXPECT_FLOAT_EQ(offsets[3], 0);
  const Box back = box_of_offsets(offsets_of(box(3, 4, 33, 18), anchor).data(), anchor);
  EXPECT_NEAR(back.left, 3, 1e-4);
  EXPECT_NEAR(back.top, 4, 1e-4);
  EXPECT_NEAR(back.right, 33, 1e-4);
  EXPECT_NEAR(back.bottom, 18, 1e-4);
}

TEST(Matching, every_object_has_an_anchor_and_near_ones_help) {
  // Along a line: [0, 10], [8, 18], [40, 50], [60, 70], all ten high.
  const std::vector<Anchor> anchors = {{5, 5, 10, 10}, {13, 5, 10, 10}, {45, 5, 10, 10}, {65, 5, 10, 10}};
  Box crowd = box(58, 0, 80, 10, 1);
  crowd.is_crowd = true;
  // The first overlaps the first anchor by 9/11; the second overlaps the first by 3/17 and the second by 5/15, both too
  // little; the third overlaps the third by 2/18.
  const std::vector<PositionTarget> targets =
      match_anchors(anchors, {box(1, 0, 11, 10, 0), box(3, 0, 13, 10, 1), box(48, 0, 58, 10, 1), crowd});
  EXPECT_EQ(targets[0].label, 0);
  EXPECT_FLOAT_EQ(targets[0].box.left, 1);
  EXPECT_EQ(targets[1].label, 1);  // its best anchor is the other's, which overlaps more
  EXPECT_FLOAT_EQ(targets[1].box.left, 3);
  EXPECT_EQ(targets[2].label, 1);
  EXPECT_EQ(targets[3].label, PositionTarget::kIgnored);
  const std::vector<PositionTarget> none = match_anchors(anchors, {});
  for (const PositionTarget& target : none) EXPECT_EQ(target.label, PositionTarget::kNothing);
}

TEST(Cells, stand_for_objects_whose_centre_is_near) {
  const DetectionHead head = head_of(DetectionHead::Coding::kDistances, {map_of(8)});
  const std::vector<Cell> cells = cells_of(head);
  EXPECT_FLOAT_EQ(cells[0].x, 4);
  EXPECT_FLOAT_EQ(cells[9].y, 12);
  EXPECT_FLOAT_EQ(cells[0].scale_x, 12);  // 3/16 of 64
  // Centre (16, 16): cells at 12 and 20 are closer than 8, those at 4 and 28 are not.
  std::vector<PositionTarget> targets = match_cells(head, cells, {box(2, 2, 30, 30, 1)}, false);
  int standing = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) standing += targets[i].label == 1 ? 1 : 0;
  EXPECT_EQ(standing, 4);
  EXPECT_EQ(targets[9].label, 1);
  EXPECT_EQ(targets[18].label, 1);
  // Centre (20, 20) in the middle of a cell: its neighbours are exactly one stride away.
  targets = match_cells(head, cells, {box(6, 6, 34, 34, 1), box(14, 14, 26, 26, 0)}, false);
  EXPECT_EQ(targets[18].label, 0);  // of two the later one
  EXPECT_EQ(targets[17].label, PositionTarget::kNothing);
  // Between centres of cells: inside no box.
  const Box narrow = box(13, 0, 19, 64, 1);
  EXPECT_EQ(match_cells(head, cells, {narrow}, false)[8 * 3 + 1].label, PositionTarget::kNothing);
  targets = match_cells(head, cells, {narrow}, true);
  EXPECT_EQ(targets[8 * 3 + 1].label, 1);  // the first of the four nearest
  EXPECT_FLOAT_EQ(targets[8 * 3 + 1].box.bottom, 64);
}

TEST(Cells, several_maps_share_objects_by_size) {
  const DetectionHead head = head_of(DetectionHead::Coding::kDistances, {map_of(16), map_of(8)});
  const std::vector<Cell> cells = cells_of(head);
  EXPECT_FLOAT_EQ(cells[0].scale_x, 6);
  EXPECT_FLOAT_EQ(cells[256].scale_x, 12);
  const auto standing = [&](const Box& object) {
    const std::vector<PositionTarget> targets = match_cells(head, cells, {object}, false);
    std::array<int, 2> counts{0, 0};
    for (std::size_t i = 0; i < targets.size(); ++i) counts[i < 256 ? 0 : 1] += targets[i].label >= 0 ? 1 : 0;
    return counts;
  };
  EXPECT_EQ(standing(box(8, 8, 40, 40)), (std::array<int, 2>{4, 0}));
  EXPECT_EQ(standing(box(8, 8, 41, 40)), (std::array<int, 2>{0, 4}));  // longer than eight strides of 4
}

TEST(Decoding, distances_become_boxes_of_the_best_cells) {
  const DetectionHead head = head_of(DetectionHead::Coding::kDistances, {map_of(2)}, 64);
  std::vector<float> logits(8, -9), distances(16, 0);
  logits[1] = 2;                                     // cell 0, class 1
  logits[3] = 1;                                     // cell 1, class 1
  distances[4 * 1 + 0] = std::log(28.0F / 12);       // from 48 to 20
  distances[4 * 1 + 2] = -9;                         // no less than 12·exp(−4)
  logits[6] = 0;                                     // cell 3, class 0
  distances[4 * 3 + 1] = 9;                          // no more than 12·exp(2)
  DetectionDecoder decoder(head, {});
  const std::vector<FoundBox> found = decoder.decode(logits.data(), distances.data());
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].box.label, 1);
  EXPECT_NEAR(found[0].score, 1 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_FLOAT_EQ(found[0].box.left, 4);
  EXPECT_FLOAT_EQ(found[0].box.bottom, 28);
  EXPECT_NEAR(found[1].box.left, 20, 1e-4);
  EXPECT_NEAR(found[1].box.right, 48 + 12 * std::exp(-4.0), 1e-4);
  EXPECT_NEAR(found[2].box.top, 48 - 12 * std::exp(2.0), 1e-3);
  DecodingLimits few;
  few.candidates = 2;
  EXPECT_EQ(DetectionDecoder(head, few).decode(logits.data(), distances.data()).size(), 2u);
  few.detections = 1;
  EXPECT_EQ(DetectionDecoder(head, few).decode(logits.data(), distances.data()).size(), 1u);
}

TEST(Decoding, a_background_takes_its_share) {
  DetectionHead head = head_of(DetectionHead::Coding::kOffsets, {map_of(1)}, 10);
  head.has_background = true;
  const std::vector<float> logits = {std::log(2.0F), std::log(1.0F), std::log(1.0F)}, offsets(4, 0);
  const std::vector<FoundBox> found = DetectionDecoder(head, {}).decode(logits.data(), offsets.data());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FLOAT_EQ(found[0].score, 0.25F);
  EXPECT_EQ(found[0].box.label, 0);
  EXPECT_NEAR(found[0].box.right - found[0].box.left, 10 * std::pow(10, -0.5), 1e-5);
}

class Heads : public testing::Test {
 protected:
  network::Graph build(const std::string& head) {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("lanewise_heads_" + std::to_string(getpid()) + ".yaml")).string();
    std::ofstream(path) << "name: mine\nnetwork:\n  input: {channels: 3, height: 32, width: 64}\n"
                        << "  stages:\n    a: {type: convolution, channels: 8, stride: 4}\n"
                        << "    b: {type: convolution, channels: 8, stride: 2}\n  head: {" << head << "}\n";
    const auto space = nas::make_network_space(nas::load_space(path), nullptr);
    std::filesystem::remove(path);
    return space->build(nas::Genotype(space->genes().size(), 0), {});
  }
  std::string refusal(const std::string& head, std::int64_t classes) {
    try {
      read_detection_head(build(head), classes);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Heads, are_read_from_the_graph) {
  const DetectionHead anchored = read_detection_head(build("type: detection, from: [a, b], classes: 4, boxes: 3"), 3);
  EXPECT_EQ(anchored.coding, DetectionHead::Coding::kOffsets);
  EXPECT_TRUE(anchored.has_background);
  ASSERT_EQ(anchored.maps.size(), 2u);
  EXPECT_EQ(anchored.maps[0].rows, 8);
  EXPECT_EQ(anchored.maps[0].columns, 16);
  EXPECT_EQ(anchored.maps[1].boxes, 3);
  EXPECT_EQ(anchored.positions(), (8 * 16 + 4 * 8) * 3);
  EXPECT_EQ(anchored.class_biases.size(), 2u);
  EXPECT_DOUBLE_EQ(anchored.maps[1].stride_x, 8);
  EXPECT_FALSE(read_detection_head(build("type: detection, classes: 3"), 3).has_background);
  const DetectionHead free = read_detection_head(build("type: anchor_free, from: [a, b], classes: 3"), 3);
  EXPECT_EQ(free.coding, DetectionHead::Coding::kDistances);
  EXPECT_EQ(free.positions(), 8 * 16 + 4 * 8);
}

TEST_F(Heads, of_other_tasks_and_classes_are_refused_in_a_line) {
  const std::string classifier = refusal("type: classification, classes: 3", 3);
  EXPECT_NE(classifier.find("'logits' [1, 3]"), std::string::npos) << classifier;
  EXPECT_NE(classifier.find("'class_logits' [batch, positions, 3]"), std::string::npos) << classifier;
  const std::string other = refusal("type: detection, classes: 9, boxes: 2", 3);
  EXPECT_NE(other.find("the data has 3 classes"), std::string::npos) << other;
  EXPECT_NE(other.find("with a background first, 4"), std::string::npos) << other;
  const std::string background = refusal("type: anchor_free, classes: 4", 3);
  EXPECT_NE(background.find("the data has 3 classes"), std::string::npos) << background;
  EXPECT_EQ(background.find("background"), std::string::npos) << background;
}

}  // namespace
}  // namespace lanewise::accuracy
