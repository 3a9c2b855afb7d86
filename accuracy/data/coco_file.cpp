// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/coco_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

using Json = nlohmann::json;

// One object of the lists "images", "annotations" and "categories": those of its fields that anything is done with.
struct Record {
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
  std::vector<double> box;
  bool has_box = false, is_box_odd = false;
};

// Is told of the file's values one by one as the parser comes across them. Depth 1 is the file's object, 2 one of its
// lists, 3 an object of it, 4 its "bbox".
class Listener : public nlohmann::json_sax<Json> {
 public:
  explicit Listener(const std::string& path) : path_(path) {}
  std::map<std::string, std::vector<Record>> lists = {{"images", {}}, {"annotations", {}}, {"categories", {}}};
  std::map<std::string, bool> seen;

  bool null() override { return other(); }
  bool boolean(bool value) override { return scalar(value ? 1 : 0); }
  bool number_integer(number_integer_t value) override { return scalar(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return scalar(value); }
  bool string(string_t& value) override {
    check_root(false);
    if (in_record() && (field_ == "file_name" || field_ == "name")) record_.texts[field_] = value;
    return other();
  }
  bool binary(binary_t&) override { return other(); }
  bool start_object(std::size_t) override {
    check_root(true);
    if (depth_ == 2 && list_ != nullptr) record_ = {};
    return open(false);
  }
  bool key(string_t& name) override {
    if (depth_ == 1) section_ = name;
    if (depth_ == 3) field_ = name;
    return true;
  }
  bool end_object() override {
    if (depth_ == 3 && list_ != nullptr) list_->push_back(std::move(record_));
    return close();
  }
  bool start_array(std::size_t) override {
    check_root(false);
    if (depth_ == 1) {
      const auto found = lists.find(section_);
      list_ = found == lists.end() ? nullptr : &found->second;
      if (list_ != nullptr && std::exchange(seen[section_], true)) {
        throw Error(fmt::format("{}: has '{}' twice", path_, section_));
      }
    }
    if (in_record() && field_ == "bbox") {
      record_.has_box = true;
      record_.box.clear();
    }
    return open(true);
  }
  bool end_array() override {
    if (depth_ == 2) list_ = nullptr;
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: …"
    std::string message = error.what();
    const std::size_t end = message.find("] ");
    if (end != std::string::npos) message.erase(0, end + 2);
    constexpr std::size_t kLongest = 200;
    if (message.size() > kLongest) message.resize(kLongest);
    throw Error(fmt::format("{}: is no JSON, byte {}: {}", path_, position, printable(message)));
  }

 private:
  bool in_record() const { return depth_ == 3 && list_ != nullptr; }
  void check_root(bool is_object) const {
    if (depth_ == 0 && !is_object) throw Error(path_ + ": is no COCO file: it must hold a JSON object");
  }
  bool scalar(double value) {
    check_root(false);
    if (in_record()) {
      static const std::array<const char*, 7> kFields = {"id",     "image_id", "category_id", "width",
                                                         "height", "iscrowd",  "area"};
      for (const char* field : kFields) {
        if (field_ == field) record_.numbers[field_] = value;
      }
    } else if (depth_ == 4 && list_ != nullptr && in_array_ && field_ == "bbox") {
      constexpr std::size_t kNumbers = 4;
      if (record_.box.size() <= kNumbers) record_.box.push_back(value);
      return true;
    }
    return other();
  }
  // Anything but a number where a box has one.
  bool other() {
    check_root(false);
    if (depth_ >= 4 && list_ != nullptr && field_ == "bbox") record_.is_box_odd = true;
    return true;
  }
  bool open(bool is_array) {
    if (depth_ >= 4 && list_ != nullptr && field_ == "bbox") record_.is_box_odd = true;
    ++depth_;
    in_array_ = is_array;
    return true;
  }
  bool close() {
    --depth_;
    in_array_ = false;
    return true;
  }

  const std::string& path_;
  int depth_ = 0;
  bool in_array_ = false;
  std::string section_, field_;
  std::vector<Record>* list_ = nullptr;
  Record record_;
};

// Checks the records and ties them together.
class Assembly {
 public:
  Assembly(const std::string& path, const Listener& listener, DatasetReport& report)
      : path_(path), from_(listener), report_(report) {
    for (const char* list : {"images", "annotations", "categories"}) {
      if (from_.seen.count(list) == 0)
        throw Error(fmt::format("{}: is no COCO file: it has no list '{}'", path_, list));
    }
  }

