// SPDX-License-Identifier: Apache-2.0
// Images changed at random: by seed, epoch and image alone, pixels, boxes and masks together.
#include "accuracy/training/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::int64_t kSide = 8;

// Every pixel of every image tells where it is: 1 + its place.
Dataset numbered(std::int64_t images, Task task) {
  Dataset data;
  data.task = task;
  data.channels = 1;
  data.height = data.width = kSide;
  data.classes = {"a", "b"};
  for (std::int64_t i = 0; i < images; ++i) {
    for (int at = 0; at < kSide * kSide; ++at) data.pixels.push_back(static_cast<std::uint8_t>(1 + at));
    data.labels.push_back(static_cast<int>(i % 2));
    if (task == Task::kDetection) data.boxes.push_back({Box{2, 3, 5, 7, 1, false}});
    if (task == Task::kSegmentation) {
      for (int at = 0; at < kSide * kSide; ++at) data.masks.push_back(static_cast<std::uint8_t>(1 + at));
    }
  }
  return data;
}

std::vector<std::int64_t> all_of(const Dataset& data) {
  std::vector<std::int64_t> images(static_cast<std::size_t>(data.images()));
  std::iota(images.begin(), images.end(), std::int64_t{0});
  return images;
}

Dataset changed(const Dataset& data, const std::vector<std::string>& operations, std::uint64_t seed = 1,
                std::int64_t epoch = 1) {
  std::vector<Augmentation> parsed;
  for (const std::string& text : operations) parsed.push_back(parse_augmentation(text));
  return augmented_batch(data, all_of(data), parsed, seed, epoch);
}

TEST(EpochOrder, it_is_a_permutation_that_seed_and_epoch_decide) {
  std::vector<std::int64_t> order = epoch_order(1000, 3, 2);
  EXPECT_EQ(order, epoch_order(1000, 3, 2));
  EXPECT_NE(order, epoch_order(1000, 3, 3));
  EXPECT_NE(order, epoch_order(1000, 4, 2));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Augmentation, what_happens_to_an_image_does_not_depend_on_its_batch) {
  const Dataset data = numbered(20, Task::kClassification);
  const std::vector<Augmentation> operations = {parse_augmentation("pad-crop=2"), parse_augmentation("flip=0.5"),
                                                parse_augmentation("erase=0.5")};
  const Dataset whole = augmented_batch(data, all_of(data), operations, 7, 4);
  for (const std::int64_t image : {0, 5, 19}) {
    const Dataset alone = augmented_batch(data, {image}, operations, 7, 4);
    EXPECT_TRUE(std::equal(alone.pixels.begin(), alone.pixels.end(), whole.image(image))) << image;
  }
  EXPECT_NE(augmented_batch(data, all_of(data), operations, 7, 5).pixels, whole.pixels);
  EXPECT_NE(augmented_batch(data, all_of(data), operations, 8, 4).pixels, whole.pixels);
}

TEST(Augmentation, padding_and_cropping_reach_every_offset_about_as_often) {
  const Dataset data = numbered(5000, Task::kClassification);
  const Dataset moved = changed(data, {"pad-crop=2"});
  std::map<std::pair<int, int>, int> counts;
  for (std::int64_t i = 0; i < moved.images(); ++i) {
    // Where what stands in the middle came from.
    const int from = moved.image(i)[4 * kSide + 4] - 1;
    const int top = from / static_cast<int>(kSide) - 4, left = from % static_cast<int>(kSide) - 4;
    ++counts[{top, left}];
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column) {
        const int r = row + top, c = column + left;
        const bool is_inside = r >= 0 && r < kSide && c >= 0 && c < kSide;
        ASSERT_EQ(moved.image(i)[row * kSide + column], is_inside ? 1 + r * kSide + c : 0);
      }
    }
  }
  EXPECT_EQ(counts.size(), 25u);  // offsets 0 to 4 of the padded image, both ways
  for (const auto& [offset, count] : counts) EXPECT_NEAR(count, 200, 70);  // five standard deviations
}

TEST(Augmentation, a_share_below_one_is_of_the_side) {
  const Dataset moved = changed(numbered(500, Task::kClassification), {"pad-crop=0.125"});  // one pixel of eight
  std::set<int> seen;
  for (std::int64_t i = 0; i < moved.images(); ++i) seen.insert(moved.image(i)[4 * kSide + 4]);
  EXPECT_EQ(seen.size(), 9u);
}

