// SPDX-License-Identifier: Apache-2.0
// Small data sets of coloured rectangles, written as a person's own files would be.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/random.hpp"

namespace lanewise::fit::testing {

inline constexpr int kSide = 32;

struct Drawn {
  int left = 0, top = 0, right = 0, bottom = 0, label = 0;  // 0: red, 1: blue
};
struct Picture {
  std::vector<std::uint8_t> pixels;  // [rows, columns, 3]
  std::vector<std::uint8_t> mask;    // [rows, columns]: 0 background, 1 red, 2 blue
  std::vector<Drawn> objects;
};

// A red rectangle in one half and, in two of three pictures, a blue one in the other, on grey noise.
inline Picture draw(Random& random) {
  Picture picture;
  picture.mask.assign(kSide * kSide, 0);
  for (int i = 0; i < kSide * kSide; ++i) {
    const auto grey = static_cast<std::uint8_t>(random.between(60, 150));
    picture.pixels.insert(picture.pixels.end(), 3, grey);
  }
  const int first_half = static_cast<int>(random.between(0, 1));
  const int count = random.between(0, 2) == 0 ? 1 : 2;
  for (int label = 0; label < count; ++label) {
    const int half = kSide / 2 * (label == 0 ? first_half : 1 - first_half);
    Drawn object;
    object.label = label;
    object.left = half + static_cast<int>(random.between(0, 4));
    object.right = object.left + static_cast<int>(random.between(8, 12));
    object.top = static_cast<int>(random.between(1, 12));
    object.bottom = object.top + static_cast<int>(random.between(8, 18));
    for (int y = object.top; y < object.bottom; ++y) {
      for (int x = object.left; x < object.right; ++x) {
        const auto at = static_cast<std::size_t>(y * kSide + x);
        picture.mask[at] = static_cast<std::uint8_t>(label + 1);
        for (std::size_t c = 0; c < 3; ++c) picture.pixels[3 * at + c] = c == (label == 0 ? 0U : 2U) ? 230 : 20;
      }
    }
    picture.objects.push_back(object);
  }
  return picture;
}

// A PNG whose rows are stored as they are.
inline std::string png_of(const std::vector<std::uint8_t>& samples, int channels) {
  const auto word = [](std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xFFU);
    return bytes;
  };
  const auto checked = [&](const std::string& type, const std::string& data) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : type + data) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return word(static_cast<std::uint32_t>(data.size())) + type + data + word(crc ^ 0xFFFFFFFFU);
  };
  std::string rows;
  for (int y = 0; y < kSide; ++y) {
    rows += '\0';
    const auto begin = samples.begin() + y * kSide * channels;
    rows.append(begin, begin + kSide * channels);
  }
  std::uint32_t low = 1, high = 0;
  for (const char c : rows) {
    low = (low + static_cast<unsigned char>(c)) % 65521U;
    high = (high + low) % 65521U;
  }
  const auto size = static_cast<std::uint32_t>(rows.size());
  std::string packed = "\x78\x01\x01";
  for (const std::uint32_t value : {size, ~size}) {
    packed += static_cast<char>(value & 0xFFU);
    packed += static_cast<char>(value >> 8 & 0xFFU);
  }
  packed += rows + word(high << 16 | low);
  const std::string head = word(kSide) + word(kSide) + std::string("\x08", 1) +
                           static_cast<char>(channels == 3 ? 2 : 0) + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + checked("IHDR", head) + checked("IDAT", packed) + checked("IEND", "");
}

inline void write(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

struct Split {
  std::string name;
  int images = 0;
};
inline const std::vector<Split>& splits() {
  static const std::vector<Split> all = {{"train", 96}, {"val", 24}, {"test", 48}};
  return all;
}

template <class Each>
void draw_all(const Each& each) {
  Random random(5);
  for (const Split& split : splits()) {
    for (int i = 0; i < split.images; ++i) each(split.name, std::to_string(i), draw(random));
  }
}

// images/SPLIT/*.png beside annotations/instances_SPLIT.json.
inline void write_coco(const std::string& folder) {
  std::filesystem::create_directories(folder + "/annotations");
  std::array<std::string, 3> images, annotations;
  int number = 0;
  const auto index = [](const std::string& split) { return split == "train" ? 0U : split == "val" ? 1U : 2U; };
  draw_all([&](const std::string& split, const std::string& name, const Picture& picture) {
    write(folder + "/images/" + split + "/" + name + ".png", png_of(picture.pixels, 3));
    std::string& list = images[index(split)];
    list += (list.empty() ? "" : ",") + std::string("{\"id\":") + name + ",\"file_name\":\"" + name +
            ".png\",\"width\":32,\"height\":32}";
    for (const Drawn& object : picture.objects) {
      std::string& all = annotations[index(split)];
      const int width = object.right - object.left, height = object.bottom - object.top;
      all += (all.empty() ? "" : ",") + std::string("{\"id\":") + std::to_string(++number) + ",\"image_id\":" + name +
             ",\"category_id\":" + std::to_string(object.label == 0 ? 7 : 3) +
             ",\"iscrowd\":0,\"area\":" + std::to_string(width * height) + ",\"bbox\":[" + std::to_string(object.left) +
             "," + std::to_string(object.top) + "," + std::to_string(width) + "," + std::to_string(height) + "]}";
    }
  });
  for (const Split& split : splits()) {
    write(folder + "/annotations/instances_" + split.name + ".json",
          "{\"images\":[" + images[index(split.name)] + "],\"annotations\":[" + annotations[index(split.name)] +
              "],\"categories\":[{\"id\":3,\"name\":\"blue\"},{\"id\":7,\"name\":\"red\"}]}");
  }
}

// data.yaml, images/SPLIT/*.png, labels/SPLIT/*.txt.
inline void write_yolo(const std::string& folder) {
  write(folder + "/data.yaml", "train: images/train\nval: images/val\ntest: images/test\nnames: [red, blue]\n");
  draw_all([&](const std::string& split, const std::string& name, const Picture& picture) {
    write(folder + "/images/" + split + "/" + name + ".png", png_of(picture.pixels, 3));
    std::string lines;
    for (const Drawn& object : picture.objects) {
      const auto share = [](int twice) { return std::to_string(twice / (2.0 * kSide)); };
      lines += std::to_string(object.label) + " " + share(object.left + object.right) + " " +
               share(object.top + object.bottom) + " " + share(2 * (object.right - object.left)) + " " +
               share(2 * (object.bottom - object.top)) + "\n";
    }
    write(folder + "/labels/" + split + "/" + name + ".txt", lines);
  });
}

// images/SPLIT/*.png, masks/SPLIT/*.png, classes.txt.
inline void write_masks(const std::string& folder) {
  write(folder + "/classes.txt", "background\nred\nblue\n");
  draw_all([&](const std::string& split, const std::string& name, const Picture& picture) {
    write(folder + "/images/" + split + "/" + name + ".png", png_of(picture.pixels, 3));
    write(folder + "/masks/" + split + "/" + name + ".png", png_of(picture.mask, 1));
  });
}

}  // namespace lanewise::fit::testing
