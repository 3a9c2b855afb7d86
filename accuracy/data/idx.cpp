// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/idx.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::size_t kMagicBytes = 4, kSizeBytes = 4, kMostSizes = 4;

unsigned byte_at(const std::string& bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

// Checks the bytes of an IDX file as they come, so that nothing is held that its header does not announce.
class IdxCheck {
 public:
  IdxCheck(const std::string& path, Bytes most) : path_(path), most_(most) {}

  // Throws where the bytes so far cannot become a file that is taken.
  void look(const std::string& bytes) {
    if (!total_ && bytes.size() >= kMagicBytes) read_header(bytes);
    if (total_ && bytes.size() > *total_) {
      throw Error(fmt::format("{}: is longer than its header says, {} bytes", path_, *total_));
    }
  }
  IdxTensor finish(std::string bytes) {
    look(bytes);
    if (!total_ || bytes.size() != *total_) {
      throw Error(fmt::format("{}: is cut off: {} bytes{}", path_, bytes.size(),
                              total_ ? fmt::format(" of the {} that its header says", *total_) : ""));
    }
    bytes.erase(0, header_);
    return {sizes_, std::move(bytes)};
  }

 private:
  void read_header(const std::string& bytes) {
    constexpr unsigned kUnsignedByte = 8;
    if (byte_at(bytes, 0) != 0 || byte_at(bytes, 1) != 0) {
      throw Error(path_ + ": is no IDX file: it must begin with two bytes of 0");
    }
    if (byte_at(bytes, 2) != kUnsignedByte) {
      throw Error(
          fmt::format("{}: holds values of type 0x{:02x}, must be 0x08, unsigned bytes", path_, byte_at(bytes, 2)));
    }
    const std::size_t count = byte_at(bytes, 3);
    if (count == 0 || count > kMostSizes) {
      throw Error(fmt::format("{}: has {} dimensions, must have 1 to {}", path_, count, kMostSizes));
    }
    header_ = kMagicBytes + kSizeBytes * count;
    if (bytes.size() < header_) return;
    double product = 1;
    std::size_t whole = 1;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t size = 0;
      for (std::size_t j = 0; j < kSizeBytes; ++j) size = size << 8U | byte_at(bytes, kMagicBytes + kSizeBytes * i + j);
      sizes_.push_back(static_cast<std::int64_t>(size));
      product *= static_cast<double>(size);
      whole *= size;
    }
    if (product > as_double(most_)) {
      throw Error(fmt::format("{}: its header announces {:.0f} values, more than {} are not read", path_, product,
                              to_text(most_)));
    }
    total_ = header_ + whole;
  }

  const std::string& path_;
  const Bytes most_;
  std::size_t header_ = 0;
  std::vector<std::int64_t> sizes_;
  std::optional<std::size_t> total_;
};

// The members of a gzip file one after the other, a piece at a time.
std::string unzip(const std::string& path, const std::string& zipped, IdxCheck& check) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  z_stream stream{};
  if (::inflateInit2(&stream, kGzipOnly) != Z_OK) throw Error(path + ": zlib cannot be started");
  struct End {
    z_stream& stream;
    ~End() { ::inflateEnd(&stream); }
  } const end{stream};
  // zlib takes what it reads as not constant, and does not change it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  std::string out;
  std::array<char, std::size_t{1} << 16> piece{};
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
    check.look(out);
    if (code == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      if (::inflateReset(&stream) != Z_OK) throw Error(path + ": is damaged");
    } else if (code == Z_BUF_ERROR) {
      throw Error(path + ": is cut off: its gzip stream has no end");
    } else if (code != Z_OK) {
      throw Error(fmt::format("{}: is damaged: {}", path, stream.msg != nullptr ? stream.msg : "no gzip stream"));
    }
  }
}

}  // namespace

IdxTensor read_idx(const std::string& path, Bytes most) {
  constexpr Bytes kHeader{static_cast<std::int64_t>(kMagicBytes + kSizeBytes * kMostSizes)};
  // zlib counts what it is given in 32 bits, and no more than that is held anyway.
  constexpr Bytes kMostZipped{(std::int64_t{1} << 32) - 1};
  std::string bytes = read_input(path, std::min(most + kHeader, kMostZipped), "a file of images or labels");
  IdxCheck check(path, most);
  constexpr unsigned kGzip0 = 0x1f, kGzip1 = 0x8b;
  const bool is_zipped = bytes.size() >= 2 && byte_at(bytes, 0) == kGzip0 && byte_at(bytes, 1) == kGzip1;
  if (is_zipped) bytes = unzip(path, bytes, check);
  return check.finish(std::move(bytes));
}

}  // namespace lanewise::accuracy