TEST(Augmentation, half_of_the_images_are_flipped_and_twice_is_none) {
  const Dataset data = numbered(2000, Task::kClassification);
  const Dataset flipped = changed(data, {"flip=0.5"});
  int count = 0;
  for (std::int64_t i = 0; i < flipped.images(); ++i) count += flipped.image(i)[0] == kSide ? 1 : 0;
  EXPECT_NEAR(count, 1000, 112);
  EXPECT_EQ(changed(data, {"flip=1", "flip=1"}).pixels, data.pixels);
  EXPECT_EQ(changed(data, {"flip-vertical=1", "flip-vertical=1"}).pixels, data.pixels);
  EXPECT_EQ(changed(data, {"flip=0"}).pixels, data.pixels);
}

TEST(Augmentation, masks_move_with_their_pixels_and_end_as_ignored) {
  const Dataset moved = changed(numbered(50, Task::kSegmentation), {"pad-crop=3", "flip=0.5", "flip-vertical=0.5"});
  for (std::size_t i = 0; i < moved.pixels.size(); ++i) {
    const std::uint8_t expected = moved.pixels[i] == 0 ? Dataset::kIgnored : moved.pixels[i];
    ASSERT_EQ(moved.masks[i], expected);
  }
}

TEST(Augmentation, boxes_move_with_their_pixels) {
  const Dataset moved = changed(numbered(200, Task::kDetection), {"pad-crop=1", "flip=0.5", "flip-vertical=0.5"});
  // The box holds the pixels of rows 3 to 6 and columns 2 to 4; one pixel of shift leaves it inside.
  for (std::int64_t i = 0; i < moved.images(); ++i) {
    const auto& boxes = moved.boxes[static_cast<std::size_t>(i)];
    ASSERT_EQ(boxes.size(), 1u);
    std::set<int> inside;
    for (int row = static_cast<int>(boxes[0].top); row < static_cast<int>(boxes[0].bottom); ++row) {
      for (int column = static_cast<int>(boxes[0].left); column < static_cast<int>(boxes[0].right); ++column) {
        inside.insert(moved.image(i)[row * kSide + column] - 1);
      }
    }
    std::set<int> expected;
    for (int row = 3; row < 7; ++row) {
      for (int column = 2; column < 5; ++column) expected.insert(row * static_cast<int>(kSide) + column);
    }
    ASSERT_EQ(inside, expected);
  }
}

TEST(Augmentation, an_object_that_leaves_the_image_is_forgotten) {
  Dataset data = numbered(300, Task::kDetection);
  for (auto& boxes : data.boxes) boxes = {Box{0, 0, 2, 2, 0, false}};
  const Dataset moved = changed(data, {"pad-crop=4"});
  const std::int64_t left = std::count_if(moved.boxes.begin(), moved.boxes.end(), [](const auto& boxes) { return !boxes.empty(); });
  EXPECT_GT(left, 0);
  EXPECT_LT(left, moved.images());
  for (const auto& boxes : moved.boxes) {
    for (const Box& box : boxes) {
      EXPECT_GE(box.left, 0);
      EXPECT_LE(box.right, kSide);
      EXPECT_LT(box.left, box.right);
    }
  }
}

TEST(Augmentation, colours_are_changed_within_their_bounds_and_grey_stays_grey) {
  Dataset data;
  data.channels = 3;
  data.height = data.width = 2;
  data.classes = {"a"};
  for (int i = 0; i < 100; ++i) {
    data.labels.push_back(0);
    for (int at = 0; at < 12; ++at) data.pixels.push_back(100);
  }
  for (const std::uint8_t value : changed(data, {"brightness=0.2"}).pixels) {
    EXPECT_GE(value, 80);
    EXPECT_LE(value, 120);
  }
  EXPECT_EQ(changed(data, {"contrast=0.5"}).pixels, data.pixels);
  EXPECT_EQ(changed(data, {"saturation=0.5"}).pixels, data.pixels);
}

TEST(Augmentation, what_is_erased_is_a_bounded_rectangle) {
  const Dataset data = numbered(200, Task::kClassification);
  const Dataset erased = changed(data, {"erase=1"});
  for (std::int64_t i = 0; i < data.images(); ++i) {
    int different = 0;
    for (int at = 0; at < kSide * kSide; ++at) different += erased.image(i)[at] != data.image(i)[at] ? 1 : 0;
    EXPECT_LE(different, 20);  // a fifth of 64, sides rounded up
  }
}

TEST(Augmentation, unknown_operations_and_amounts_are_refused) {
  for (const char* text : {"turn=1", "flip", "flip=", "flip=2", "flip=x", "pad-crop=-1", "=1", "flip=nan"}) {
    EXPECT_THROW(parse_augmentation(text), Error) << text;
  }
}

}  // namespace
}  // namespace lanewise::accuracy
