// SPDX-License-Identifier: Apache-2.0
// How images are brought to a network's input.
#include "accuracy/data/image.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

using Bytes8 = std::vector<std::uint8_t>;

TEST(Resize, enlarging_is_linear_between_the_centres_of_pixels) {
  EXPECT_EQ(resize({1, 1, 2, {0, 100}}, 1, 4).pixels, (Bytes8{0, 25, 75, 100}));
  EXPECT_EQ(resize({1, 2, 1, {0, 100}}, 4, 1).pixels, (Bytes8{0, 25, 75, 100}));
  EXPECT_EQ(resize({3, 1, 2, {0, 10, 20, 100, 110, 120}}, 1, 4).pixels,
            (Bytes8{0, 10, 20, 25, 35, 45, 75, 85, 95, 100, 110, 120}));
}

// Four pixels to two: the filter reaches two pixels to either side of 1 and of 3. Weights of the first: 3/4, 3/4, 1/4
// of 7/4.
TEST(Resize, shrinking_looks_at_every_pixel) {
  EXPECT_EQ(resize({1, 1, 4, {70, 0, 0, 0}}, 1, 2).pixels, (Bytes8{30, 0}));
  EXPECT_EQ(resize({1, 1, 4, {0, 0, 70, 0}}, 1, 2).pixels, (Bytes8{10, 30}));
  EXPECT_EQ(resize({1, 2, 2, {10, 20, 30, 40}}, 1, 1).pixels, (Bytes8{25}));
}

TEST(Resize, an_even_area_stays_even) {
  for (const std::uint8_t value : Bytes8{0, 1, 77, 254, 255}) {
    for (const std::int64_t side : {1, 2, 3, 5, 17, 64, 100}) {
      const Image image = resize({1, 23, 31, Bytes8(23 * 31, value)}, side, 2 * side);
      EXPECT_EQ(image.pixels, Bytes8(static_cast<std::size_t>(2 * side * side), value));
    }
  }
}

TEST(Resize, the_mean_is_nearly_kept) {
  Random random(5);
  Bytes8 pixels;
  double sum = 0;
  for (int i = 0; i < 60 * 60; ++i) {
    pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
    sum += pixels.back();
  }
  double small = 0;
  for (const std::uint8_t value : resize({1, 60, 60, pixels}, 15, 20).pixels) small += value;
  EXPECT_NEAR(small / (15 * 20), sum / (60 * 60), 2);
}

TEST(Resize, classes_are_taken_from_the_nearest_pixel) {
  EXPECT_EQ(resize_nearest({1, 1, 4, {1, 2, 3, 4}}, 1, 2).pixels, (Bytes8{2, 4}));
  EXPECT_EQ(resize_nearest({1, 1, 2, {1, 9}}, 2, 4).pixels, (Bytes8{1, 1, 9, 9, 1, 1, 9, 9}));
}

TEST(Channels, grey_and_rgb_become_each_other) {
  EXPECT_EQ(with_channels({1, 1, 2, {5, 6}}, 3).pixels, (Bytes8{5, 5, 5, 6, 6, 6}));
  EXPECT_EQ(with_channels({3, 1, 2, {255, 0, 0, 0, 255, 0}}, 1).pixels, (Bytes8{76, 150}));
  EXPECT_EQ(with_channels({3, 1, 1, {9, 9, 9}}, 1).pixels, (Bytes8{9}));
  EXPECT_THROW(with_channels({3, 1, 1, {9, 9, 9}}, 4), Error);
}

TEST(ImageStore, images_lie_channel_by_channel) {
  Dataset data;
  DatasetOptions options;
  ImageStore store("here", options, 2, 3, 1, 2, false, data);
  store.put(1, {3, 1, 2, {1, 2, 3, 4, 5, 6}}, "b");
  EXPECT_EQ(data.pixels, (Bytes8{0, 0, 0, 0, 0, 0, 1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(data.images(), 2);
  EXPECT_THROW(store.put(0, {3, 2, 2, Bytes8(12)}, "other size"), Error);
}

TEST(ImageStore, a_letterbox_keeps_proportions) {
  Dataset data;
  DatasetOptions options;
  options.channels = 1;
  options.height = options.width = 4;
  options.fit = Fit::kLetterbox;
  ImageStore store("here", options, 1, 1, 4, 4, true, data);
  const Placement at = store.put(0, {1, 2, 4, Bytes8(8, 50)}, "wide");
  store.put_mask(0, {1, 2, 4, Bytes8(8, 3)});
  EXPECT_EQ(data.pixels, (Bytes8{114, 114, 114, 114, 50, 50, 50, 50, 50, 50, 50, 50, 114, 114, 114, 114}));
  EXPECT_EQ(data.masks, (Bytes8{255, 255, 255, 255, 3, 3, 3, 3, 3, 3, 3, 3, 255, 255, 255, 255}));
  EXPECT_FLOAT_EQ(at.scale_x, 1);
  EXPECT_FLOAT_EQ(at.offset_y, 1);
  EXPECT_EQ(at.width, 4);
}

TEST(ImageStore, more_than_the_memory_allows_is_refused_with_the_bound) {
  Dataset data;
  DatasetOptions options;
  options.most_bytes = lanewise::Bytes{1 << 20};
  try {
    ImageStore("there", options, 1000, 3, 64, 64, false, data);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("1 MiB"), std::string::npos) << error.what();
  }
}

TEST(Normalisation, mean_and_deviation_are_those_of_the_pixels) {
  Dataset data;
  data.channels = 2;
  data.height = 1;
  data.width = 2;
  data.pixels = {0, 255, 51, 51, 0, 255, 51, 51};
  const Normalisation measured = measure_normalisation(data);
  EXPECT_FLOAT_EQ(measured.mean[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.deviation[0], 0.5F);
  EXPECT_FLOAT_EQ(measured.mean[1], 0.2F);
  EXPECT_FLOAT_EQ(measured.deviation[1], 1.0F);
}

}  // namespace
}  // namespace lanewise::accuracy
