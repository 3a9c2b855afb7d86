// SPDX-License-Identifier: Apache-2.0
// libjpeg comes back from errors by longjmp, which skips destructors: between setjmp and the end of a decoder nothing
// is made that has one.
#include <fmt/format.h>

#include <csetjmp>
#include <cstdio>
// libjpeg's header needs FILE and size_t before it.
#include <jerror.h>
#include <jpeglib.h>

#include <cstring>

#include "accuracy/data/decode_image.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

// Pixels times scans: a progressive file of a few bytes may ask for hours.
constexpr std::int64_t kMostWork = std::int64_t{1} << 29;

struct Failure {
  jpeg_error_mgr manager;  // first, so that libjpeg's pointer to it is one to this
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

extern "C" {

static void fail(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  info->err->format_message(info, failure->message);
  std::longjmp(failure->back, 1);
}

// libjpeg fills up what is damaged or missing with grey and warns; here that is an error. Some warnings are about
// nothing that is seen.
static void judge(j_common_ptr info, int level) {
  if (level >= 0) return;
  const int code = info->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
      code == JWRN_NOT_SEQUENTIAL) {
    return;
  }
  fail(info);
}

static void watch(j_common_ptr info) {
  const auto* image = reinterpret_cast<j_decompress_ptr>(info);
  const auto pixels = static_cast<std::int64_t>(image->image_width) * image->image_height;
  if (image->input_scan_number <= 1 || pixels * image->input_scan_number <= kMostWork) return;
  auto* failure = reinterpret_cast<Failure*>(info->err);
  std::strcpy(failure->message, "it has too many scans for its size");
  std::longjmp(failure->back, 1);
}

}  // extern "C"

class Reader {
 public:
  Reader(const std::string& path, const std::string& bytes) : path_(path), bytes_(bytes) {
    info_.err = jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = fail;
    failure_.manager.emit_message = judge;
    failure_.message[0] = '\0';
    progress_.progress_monitor = watch;
  }
  ~Reader() { jpeg_destroy_decompress(&info_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void header() {
    if (!read_header()) refuse();
  }
  void pixels(std::uint8_t* to) {
    if (!read_pixels(to)) refuse();
  }
  const jpeg_decompress_struct& info() const { return info_; }
  std::string exif() const {
    constexpr char kName[] = "Exif\0";  // and one more 0
    constexpr std::size_t kNameSize = sizeof kName;
    for (jpeg_saved_marker_ptr marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      if (marker->data_length > kNameSize && std::memcmp(marker->data, kName, kNameSize) == 0) {
        return {reinterpret_cast<const char*>(marker->data) + kNameSize, marker->data_length - kNameSize};
      }
    }
    return "";
  }

 private:
  [[noreturn]] void refuse() const {
    throw Error(fmt::format("{}: is damaged: {}", path_, printable(std::string(failure_.message))));
  }

  bool read_header() {
    if (setjmp(failure_.back) != 0) return false;
    constexpr unsigned kLargestMarker = 0xffff;
    constexpr long kMostMemory = 1L << 29;
    jpeg_create_decompress(&info_);
    info_.mem->max_memory_to_use = kMostMemory;
    info_.progress = &progress_;
    jpeg_save_markers(&info_, JPEG_APP0 + 1, kLargestMarker);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()),
                 static_cast<unsigned long>(bytes_.size()));
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  bool read_pixels(std::uint8_t* to) {
    if (setjmp(failure_.back) != 0) return false;
    info_.out_color_space = info_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    info_.dct_method = JDCT_ISLOW;  // the one that is the same on every machine
    jpeg_start_decompress(&info_);
    const std::size_t row = std::size_t{info_.output_width} * static_cast<std::size_t>(info_.output_components);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW line = to + row * info_.output_scanline;
      jpeg_read_scanlines(&info_, &line, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  const std::string& path_;
  const std::string& bytes_;
  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  Failure failure_{};
};

}  // namespace

DecodedImage decode_jpeg(const std::string& path, const std::string& bytes) {
  Reader reader(path, bytes);
  reader.header();
  const jpeg_decompress_struct& info = reader.info();
  require_decodable(path, info.image_height, info.image_width);
  if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
    throw Error(path + ": is a CMYK image; takes grey and RGB");
  }
  if (info.num_components != 1 && info.num_components != 3) {
    throw Error(fmt::format("{}: has {} components; takes 1 (grey) or 3 (RGB)", path, info.num_components));
  }
  DecodedImage out;
  out.orientation = exif_orientation(reader.exif());  // now: libjpeg drops its markers once all is decoded
  out.image.channels = info.num_components;
  out.image.height = info.image_height;
  out.image.width = info.image_width;
  out.image.pixels.resize(static_cast<std::size_t>(out.image.channels * out.image.height * out.image.width));
  reader.pixels(out.image.pixels.data());
  return out;
}

}  // namespace lanewise::accuracy
