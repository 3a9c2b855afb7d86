// SPDX-License-Identifier: Apache-2.0
// Fashion-MNIST and the scenes that are composed of it, held against published hashes.
#include <gtest/gtest.h>

#include <filesystem>

#include "accuracy/data/load_dataset.hpp"
#include "core/base/error.hpp"
#include "tests/accuracy/data/sha256.hpp"

namespace lanewise::accuracy {
namespace {

// Examples of FIPS 180-2 and of NIST's test vectors.
TEST(Sha256, the_standards_examples_come_out) {
  EXPECT_EQ(sha256(std::string()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::string("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

bool is_installed() { return std::filesystem::exists(DatasetOptions{}.fashion_mnist_folder); }

TEST(Scenes, images_and_masks_have_the_published_bytes) {
  if (!is_installed()) GTEST_SKIP() << "Fashion-MNIST is not installed";
  DatasetOptions options;
  options.validation_share = 0;
  const LoadedDataset loaded = load_dataset("fm28-scenes:segmentation", options);
  EXPECT_EQ(sha256(loaded.train.pixels), "4fe8a4cae4288b2638b7b14306b36b9a5d4f4dfb7aa2d07db7d5374bd6e59975");
  EXPECT_EQ(sha256(loaded.train.masks), "9dc59e5595a58ae829d18fed0356cbb184d824da8ea6893a5b0bfc62296ca1f4");
  EXPECT_EQ(sha256(loaded.test.pixels), "c0c3cd951a9eced0c5dbea1ae06160129437cd479a9584d31178fd5d66fd3d0c");
  EXPECT_EQ(sha256(loaded.test.masks), "5e0b93457425f2d62545af767f6c77d10f9b65da1548a0eabdac5f92a5dd9809");
  EXPECT_EQ(loaded.train.classes.size(), 11U);
  EXPECT_EQ(loaded.validation.images(), 0);
}

// The visible part of an object is inside of its box, and the last object of a scene hides nothing of itself: its box
// is tight around its part of the mask.
TEST(Scenes, boxes_are_tight_around_objects) {
  if (!is_installed()) GTEST_SKIP() << "Fashion-MNIST is not installed";
  DatasetOptions options;
  options.validation_share = 0;
  const LoadedDataset boxes = load_dataset("fm28-scenes:detection", options);
  const LoadedDataset masks = load_dataset("fm28-scenes:segmentation", options);
  ASSERT_EQ(boxes.test.pixels, masks.test.pixels);
  ASSERT_EQ(boxes.test.boxes.size(), 2000U);
  for (std::size_t image = 0; image < boxes.test.boxes.size(); ++image) {
    const std::vector<Box>& objects = boxes.test.boxes[image];
    ASSERT_GE(objects.size(), 1U);
    ASSERT_LE(objects.size(), 4U);
    const std::uint8_t* mask = masks.test.masks.data() + image * 64 * 64;
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) {
        if (mask[y * 64 + x] == 0) continue;
        bool is_inside = false;
        for (const Box& box : objects) {
          is_inside = is_inside || (box.label + 1 == mask[y * 64 + x] && static_cast<float>(x) >= box.left &&
                                    static_cast<float>(x) < box.right && static_cast<float>(y) >= box.top &&
                                    static_cast<float>(y) < box.bottom);
        }
        ASSERT_TRUE(is_inside) << "scene " << image << " pixel " << x << "," << y;
      }
    }
    const Box& last = objects.back();
    const auto touches = [&](int x0, int x1, int y0, int y1) {
      for (int y = y0; y < y1; ++y) {
        for (int x = x0; x < x1; ++x) {
          if (mask[y * 64 + x] == last.label + 1) return true;
        }
      }
      return false;
    };
    const int l = static_cast<int>(last.left), r = static_cast<int>(last.right), t = static_cast<int>(last.top),
              b = static_cast<int>(last.bottom);
    ASSERT_TRUE(touches(l, l + 1, t, b) && touches(r - 1, r, t, b) && touches(l, r, t, t + 1) &&
                touches(l, r, b - 1, b))
        << "scene " << image;
  }
}

TEST(FashionMnist, the_data_set_is_whole_and_its_normalisation_is_the_usual_one) {
  if (!is_installed()) GTEST_SKIP() << "Fashion-MNIST is not installed";
  DatasetOptions options;
  options.validation_share = 0;
  const LoadedDataset loaded = load_dataset("fashion-mnist", options);
  EXPECT_EQ(loaded.train.images(), 60000);
  EXPECT_EQ(loaded.test.images(), 10000);
  EXPECT_EQ(loaded.train.classes.front(), "T-shirt/top");
  EXPECT_EQ(loaded.report.splits[0].by_class, std::vector<std::int64_t>(10, 6000));
  EXPECT_FLOAT_EQ(loaded.normalisation.mean.at(0), 0.2860F);
  EXPECT_FLOAT_EQ(loaded.normalisation.deviation.at(0), 0.3530F);
  // It is what these images have, rounded.
  const Normalisation measured = measure_normalisation(loaded.train);
  EXPECT_NEAR(measured.mean.at(0), 0.2860F, 5e-5);
  EXPECT_NEAR(measured.deviation.at(0), 0.3530F, 5e-5);
}

TEST(FashionMnist, a_validation_split_is_stratified_seeded_and_apart) {
  if (!is_installed()) GTEST_SKIP() << "Fashion-MNIST is not installed";
  const LoadedDataset loaded = load_dataset("fashion-mnist", {});
  EXPECT_EQ(loaded.train.images(), 54000);
  EXPECT_EQ(loaded.report.splits[1].by_class, std::vector<std::int64_t>(10, 600));
  EXPECT_EQ(load_dataset("fashion-mnist", {}).validation.pixels, loaded.validation.pixels);
  DatasetOptions other;
  other.seed = 1;
  EXPECT_NE(load_dataset("fashion-mnist", other).validation.pixels, loaded.validation.pixels);
  EXPECT_EQ(load_dataset("fashion-mnist", other).test.pixels, loaded.test.pixels);
}

TEST(FashionMnist, where_it_is_missing_the_package_is_named) {
  DatasetOptions options;
  options.fashion_mnist_folder = "/nowhere/fashion-mnist";
  try {
    load_dataset("fashion-mnist", options);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("apt install dataset-fashion-mnist"), std::string::npos);
  }
}

}  // namespace
}  // namespace lanewise::accuracy
