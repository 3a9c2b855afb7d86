// SPDX-License-Identifier: Apache-2.0
#include "record/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.hpp"

namespace lanewise::record {
namespace {

std::string reason(int code) { return std::generic_category().message(code); }

[[noreturn]] void refuse_write(const std::string& path, const std::string& why) {
  throw Error("cannot write '" + path + "': " + why);
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  // Errors of delayed writes show here.
  int close() {
    const int result = ::close(number_);
    number_ = -1;
    return result == 0 ? 0 : errno;
  }

 private:
  int number_;
};

// 0, or errno of the write that failed.
int write_all(int descriptor, const std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t written = ::write(descriptor, content.data() + done, content.size() - done);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    done += static_cast<std::size_t>(written);
  }
  return 0;
}

// Pipes and devices (/dev/stdout) cannot be replaced by a rename, and must not be.
void write_through(const std::string& path, const std::string& content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) refuse_write(path, reason(errno));
  if (const int code = write_all(file.number(), content)) refuse_write(path, reason(code));
  if (const int code = file.close()) refuse_write(path, reason(code));
}

}  // namespace

void write_file(const std::string& path, const std::string& content) {
  if (path.empty()) throw Error("cannot write '': a file name is needed");
  std::string target = path;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) refuse_write(path, reason(EISDIR));
    if (!S_ISREG(status.st_mode)) return write_through(path, content);
    // A rename would get past the file's own permission, and would turn a link into a file.
    if (::access(path.c_str(), W_OK) != 0) refuse_write(path, reason(errno));
    std::error_code failed;
    const std::filesystem::path resolved = std::filesystem::canonical(path, failed);
    if (!failed) target = resolved.string();
  }
  // The process id keeps two writers of one path out of each other's unfinished file.
  const std::string partial = target + ".partial-" + std::to_string(::getpid());
  Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.open()) refuse_write(path, reason(errno));
  int code = write_all(file.number(), content);
  const int close_code = file.close();
  if (code == 0) code = close_code;
  if (code == 0 && ::rename(partial.c_str(), target.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(partial.c_str());
    refuse_write(path, reason(code));
  }
}

std::string read_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) throw Error("cannot read '" + path + "': " + reason(errno));
  std::string content;
  struct stat status {};
  if (::fstat(file.number(), &status) == 0 && status.st_size > 0) {
    content.reserve(static_cast<std::size_t>(status.st_size));
  }
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = ::read(file.number(), buffer, sizeof buffer);
    if (count < 0) {
      if (errno == EINTR) continue;
      throw Error("cannot read '" + path + "': " + reason(errno));
    }
    if (count == 0) return content;
    content.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace lanewise::record
