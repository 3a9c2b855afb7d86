// SPDX-License-Identifier: Apache-2.0
#include "core/base/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <optional>
#include <system_error>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise {
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
  void reset(int number) { number_ = number; }
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
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

// Makes what was written to a file or folder last. 0, or errno.
int sync(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return errno;
  // Some file systems cannot sync a folder, and say so by EINVAL.
  return ::fsync(file.number()) == 0 || errno == EINVAL ? 0 : errno;
}

// The name of the unfinished file: the target's with a tail, of which the front is left out where names may not be so
// long. A hash then tells names of the same beginning apart.
std::string partial_name(const std::string& target, const std::string& tail) {
  const std::size_t slash = target.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : target.substr(0, slash + 1);
  const std::string name = target.substr(folder.size());
  if (name.size() + tail.size() <= NAME_MAX) return target + tail;
  return folder + ".lanewise-" + hex_hash(name) + tail;
}

}  // namespace

// Where the target is missing it is to be made, not the link replaced.
std::string without_links(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // as Linux follows
  std::error_code failed;
  fs::path target = path;
  for (int links = 0; links < kMostLinks && fs::is_symlink(fs::symlink_status(target, failed)); ++links) {
    const fs::path next = fs::read_symlink(target, failed);
    if (failed) return path;
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  if (fs::is_symlink(fs::symlink_status(target, failed))) refuse_write(path, reason(ELOOP));
  const fs::path resolved = fs::canonical(target, failed);
  return failed ? target.string() : resolved.string();
}

Unfinished::Unfinished(const std::string& path, const std::string& suffix) : path_(path), target_(without_links(path)) {
  // The process id keeps two writers of one path out of each other's unfinished file.
  partial_ = partial_name(target_, ".partial-" + std::to_string(::getpid()) + suffix);
}

Unfinished::~Unfinished() {
  std::error_code ignored;
  if (pending_) std::filesystem::remove_all(partial_, ignored);
}

void Unfinished::finish() {
  int code = sync(partial_);
  if (code == 0 && ::rename(partial_.c_str(), target_.c_str()) != 0) code = errno;
  if (code != 0) refuse_write(path_, reason(code));
  pending_ = false;
  const std::string parent = std::filesystem::path(target_).parent_path().string();
  code = sync(parent.empty() ? "." : parent);
  // A folder that may be written but not read cannot be opened to sync it.
  if (code != 0 && code != EACCES) refuse_write(path_, reason(code));
}

struct FileWriter::Opened {
  std::string path;                      // as the caller named it
  std::optional<Unfinished> unfinished;  // none where the path is written through
  Descriptor file{-1};
  std::string buffer;

  void put(std::string_view text) {
    if (const int code = write_all(file.number(), text)) refuse_write(path, reason(code));
  }
};

FileWriter::FileWriter(const std::string& path) : opened_(std::make_unique<Opened>()) {
  if (path.empty()) throw Error("cannot write '': a file name is needed");
  opened_->path = path;
  int flags = O_WRONLY | O_CLOEXEC;
  std::string name = path;
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && S_ISDIR(status.st_mode)) refuse_write(path, reason(EISDIR));
  // Pipes and devices (/dev/stdout) cannot be replaced by a rename, and must not be.
  if (!there || S_ISREG(status.st_mode)) {
    // A rename would get past the file's own permission.
    if (there && ::access(path.c_str(), W_OK) != 0) refuse_write(path, reason(errno));
    opened_->unfinished.emplace(path);
    name = opened_->unfinished->path();
    flags |= O_CREAT | O_TRUNC;
  }
  opened_->file.reset(::open(name.c_str(), flags, 0666));
  if (!opened_->file.open()) refuse_write(path, reason(errno));
}

FileWriter::~FileWriter() = default;

void FileWriter::write(std::string_view text) {
  std::string& buffer = opened_->buffer;
  if (buffer.size() + text.size() > kBufferBytes) {
    opened_->put(buffer);
    buffer.clear();
    if (text.size() > kBufferBytes) return opened_->put(text);
  }
  buffer += text;
}

void FileWriter::finish() {
  opened_->put(opened_->buffer);
  opened_->buffer.clear();
  if (const int code = opened_->file.close()) refuse_write(opened_->path, reason(code));
  if (opened_->unfinished) opened_->unfinished->finish();
}

void write_file(const std::string& path, const std::string& content) {
  FileWriter file(path);
  file.write(content);
  file.finish();
}

}  // namespace lanewise
