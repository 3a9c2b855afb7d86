// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/output_file.hpp"
#include "core/base/printable.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::string_view kFormat = "lanewise training checkpoint 1\n";
constexpr std::string_view kFamily = "lanewise training checkpoint ";
constexpr std::size_t kHashBytes = 8;
constexpr std::uint64_t kMostDimensions = 16;
constexpr Bytes kLargest{std::int64_t{1} << 34};

std::size_t width(Checkpoint::Type type) { return type == Checkpoint::Type::kFloat ? 4 : 8; }

void put_number(std::string& bytes, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

void put_text(std::string& bytes, std::string_view text) {
  put_number(bytes, text.size());
  bytes += text;
}

void put_texts(std::string& bytes, const Checkpoint::Texts& texts) {
  put_number(bytes, texts.size());
  for (const auto& [key, value] : texts) {
    put_text(bytes, key);
    put_text(bytes, value);
  }
}

// Takes a file apart; every length is held against what is left of it before anything is made of that length.
class Reader {
 public:
  Reader(const std::string& path, std::string_view left) : path_(path), left_(left) {}

  std::uint64_t number() {
    const std::string_view bytes = take(8);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
  }
  // A count of things that take at least `least` bytes each.
  std::uint64_t count(std::uint64_t least) {
    const std::uint64_t value = number();
    if (value > left_.size() / least) refuse();
    return value;
  }
  std::string text() { return std::string(take(number())); }
  std::string_view take(std::uint64_t size) {
    if (size > left_.size()) refuse();
    const std::string_view taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(static_cast<std::size_t>(size));
    return taken;
  }
  Checkpoint::Texts texts() {
    Checkpoint::Texts all(static_cast<std::size_t>(count(16)));
    for (auto& [key, value] : all) {
      key = text();
      value = text();
    }
    return all;
  }
  Checkpoint::Array array() {
    Checkpoint::Array out;
    out.name = text();
    const std::uint64_t type = number();
    if (type > 2) refuse();
    out.type = static_cast<Checkpoint::Type>(type);
    const std::uint64_t dimensions = number();
    if (dimensions > kMostDimensions) refuse();
    std::uint64_t size = width(out.type);
    for (std::uint64_t i = 0; i < dimensions; ++i) {
      const std::uint64_t dimension = number();
      if (dimension != 0 && size > left_.size() / dimension) refuse();
      size *= dimension;
      out.shape.push_back(static_cast<std::int64_t>(dimension));
    }
    out.bytes = take(size);
    return out;
  }
  void expect_end() const {
    if (!left_.empty()) refuse();
  }

 private:
  [[noreturn]] void refuse() const { throw Error(path_ + ": the checkpoint is damaged: delete it to begin anew"); }

  const std::string& path_;
  std::string_view left_;
};

}  // namespace

const Checkpoint::Array* Checkpoint::find(const std::string& name) const {
  for (const Array& array : arrays) {
    if (array.name == name) return &array;
  }
  return nullptr;
}

std::string checkpoint_bytes(const Checkpoint& checkpoint) {
  std::string bytes(kFormat);
  put_texts(bytes, checkpoint.identity);
  put_texts(bytes, checkpoint.progress);
  put_number(bytes, checkpoint.arrays.size());
  for (const Checkpoint::Array& array : checkpoint.arrays) {
    put_text(bytes, array.name);
    put_number(bytes, static_cast<std::uint64_t>(array.type));
    put_number(bytes, array.shape.size());
    for (const std::int64_t dimension : array.shape) put_number(bytes, static_cast<std::uint64_t>(dimension));
    bytes += array.bytes;
  }
  put_number(bytes, stable_hash(bytes));
  return bytes;
}

Checkpoint parse_checkpoint(const std::string& path, const std::string& bytes) {
  const std::string_view all = bytes;
  if (all.substr(0, kFamily.size()) != kFamily) throw Error(path + ": is no checkpoint of a training");
  if (all.substr(0, kFormat.size()) != kFormat) {
    throw Error(path + ": a checkpoint of another version of this program: delete it to begin anew");
  }
  if (all.size() < kFormat.size() + kHashBytes)
    throw Error(path + ": the checkpoint is cut off: delete it to begin anew");
  const std::string_view hashed = all.substr(0, all.size() - kHashBytes);
  if (Reader(path, all.substr(hashed.size())).number() != stable_hash(hashed)) {
    throw Error(path + ": the checkpoint is damaged (its hash is another): delete it to begin anew");
  }
  Reader reader(path, hashed.substr(kFormat.size()));
  Checkpoint out;
  out.identity = reader.texts();
  out.progress = reader.texts();
  const std::uint64_t arrays = reader.count(24);
  for (std::uint64_t i = 0; i < arrays; ++i) out.arrays.push_back(reader.array());
  reader.expect_end();
  return out;
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  write_file(path, checkpoint_bytes(checkpoint));
}

Checkpoint read_checkpoint(const std::string& path) {
  return parse_checkpoint(path, read_input(path, kLargest, "a checkpoint"));
}

void require_same_job(const std::string& path, const Checkpoint& checkpoint, const Checkpoint::Texts& identity) {
  for (std::size_t i = 0; i < std::max(identity.size(), checkpoint.identity.size()); ++i) {
    const bool both = i < identity.size() && i < checkpoint.identity.size();
    if (both && identity[i] == checkpoint.identity[i]) continue;
    if (!both || identity[i].first != checkpoint.identity[i].first) {
      throw Error(path + ": the checkpoint is of another version of this program: delete it to begin anew");
    }
    throw Error(
        fmt::format("{}: the checkpoint belongs to another training: its {} is '{}', not '{}'; give another "
                    "--out, or delete it to begin anew",
                    path, identity[i].first, printable(checkpoint.identity[i].second), printable(identity[i].second)));
  }
}

}  // namespace lanewise::accuracy
