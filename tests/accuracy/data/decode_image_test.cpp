// SPDX-License-Identifier: Apache-2.0
// Images of every kind, whole, turned, damaged and cut off.
#include "accuracy/data/decode_image.hpp"

#include <fmt/format.h>

#include "core/base/error.hpp"
#include "tests/accuracy/data/make_files.hpp"

namespace lanewise::accuracy {
namespace {

using Bytes8 = std::vector<std::uint8_t>;

std::string message_of(const std::string& path) {
  try {
    read_image(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Grey of 1 to 16 bits: all values of the few bits, scaled to 0..255.
TEST(DecodePng, grey_of_every_depth) {
  const Folder folder;
  for (const int bits : {1, 2, 4, 8, 16}) {
    for (const bool is_interlaced : {false, true}) {
      PngPicture picture;
      picture.width = 5;
      picture.height = 3;
      picture.bits = bits;
      picture.is_interlaced = is_interlaced;
      const int largest = (1 << bits) - 1;
      Bytes8 expected;
      for (int i = 0; i < 15; ++i) {
        const int value = i * 7919 % (largest + 1);
        picture.samples.push_back(value);
        expected.push_back(static_cast<std::uint8_t>((value * 255 + largest / 2) / largest));
      }
      write_png(folder.at("grey.png"), picture);
      const Image image = read_image(folder.at("grey.png"));
      EXPECT_EQ(image.channels, 1);
      EXPECT_EQ(image.height, 3);
      EXPECT_EQ(image.pixels, expected) << bits << " bits, interlaced " << is_interlaced;
    }
  }
}

TEST(DecodePng, alpha_is_dropped_and_sixteen_bits_are_scaled) {
  const Folder folder;
  for (const int colour : {PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA}) {
    for (const int bits : {8, 16}) {
      for (const bool is_interlaced : {false, true}) {
        PngPicture picture;
        picture.width = 3;
        picture.height = 2;
        picture.colour = colour;
        picture.bits = bits;
        picture.is_interlaced = is_interlaced;
        const int colours = colour == PNG_COLOR_TYPE_GRAY_ALPHA ? 1 : 3;
        const bool has_alpha = colour != PNG_COLOR_TYPE_RGB;
        Bytes8 expected;
        for (int i = 0; i < 6; ++i) {
          for (int c = 0; c < colours; ++c) {
            const int value = (i * 40 + c * 13) % 256;
            picture.samples.push_back(bits == 16 ? value * 257 : value);
            expected.push_back(static_cast<std::uint8_t>(value));
          }
          if (has_alpha) picture.samples.push_back(i * 20);
        }
        write_png(folder.at("image.png"), picture);
        const Image image = read_image(folder.at("image.png"));
        EXPECT_EQ(image.channels, colours);
        EXPECT_EQ(image.pixels, expected) << colour << " " << bits << " " << is_interlaced;
      }
    }
  }
}

TEST(DecodePng, palettes_are_looked_up_in_images_and_not_in_masks) {
  const Folder folder;
  for (const int bits : {1, 2, 4, 8}) {
    PngPicture picture;
    picture.width = 4;
    picture.height = 1;
    picture.colour = PNG_COLOR_TYPE_PALETTE;
    picture.bits = bits;
    picture.samples = {1, 0, 1, 1};
    picture.palette = {{10, 20, 30}, {200, 100, 0}};
    picture.transparency = {0, 128};
    write_png(folder.at("palette.png"), picture);
    EXPECT_EQ(read_image(folder.at("palette.png")).pixels, (Bytes8{200, 100, 0, 10, 20, 30, 200, 100, 0, 200, 100, 0}));
    EXPECT_EQ(read_mask(folder.at("palette.png")).pixels, (Bytes8{1, 0, 1, 1}));
  }
}

TEST(DecodePng, masks_keep_their_values) {
  const Folder folder;
  PngPicture picture;
  picture.width = 3;
  picture.height = 1;
  picture.samples = {0, 3, 2};
  for (const int bits : {2, 4, 8, 16}) {
    picture.bits = bits;
    write_png(folder.at("mask.png"), picture);
    EXPECT_EQ(read_mask(folder.at("mask.png")).pixels, (Bytes8{0, 3, 2})) << bits;
  }
  picture.samples = {0, 255, 300};
  write_png(folder.at("mask.png"), picture);
  EXPECT_THROW(read_mask(folder.at("mask.png")), Error);
  write_png(folder.at("rgb.png"), 1, 1, {1, 2, 3});
  EXPECT_THROW(read_mask(folder.at("rgb.png")), Error);
}

// a b c / d e f as it lies in the file, and as it is to be seen.
TEST(DecodePng, every_orientation_is_honoured) {
  const Folder folder;
  const std::vector<std::pair<int, Bytes8>> seen = {
      {1, {'a', 'b', 'c', 'd', 'e', 'f'}}, {2, {'c', 'b', 'a', 'f', 'e', 'd'}}, {3, {'f', 'e', 'd', 'c', 'b', 'a'}},
      {4, {'d', 'e', 'f', 'a', 'b', 'c'}}, {5, {'a', 'd', 'b', 'e', 'c', 'f'}}, {6, {'d', 'a', 'e', 'b', 'f', 'c'}},
      {7, {'f', 'c', 'e', 'b', 'd', 'a'}}, {8, {'c', 'f', 'b', 'e', 'a', 'd'}}, {9, {'a', 'b', 'c', 'd', 'e', 'f'}}};
  for (const auto& [orientation, pixels] : seen) {
    for (const bool is_little : {false, true}) {
      PngPicture picture;
      picture.width = 3;
      picture.height = 2;
      picture.samples = {'a', 'b', 'c', 'd', 'e', 'f'};
      picture.exif = exif_of(orientation, is_little);
      write_png(folder.at("turned.png"), picture);
      const Image image = read_image(folder.at("turned.png"));
      EXPECT_EQ(image.pixels, pixels) << orientation;
      EXPECT_EQ(image.width, orientation >= 5 && orientation <= 8 ? 2 : 3);
    }
  }
}

TEST(DecodeJpeg, grey_and_rgb_come_out_nearly_as_they_were) {
  const Folder folder;
  for (const int channels : {1, 3}) {
    for (const bool is_progressive : {false, true}) {
      // An even area of each kind survives the compression.
      Bytes8 samples;
      for (int i = 0; i < 16 * 24; ++i) {
        for (int c = 0; c < channels; ++c) samples.push_back(static_cast<std::uint8_t>(60 + 70 * c));
      }
      write_jpeg(folder.at("image.jpg"), 16, 24, channels, samples, "", is_progressive);
      const Image image = read_image(folder.at("image.jpg"));
      ASSERT_EQ(image.channels, channels);
      ASSERT_EQ(image.height, 16);
      ASSERT_EQ(image.width, 24);
      for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_NEAR(image.pixels[i], samples[i], 3);
    }
  }
}

TEST(DecodeJpeg, orientation_is_honoured_and_cmyk_refused) {
  const Folder folder;
  write_jpeg(folder.at("turned.jpeg"), 8, 16, 1, Bytes8(8 * 16, 90), exif_of(6));
  EXPECT_EQ(read_image(folder.at("turned.jpeg")).height, 16);
  EXPECT_EQ(decode_image(folder.at("turned.jpeg")).image.height, 8);
  write_jpeg(folder.at("cmyk.jpg"), 8, 8, 4, Bytes8(8 * 8 * 4, 90));
  EXPECT_NE(message_of(folder.at("cmyk.jpg")).find("CMYK"), std::string::npos);
}

TEST(DecodeImage, the_content_decides_and_not_the_name) {
  const Folder folder;
  write_png(folder.at("really_png.jpg"), 1, 2, {7, 8});
  EXPECT_EQ(read_image(folder.at("really_png.jpg")).pixels, (Bytes8{7, 8}));
}

TEST(DecodeImage, other_kinds_are_refused_by_name) {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> kinds = {{"GIF89a......", "GIF"},
                                                                  {std::string("RIFF\0\0\0\0WEBPVP8 ", 16), "WebP"},
                                                                  {"BM............", "BMP"},
                                                                  {std::string("II*\0\x08\0\0\0", 8), "TIFF"},
                                                                  {std::string("\0\0\0\x1c"
                                                                               "ftypheic",
                                                                               12),
                                                                   "HEIC"},
                                                                  {"", "empty"},
                                                                  {"hello", "no image that is known"}};
  for (const auto& [bytes, word] : kinds) {
    const std::string path = folder.write("image.png", bytes);
    const std::string message = message_of(path);
    EXPECT_EQ(message.find(path + ": "), 0U) << message;
    EXPECT_NE(message.find(word), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(DecodeImage, whatever_is_cut_off_is_refused) {
  const Folder folder;
  Bytes8 samples;
  for (int i = 0; i < 20 * 20 * 3; ++i) samples.push_back(static_cast<std::uint8_t>(i * 37));
  write_png(folder.at("whole.png"), 20, 20, std::vector<int>(samples.begin(), samples.end()));
  write_jpeg(folder.at("whole.jpg"), 20, 20, 3, samples);
  write_jpeg(folder.at("progressive.jpg"), 20, 20, 3, samples, "", true);
  for (const char* name : {"whole.png", "whole.jpg", "progressive.jpg"}) {
    const std::string bytes = bytes_of(folder.at(name));
    ASSERT_EQ(message_of(folder.at(name)), "");
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 100) {
      const std::string path = folder.write("cut", bytes.substr(0, length));
      EXPECT_NE(message_of(path), "") << name << " of " << length << " bytes";
    }
  }
}

TEST(DecodeImage, more_pixels_than_can_be_are_refused_before_they_are_decoded) {
  const Folder folder;
  write_png(folder.at("small.png"), 1, 1, {7});
  std::string bytes = bytes_of(folder.at("small.png"));
  // A header that says 60000 x 60000, under its right checksum.
  bytes.replace(16, 8, std::string("\0\0\xea\x60\0\0\xea\x60", 8));
  unsigned crc = 0xffffffffU;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= static_cast<unsigned char>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xedb88320U : crc >> 1U;
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) bytes[29 + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xffU);
  EXPECT_NE(message_of(folder.write("large.png", bytes)).find("60000x60000"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::accuracy
