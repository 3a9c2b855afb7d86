// SPDX-License-Identifier: Apache-2.0
// Small data sets that tests write for themselves.
#pragma once

#include <gtest/gtest.h>
#include <png.h>
#include <unistd.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>
// libjpeg's header needs FILE before it.
#include <jpeglib.h>

namespace lanewise::accuracy {

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lanewise-data-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  // Path of a file in it, whose folders are made.
  std::string at(const std::string& name) const {
    const std::filesystem::path path = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(path.parent_path());
    return path.string();
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(at(name), std::ios::binary) << bytes;
    return at(name);
  }

 private:
  std::string path_;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

struct PngPicture {
  int width = 0, height = 0, colour = PNG_COLOR_TYPE_GRAY, bits = 8;
  bool is_interlaced = false;
  std::vector<int> samples;  // [height, width, channels], each of `bits` bits
  std::vector<png_color> palette;
  std::vector<png_byte> transparency;  // of the palette
  std::string exif;                    // a TIFF structure
};

inline void write_png(const std::string& path, const PngPicture& picture) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width), static_cast<png_uint_32>(picture.height),
               picture.bits, picture.colour, picture.is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!picture.palette.empty()) {
    png_set_PLTE(png, info, picture.palette.data(), static_cast<int>(picture.palette.size()));
  }
  if (!picture.transparency.empty()) {
    png_set_tRNS(png, info, picture.transparency.data(), static_cast<int>(picture.transparency.size()), nullptr);
  }
  std::string exif = picture.exif;
  if (!exif.empty()) {
    png_set_eXIf_1(png, info, static_cast<png_uint_32>(exif.size()), reinterpret_cast<png_bytep>(exif.data()));
  }
  png_write_info(png, info);
  const std::size_t per_row = picture.samples.size() / static_cast<std::size_t>(picture.height);
  std::vector<std::vector<png_byte>> rows;
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    std::vector<png_byte> row((per_row * static_cast<std::size_t>(picture.bits) + 7) / 8);
    for (std::size_t i = 0; i < per_row; ++i) {
      const auto value = static_cast<unsigned>(picture.samples[y * per_row + i]);
      for (std::size_t bit = 0; bit < static_cast<std::size_t>(picture.bits); ++bit) {
        const std::size_t at = i * static_cast<std::size_t>(picture.bits) + bit;
        if ((value >> (static_cast<std::size_t>(picture.bits) - 1 - bit) & 1U) != 0) {
          row[at / 8] = static_cast<png_byte>(row[at / 8] | 0x80U >> at % 8);
        }
      }
    }
    rows.push_back(row);
  }
  std::vector<png_bytep> pointers;
  for (std::vector<png_byte>& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

// A PNG of 8 bits, grey (as many values as pixels) or RGB.
inline void write_png(const std::string& path, int height, int width, const std::vector<int>& samples) {
  PngPicture picture;
  picture.width = width;
  picture.height = height;
  picture.samples = samples;
  if (samples.size() == static_cast<std::size_t>(3 * width * height)) picture.colour = PNG_COLOR_TYPE_RGB;
  write_png(path, picture);
}

// `exif`: a TIFF structure, or "".
inline void write_jpeg(const std::string& path, int height, int width, int channels, std::vector<std::uint8_t> samples,
                       const std::string& exif = "", bool is_progressive = false) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr error{};
  jpeg.err = jpeg_std_error(&error);
  jpeg_create_compress(&jpeg);
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  constexpr int kQuality = 95;
  jpeg_set_quality(&jpeg, kQuality, TRUE);
  if (is_progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  if (!exif.empty()) {
    const std::string marker = std::string("Exif\0\0", 6) + exif;
    jpeg_write_marker(&jpeg, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(marker.data()),
                      static_cast<unsigned>(marker.size()));
  }
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = samples.data() + y * width * channels;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::fclose(file);
}

// A TIFF structure with this orientation and nothing else.
inline std::string exif_of(int orientation, bool is_little = true) {
  const auto value = static_cast<char>(orientation);
  if (is_little) {
    return std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) + value + std::string(7, '\0');
  }
  return std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 19) + value + std::string(6, '\0');
}

}  // namespace lanewise::accuracy
