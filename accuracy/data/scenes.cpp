// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "accuracy/data/image.hpp"
#include "accuracy/data/place_box.hpp"
#include "accuracy/data/reader.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::int64_t kItemSide = 28;
constexpr std::size_t kDraws = 512;
using Draws = std::array<std::int64_t, kDraws>;

std::uint64_t splitmix64(std::uint64_t z) {
  z += 1;
  z *= 0x9E3779B97F4A7C15U;
  z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
  z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
  return z ^ z >> 31U;
}

Draws draws_of(int split, std::int64_t index) {
  Draws out{};
  const std::uint64_t first =
      (static_cast<std::uint64_t>(split) + 1) * (std::uint64_t{1} << 48U) + kDraws * static_cast<std::uint64_t>(index);
  for (std::size_t j = 0; j < kDraws; ++j) out[j] = static_cast<std::int64_t>(splitmix64(first + j) >> 33U);
  return out;
}

const std::uint8_t* item_of(const Dataset& items, std::int64_t draw, int* label = nullptr) {
  const std::int64_t item = draw % items.images();
  if (label != nullptr) *label = items.labels[static_cast<std::size_t>(item)];
  return items.image(item);
}

void paint_background(const Draws& d, Scene& scene) {
  constexpr std::int64_t kCell = 4, kCells = kSceneSide / kCell;
  constexpr std::size_t kFirst = 256;
  for (std::int64_t y = 0; y < kSceneSide; ++y) {
    for (std::int64_t x = 0; x < kSceneSide; ++x) {
      const std::int64_t value =
          d[2] % 48 + d[kFirst + static_cast<std::size_t>(kCells * (y / kCell) + x / kCell)] % 32;
      scene.pixels.push_back(static_cast<std::uint8_t>(value));
    }
  }
}

// Parts of items in the background, of no class.
void paint_clutter(const Dataset& items, const Draws& d, Scene& scene) {
  constexpr std::size_t kPatches = 8, kFirst = 64, kEach = 8;
  for (std::size_t patch = 0; patch < kPatches; ++patch) {
    const std::int64_t* q = d.data() + kFirst + kEach * patch;
    const std::uint8_t* item = item_of(items, q[0]);
    const std::int64_t w = 5 + q[1] % 10, h = 5 + q[2] % 10;
    const std::int64_t from_x = q[3] % (kItemSide + 1 - w), from_y = q[4] % (kItemSide + 1 - h);
    const std::int64_t to_x = q[5] % (kSceneSide + 1 - w), to_y = q[6] % (kSceneSide + 1 - h);
    const std::int64_t strength = 64 + q[7] % 97;
    for (std::int64_t y = 0; y < h; ++y) {
      for (std::int64_t x = 0; x < w; ++x) {
        const std::int64_t value = item[(from_y + y) * kItemSide + from_x + x] * strength >> 8;
        std::uint8_t& pixel = scene.pixels[static_cast<std::size_t>((to_y + y) * kSceneSide + to_x + x)];
        pixel = std::max(pixel, static_cast<std::uint8_t>(value));
      }
    }
  }
}