  CocoFile finish() {
    categories();
    images();
    std::int64_t number = 0;
    for (const Record& record : from_.lists.at("annotations")) annotation(record, ++number);
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const char* what, std::int64_t number, const std::string& why) const {
    throw Error(fmt::format("{}: {} {}: {}", path_, what, number, why));
  }
  std::optional<double> number_of(const Record& record, const char* field) const {
    const auto found = record.numbers.find(field);
    return found == record.numbers.end() ? std::nullopt : std::optional<double>(found->second);
  }
  std::int64_t id_of(const Record& record, const char* field, const char* what, std::int64_t number) const {
    const std::optional<double> value = number_of(record, field);
    if (!value) fail(what, number, fmt::format("has no number '{}'", field));
    constexpr double kExact = 9007199254740992;  // 2^53
    if (*value != std::floor(*value) || std::abs(*value) > kExact) {
      fail(what, number, fmt::format("'{}' is {}, must be a whole number", field, *value));
    }
    return static_cast<std::int64_t>(*value);
  }
  std::string text_of(const Record& record, const char* field, const char* what, std::int64_t number) const {
    const auto found = record.texts.find(field);
    if (found == record.texts.end() || found->second.empty()) fail(what, number, fmt::format("has no '{}'", field));
    return found->second;
  }

  void categories() {
    std::int64_t number = 0;
    for (const Record& record : from_.lists.at("categories")) {
      ++number;
      out_.categories.push_back(
          {id_of(record, "id", "category", number), printable(text_of(record, "name", "category", number))});
    }
    if (out_.categories.empty()) throw Error(path_ + ": has no categories");
    std::sort(out_.categories.begin(), out_.categories.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    for (std::size_t i = 0; i < out_.categories.size(); ++i) {
      if (!label_of_.emplace(out_.categories[i].id, static_cast<int>(i)).second) {
        throw Error(fmt::format("{}: has two categories of the id {}", path_, out_.categories[i].id));
      }
    }
  }

  void images() {
    std::int64_t number = 0;
    for (const Record& record : from_.lists.at("images")) {
      ++number;
      CocoFile::ImageRecord image;
      image.id = id_of(record, "id", "image", number);
      image.name = text_of(record, "file_name", "image", number);
      if (number_of(record, "width")) image.width = id_of(record, "width", "image", number);
      if (number_of(record, "height")) image.height = id_of(record, "height", "image", number);
      const std::filesystem::path name = image.name;
      if (name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end() ||
          image.name.find('\0') != std::string::npos) {
        fail("image", number, fmt::format("'{}' leads out of the folder of images", printable(image.name)));
      }
      if (!image_of_.emplace(image.id, out_.images.size()).second) {
        throw Error(fmt::format("{}: has two images of the id {}", path_, image.id));
      }
      out_.images.push_back(std::move(image));
    }
    if (out_.images.empty()) throw Error(path_ + ": has no images");
  }

  void annotation(const Record& record, std::int64_t number) {
    const char* what = "annotation";
    const std::int64_t image = id_of(record, "image_id", what, number);
    const std::int64_t category = id_of(record, "category_id", what, number);
    const auto its_image = image_of_.find(image);
    if (its_image == image_of_.end()) fail(what, number, fmt::format("no image has the id {}", image));
    const auto its_label = label_of_.find(category);
    if (its_label == label_of_.end()) fail(what, number, fmt::format("no category has the id {}", category));
    if (!record.has_box || (record.box.empty() && !record.is_box_odd)) {
      report_.leave_out("annotations without a box", fmt::format("annotation {}", number));
      return;
    }
    CocoFile::Annotation out;
    if (record.is_box_odd || record.box.size() != out.box.size()) {
      fail(what, number, "'bbox' must be four numbers: left, top, width, height");
    }
    std::copy(record.box.begin(), record.box.end(), out.box.begin());
    out.image = its_image->second;
    out.label = its_label->second;
    out.is_crowd = number_of(record, "iscrowd").value_or(0) != 0;
    const double area = number_of(record, "area").value_or(-1);
    out.area = area > 0 ? area : -1;
    out.number = number;
    out_.annotations.push_back(out);
  }

  const std::string& path_;
  const Listener& from_;
  DatasetReport& report_;
  CocoFile out_;
  std::map<std::int64_t, std::size_t> image_of_;
  std::map<std::int64_t, int> label_of_;
};

}  // namespace

CocoFile read_coco_file(const std::string& path, DatasetReport& report) {
  constexpr Bytes kLargest{std::int64_t{1} << 30};
  const std::string text = read_input(path, kLargest, "a COCO file");
  Listener listener(path);
  Json::sax_parse(text, &listener);
  return Assembly(path, listener, report).finish();
}

}  // namespace lanewise::accuracy
