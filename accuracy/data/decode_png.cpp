// SPDX-License-Identifier: Apache-2.0
// libpng comes back from errors by longjmp, which skips destructors: between setjmp and the end of a decoder nothing
// is made that has one.
#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "accuracy/data/decode_image.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

struct Source {
  const std::string* bytes;
  std::size_t at = 0;
  char error[128] = {};
};

extern "C" {

static void read_bytes(png_structp png, png_bytep to, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes->size() - source->at) png_error(png, "it is cut off");
  std::memcpy(to, source->bytes->data() + source->at, count);
  source->at += count;
}

static void fail(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::strncpy(source->error, message != nullptr ? message : "", sizeof source->error - 1);
  png_longjmp(png, 1);
}

static void keep_quiet(png_structp, png_const_charp) {}

}  // extern "C"

struct Header {
  png_uint_32 width = 0, height = 0;
  int bits = 0, colour = 0;
};

// All that is decoded goes through here, so that libpng's objects go whatever happens.
class Reader {
 public:
  Reader(const std::string& path, const std::string& bytes) : path_(path) {
    source_.bytes = &bytes;
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, fail, keep_quiet);
    info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw Error(path + ": libpng cannot be started");
    }
  }
  ~Reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Header header() {
    Header out;
    if (!read_header(out)) refuse();
    return out;
  }
  // Sets up what is converted; returns the bytes of a row.
  std::size_t convert(bool is_mask) {
    std::size_t row = 0;
    if (!set_conversions(is_mask, row)) refuse();
    return row;
  }
  void pixels(png_bytep* rows) {
    if (!read_rows(rows)) refuse();
  }
  int channels() const { return png_get_channels(png_, info_); }
  int bits() const { return png_get_bit_depth(png_, info_); }
  std::string exif() const {
    png_uint_32 size = 0;
    png_bytep data = nullptr;
    if (png_get_eXIf_1(png_, info_, &size, &data) == 0 || data == nullptr) return "";
    return {reinterpret_cast<const char*>(data), size};
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error(fmt::format("{}: is damaged: {}", path_, printable(std::string(source_.error))));
  }

  bool read_header(Header& out) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    constexpr png_uint_32 kLongestSide = 1U << 20U;
    constexpr png_alloc_size_t kLargestChunk = 1U << 24U;
    constexpr png_uint_32 kMostChunks = 1000;
    png_set_user_limits(png_, kLongestSide, kLongestSide);
    png_set_chunk_malloc_max(png_, kLargestChunk);
    png_set_chunk_cache_max(png_, kMostChunks);
    png_set_read_fn(png_, &source_, read_bytes);
    png_read_info(png_, info_);
    return png_get_IHDR(png_, info_, &out.width, &out.height, &out.bits, &out.colour, nullptr, nullptr, nullptr) != 0;
  }

  bool set_conversions(bool is_mask, std::size_t& row) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const int colour = png_get_color_type(png_, info_), bits = png_get_bit_depth(png_, info_);
    constexpr int kByte = 8;
    if (is_mask) {
      // A value is a class: neither looked up in the palette nor scaled.
      if (bits < kByte) png_set_packing(png_);
    } else {
      if (bits > kByte) png_set_scale_16(png_);
      if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
      if (colour == PNG_COLOR_TYPE_GRAY && bits < kByte) png_set_expand_gray_1_2_4_to_8(png_);
    }
    if ((colour & PNG_COLOR_MASK_ALPHA) != 0 || (!is_mask && colour == PNG_COLOR_TYPE_PALETTE)) {
      png_set_strip_alpha(png_);
    }
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    row = png_get_rowbytes(png_, info_);
    return true;
  }

  bool read_rows(png_bytep* rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, info_);
    return true;
  }

  const std::string& path_;
  Source source_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

// Values of 16 bits, high byte first, to classes of 8.
std::vector<std::uint8_t> narrowed(const std::string& path, const std::vector<std::uint8_t>& wide) {
  std::vector<std::uint8_t> out;
  out.reserve(wide.size() / 2);
  for (std::size_t i = 0; i + 1 < wide.size(); i += 2) {
    if (wide[i] != 0) {
      throw Error(fmt::format("{}: has a value {}, classes are 0 to 254 and 255 is ignored", path,
                              wide[i] << 8U | wide[i + 1]));
    }
    out.push_back(wide[i + 1]);
  }
  return out;
}

}  // namespace

DecodedImage decode_png(const std::string& path, const std::string& bytes, bool is_mask) {
  Reader reader(path, bytes);
  const Header header = reader.header();
  require_decodable(path, header.height, header.width);
  if (is_mask && (header.colour & PNG_COLOR_MASK_COLOR) != 0 && header.colour != PNG_COLOR_TYPE_PALETTE) {
    throw Error(path + ": is an RGB image, masks have a palette or grey values, each of which is a class");
  }
  const std::size_t row = reader.convert(is_mask);
  DecodedImage out;
  out.image.channels = reader.channels();
  out.image.height = header.height;
  out.image.width = header.width;
  constexpr int kWide = 16;
  const bool is_wide = reader.bits() == kWide;
  const auto expected = static_cast<std::size_t>(out.image.channels * out.image.width) * (is_wide ? 2 : 1);
  if (row != expected || (out.image.channels != 1 && out.image.channels != 3) || (is_wide && !is_mask)) {
    throw Error(path + ": is a PNG of a kind that is not read");
  }
  out.image.pixels.resize(row * header.height);
  std::vector<png_bytep> rows(header.height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = out.image.pixels.data() + y * row;
  reader.pixels(rows.data());
  if (is_wide) out.image.pixels = narrowed(path, out.image.pixels);
  out.orientation = is_mask ? 1 : exif_orientation(reader.exif());
  return out;
}

}  // namespace lanewise::accuracy
