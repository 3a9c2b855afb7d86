// SPDX-License-Identifier: Apache-2.0
// PNG and JPEG files. Private to this module, and tried by its fuzz targets.
#pragma once

#include <string>

#include "accuracy/data/image.hpp"

namespace lanewise::accuracy {

// An image of more pixels is refused before it is decoded.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

struct DecodedImage {
  Image image;          // 1 channel (grey) or 3 (RGB), as it lies in the file
  int orientation = 1;  // EXIF's, 1 to 8
};

// What the bytes hold is told by their beginning, not by the name. Grey, grey and alpha, palette, RGB and RGBA of 1 to
// 16 bits; alpha is dropped, and colours are what lies under it; 16 bits are scaled to 8; colour profiles have no say.
// Throws Error "PATH: …" for other kinds, naming them, for CMYK, for images that are damaged or cut off, and for more
// than kMostPixels.
DecodedImage decode_image(const std::string& path);
// The image turned and mirrored as its orientation says it is to be seen.
Image oriented(Image image, int orientation);
// Both.
Image read_image(const std::string& path);

// A PNG of classes: grey values or numbers of a palette as they are in the file, 1 to 16 bits. Throws Error as above,
// for RGB, which has no classes, and for a value above 255.
Image read_mask(const std::string& path);

// EXIF's orientation, 1 to 8, of a TIFF structure; 1 where there is none or it makes no sense.
int exif_orientation(const std::string& tiff);

// The two decoders, of a file's bytes.
DecodedImage decode_png(const std::string& path, const std::string& bytes, bool is_mask);
DecodedImage decode_jpeg(const std::string& path, const std::string& bytes);

// Throws Error where an image of this size is refused.
void require_decodable(const std::string& path, std::int64_t height, std::int64_t width);

}  // namespace lanewise::accuracy
