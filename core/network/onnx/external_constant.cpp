// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/external_constant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"

namespace lanewise::network::importing {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMostBytes = kLargestConstant * 16;  // more than any element takes

std::string entry(const onnx::TensorProto& tensor, const char* key) {
  for (const onnx::StringStringEntryProto& pair : tensor.external_data()) {
    if (pair.key() == key) return pair.value();
  }
  return "";
}

// A count of bytes in the tensor's description; `otherwise` where it has none.
std::uintmax_t bytes(const onnx::TensorProto& tensor, const char* key, std::uintmax_t otherwise) {
  const std::string text = entry(tensor, key);
  if (text.empty()) return otherwise;
  std::uintmax_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw Error(fmt::format("have the {} '{}', which is no count of bytes", key, text));
  }
  return value;
}

// Whether the file, links followed, lies in the folder or below it.
bool is_within(const fs::path& file, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end() && rest != file.end();
}

// The bytes; throws Error with the text of failure().
std::string read_bytes(const onnx::TensorProto& tensor, const std::string& network_path, std::uintmax_t most) {
  const std::string location = entry(tensor, "location");
  if (location.empty()) throw Error("lie in another file, which it does not name");
  const fs::path named(location);
  const auto refuse = [&](const std::string& why) { throw Error(fmt::format("lie in '{}', which {}", location, why)); };
  const bool climbs = std::find(named.begin(), named.end(), "..") != named.end();
  if (named.is_absolute() || climbs) refuse("is outside of the network's folder");
  std::error_code failure;
  const fs::path folder = fs::canonical(fs::absolute(network_path).parent_path(), failure);
  if (failure) refuse("cannot be found");
  const fs::path file = fs::canonical(folder / named, failure);
  if (failure) refuse("is missing");
  if (!is_within(file, folder)) refuse("is outside of the network's folder");
  if (!fs::is_regular_file(file, failure)) refuse("is no regular file");
  const std::uintmax_t size = fs::file_size(file, failure);
  if (failure) refuse("cannot be read");
  const std::uintmax_t offset = bytes(tensor, "offset", 0);
  if (offset > size) refuse(fmt::format("has {} bytes, and they begin at {}", size, offset));
  const std::uintmax_t length = bytes(tensor, "length", size - offset);
  if (length > size - offset) refuse(fmt::format("has {} bytes, and they end at {}", size, offset + length));
  if (length > most) refuse(fmt::format("holds {} bytes of them, too many for their shape", length));
  std::ifstream stream(file, std::ios::binary);
  std::string raw(static_cast<std::size_t>(length), '\0');
  stream.seekg(static_cast<std::streamoff>(offset));
  stream.read(raw.data(), static_cast<std::streamsize>(length));
  if (!stream) refuse("cannot be read");
  return raw;
}

}  // namespace

ExternalConstant::ExternalConstant(const onnx::TensorProto& tensor, const std::string& network_path)
    : tensor_(tensor), network_path_(network_path) {}

const Constant* ExternalConstant::read() {
  if (!was_read_) {
    was_read_ = true;
    try {
      load();
    } catch (const Error& error) {
      failure_ = error.what();
    }
  }
  return constant_ ? &*constant_ : nullptr;
}

void ExternalConstant::load() {
  std::string raw = read_bytes(tensor_, network_path_, kMostBytes);
  tensor_.clear_data_location();
  tensor_.set_raw_data(std::move(raw));
  try {
    constant_ = decode(tensor_);
  } catch (const Error& error) {
    throw Error(fmt::format("lie in '{}', which does not fit: {}", entry(tensor_, "location"), error.what()));
  }
  tensor_.clear_raw_data();
}

void load_external(onnx::TensorProto& tensor, const std::string& network_path) {
  constexpr std::uintmax_t kMostWidth = 16;  // bytes an element, more than any type has
  const Shape shape(tensor.dims().begin(), tensor.dims().end());
  const auto most = static_cast<std::uintmax_t>(element_count(shape).value_or(0)) * kMostWidth;
  try {
    tensor.set_raw_data(read_bytes(tensor, network_path, most));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: the numbers of '{}' {}", network_path, tensor.name(), error.what()));
  }
  tensor.clear_data_location();
  tensor.clear_external_data();
}

}  // namespace lanewise::network::importing
