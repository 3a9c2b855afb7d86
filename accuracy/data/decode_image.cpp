// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/decode_image.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::accuracy {
namespace {

constexpr Bytes kLargestImage{std::int64_t{1} << 28};
constexpr const char* kTaken = "takes PNG and JPEG";

struct Signature {
  std::size_t at;
  std::string_view bytes;
  const char* kind;
};

// Kinds that a person may well have, by how their files begin.
constexpr std::array<Signature, 13> kOthers = {{{0, "GIF8", "a GIF"},
                                                {0, "BM", "a BMP"},
                                                {8, "WEBP", "a WebP"},
                                                {0, {"II*\0", 4}, "a TIFF"},
                                                {0, {"MM\0*", 4}, "a TIFF"},
                                                {4, "ftypavif", "an AVIF"},
                                                {4, "ftyphei", "a HEIC"},
                                                {4, "ftypmif1", "a HEIC"},
                                                {4, "jP  ", "a JPEG 2000"},
                                                {0, "P6", "a PPM"},
                                                {0, "P5", "a PGM"},
                                                {0, "<svg", "an SVG"},
                                                {0, "%PDF", "a PDF"}}};

bool begins(const std::string& bytes, std::string_view with, std::size_t at = 0) {
  return bytes.size() >= at + with.size() && std::string_view(bytes).substr(at, with.size()) == with;
}

[[noreturn]] void refuse_kind(const std::string& path, const std::string& bytes) {
  if (bytes.empty()) throw Error(path + ": is empty, not an image");
  for (const Signature& other : kOthers) {
    if (begins(bytes, other.bytes, other.at)) throw Error(fmt::format("{}: is {} file; {}", path, other.kind, kTaken));
  }
  throw Error(fmt::format("{}: is no image that is known; {}", path, kTaken));
}

bool is_png(const std::string& bytes) { return begins(bytes, "\x89PNG\r\n\x1a\n"); }
bool is_jpeg(const std::string& bytes) { return begins(bytes, "\xff\xd8\xff"); }

}  // namespace

void require_decodable(const std::string& path, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1) throw Error(path + ": is damaged: it has no pixels");
  if (as_double(height) * as_double(width) > as_double(kMostPixels)) {
    throw Error(fmt::format("{}: has {}x{} pixels, more than the {} million that are decoded", path, height, width,
                            kMostPixels >> 20));
  }
}

DecodedImage decode_image(const std::string& path) {
  const std::string bytes = read_input(path, kLargestImage, "an image");
  if (is_png(bytes)) return decode_png(path, bytes, false);
  if (is_jpeg(bytes)) return decode_jpeg(path, bytes);
  refuse_kind(path, bytes);
}

Image read_image(const std::string& path) {
  DecodedImage decoded = decode_image(path);
  return oriented(std::move(decoded.image), decoded.orientation);
}

Image read_mask(const std::string& path) {
  const std::string bytes = read_input(path, kLargestImage, "a mask");
  if (is_png(bytes)) return decode_png(path, bytes, true).image;
  if (is_jpeg(bytes)) throw Error(path + ": is a JPEG file, whose values are not exact; masks are PNG");
  refuse_kind(path, bytes);
}

int exif_orientation(const std::string& tiff) {
  constexpr std::size_t kHeader = 8, kEntry = 12;
  if (!begins(tiff, {"II*\0", 4}) && !begins(tiff, {"MM\0*", 4})) return 1;
  const bool is_little = tiff[0] == 'I';
  const auto number = [&](std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8U | static_cast<unsigned char>(tiff[at + (is_little ? size - 1 - i : i)]);
    }
    return value;
  };
  if (tiff.size() < kHeader) return 1;
  const std::size_t first = number(4, 4);
  if (first + 2 > tiff.size()) return 1;
  const std::size_t entries = number(first, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = first + 2 + kEntry * i;
    if (at + kEntry > tiff.size()) return 1;
    constexpr std::size_t kOrientation = 0x0112, kShort = 3, kLast = 8;
    if (number(at, 2) != kOrientation || number(at + 2, 2) != kShort) continue;
    const std::size_t value = number(at + 8, 2);
    return value >= 1 && value <= kLast ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image oriented(Image image, int orientation) {
  if (orientation <= 1) return image;
  // 2: mirrored; 3: half a turn; 4: mirrored upside down; 5 to 8: rows and columns exchanged, 5 by itself, 6 and then
  // mirrored, 7 and half a turn, 8 and upside down.
  const bool is_exchanged = orientation >= 5;
  const bool flips_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool flips_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image out;
  out.channels = image.channels;
  out.height = is_exchanged ? image.width : image.height;
  out.width = is_exchanged ? image.height : image.width;
  out.pixels.reserve(image.pixels.size());
  for (std::int64_t y = 0; y < out.height; ++y) {
    for (std::int64_t x = 0; x < out.width; ++x) {
      const std::int64_t seen_x = flips_x ? out.width - 1 - x : x, seen_y = flips_y ? out.height - 1 - y : y;
      const std::int64_t row = is_exchanged ? seen_x : seen_y, column = is_exchanged ? seen_y : seen_x;
      const std::uint8_t* pixel = image.pixels.data() + (row * image.width + column) * image.channels;
      out.pixels.insert(out.pixels.end(), pixel, pixel + image.channels);
    }
  }
  return out;
}

}  // namespace lanewise::accuracy