void paint_object(const Dataset& items, const std::int64_t* q, int quadrant, Scene& scene) {
  constexpr int kVisible = 32;
  int label = 0;
  const std::uint8_t* item = item_of(items, q[0], &label);
  const std::int64_t size = 20 + q[1] % 15;
  const auto corner = [&](std::int64_t half, std::int64_t draw) {
    return std::clamp<std::int64_t>(16 + 32 * half + draw % 13 - 6 - size / 2, 0, kSceneSide - size);
  };
  const std::int64_t left = corner(quadrant & 1, q[2]), top = corner(quadrant >> 1, q[3]);
  const bool is_flipped = q[4] % 2 == 1;
  std::int64_t first_x = kSceneSide, first_y = kSceneSide, last_x = -1, last_y = -1;
  const auto source = [&](std::int64_t j) { return (2 * j + 1) * kItemSide / (2 * size); };
  for (std::int64_t y = 0; y < size; ++y) {
    for (std::int64_t x = 0; x < size; ++x) {
      const std::uint8_t value = item[source(y) * kItemSide + source(is_flipped ? size - 1 - x : x)];
      if (value <= kVisible) continue;
      const auto at = static_cast<std::size_t>((top + y) * kSceneSide + left + x);
      scene.pixels[at] = value;
      scene.mask[at] = static_cast<std::uint8_t>(label + 1);
      first_x = std::min(first_x, left + x);
      last_x = std::max(last_x, left + x);
      first_y = std::min(first_y, top + y);
      last_y = std::max(last_y, top + y);
    }
  }
  if (last_x < 0) return;  // an item without a visible pixel is no object
  Box box;
  box.left = static_cast<float>(first_x);
  box.top = static_cast<float>(first_y);
  box.right = static_cast<float>(last_x + 1);
  box.bottom = static_cast<float>(last_y + 1);
  box.label = label;
  scene.boxes.push_back(box);
}

ReadPart compose(const Dataset& items, int split, std::int64_t count, Task task, const DatasetOptions& options) {
  ReadPart out;
  Dataset& data = out.images;
  const bool has_masks = task == Task::kSegmentation;
  ImageStore store("fm28-scenes", options, count, 1, kSceneSide, kSceneSide, has_masks, data);
  data.task = task;
  data.classes = items.classes;
  if (has_masks) data.classes.insert(data.classes.begin(), "background");
  for (std::int64_t i = 0; i < count; ++i) {
    Scene scene = compose_scene(items, split, i);
    const Placement at = store.put(i, {1, kSceneSide, kSceneSide, std::move(scene.pixels)}, "fm28-scenes");
    if (has_masks) {
      store.put_mask(i, {1, kSceneSide, kSceneSide, std::move(scene.mask)});
    } else {
      for (Box& box : scene.boxes) box = placed(box, at);
      data.boxes.push_back(std::move(scene.boxes));
    }
  }
  out.origin = fmt::format("composed of Fashion-MNIST's {} images", split == 0 ? "training" : "test");
  return out;
}

}  // namespace

Scene compose_scene(const Dataset& items, int split, std::int64_t index) {
  if (items.channels != 1 || items.height != kItemSide || items.width != kItemSide || items.images() == 0) {
    throw InternalError("scenes are composed of grey items of 28x28 pixels");
  }
  const Draws d = draws_of(split, index);
  Scene scene;
  scene.pixels.reserve(static_cast<std::size_t>(kSceneSide * kSceneSide));
  scene.mask.assign(static_cast<std::size_t>(kSceneSide * kSceneSide), 0);
  paint_background(d, scene);
  paint_clutter(items, d, scene);
  std::array<int, 4> quadrants = {0, 1, 2, 3};
  for (std::int64_t i = d[1] % 24; i > 0; --i) std::next_permutation(quadrants.begin(), quadrants.end());
  const auto objects = static_cast<std::size_t>(1 + d[0] % 4);
  constexpr std::size_t kFirst = 8, kEach = 8;
  for (std::size_t o = 0; o < objects; ++o) {
    paint_object(items, d.data() + kFirst + kEach * o, quadrants[o], scene);
  }
  return scene;
}

ReadSplits read_scenes(Task task, const DatasetOptions& options, DatasetReport& report) {
  DatasetOptions items = options;
  items.channels = 1;
  items.height = items.width = kItemSide;
  items.fit = Fit::kStretch;
  ReadSplits from = read_fashion_mnist(items, report);
  ReadSplits out;
  out.train = compose(from.train.images, 0, kTrainScenes, task, options);
  if (!from.test) throw Error(options.fashion_mnist_folder + ": has no test images, which scenes are composed of");
  out.test = compose(from.test->images, 1, kTestScenes, task, options);
  out.normalisation = Normalisation{{0.25F}, {0.25F}};
  return out;
}

}  // namespace lanewise::accuracy
