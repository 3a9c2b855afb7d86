// SPDX-License-Identifier: Apache-2.0
#include "core/base/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise {
namespace {

// What a file that is not a regular one is called.
const char* name_of(mode_t mode) {
  if (S_ISDIR(mode)) return "folder";
  if (S_ISFIFO(mode)) return "pipe";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

std::string reason(int code) { return std::generic_category().message(code); }

// Closes on every way out.
class InputFile {
 public:
  InputFile(const std::string& path, Bytes most, const std::string& kind) : path_(path), most_(most), kind_(kind) {
    // Nothing is opened before it is known to be a regular file: a pipe would wait for someone to write.
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      throw Error(path + (errno == ENOENT ? ": no such file" : ": cannot be read: " + reason(errno)));
    }
    if (!S_ISREG(status.st_mode)) throw Error(path + ": is a " + name_of(status.st_mode) + ", not a file");
    if (status.st_size > most.count()) refuse_size();
    size_ = static_cast<std::size_t>(status.st_size);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor_ < 0) throw Error(path + ": cannot be read: " + reason(errno));
  }
  ~InputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::string beginning(std::size_t count) const {
    std::string text(count, '\0');
    const ssize_t got = ::read(descriptor_, text.data(), count);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }

  // Files that the system makes up have no size before they are read, and others may grow meanwhile.
  std::string text() const {
    constexpr std::size_t kPiece = 1 << 16;
    const auto limit = static_cast<std::size_t>(most_.count());
    std::string text;
    text.reserve(size_);
    char piece[kPiece];
    for (;;) {
      const ssize_t count = ::read(descriptor_, piece, kPiece);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw Error(path_ + ": cannot be read: " + reason(errno));
      if (count == 0) return text;
      if (static_cast<std::size_t>(count) > limit - text.size()) refuse_size();
      text.append(piece, static_cast<std::size_t>(count));
    }
  }

 private:
  [[noreturn]] void refuse_size() const {
    throw Error(path_ + ": is larger than " + to_text(most_) + ", too large for " + kind_);
  }

  const std::string path_;
  const Bytes most_;
  const std::string kind_;
  std::size_t size_ = 0;
  int descriptor_ = -1;
};

}  // namespace

void require_input(const std::string& path, Bytes most, const std::string& kind) { InputFile(path, most, kind); }

std::string read_input(const std::string& path, Bytes most, const std::string& kind) {
  return InputFile(path, most, kind).text();
}

std::string first_bytes(const std::string& path, std::size_t count) {
  constexpr Bytes kAnySize{std::numeric_limits<std::int64_t>::max()};
  try {
    return InputFile(path, kAnySize, "").beginning(count);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace lanewise
