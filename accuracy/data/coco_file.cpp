// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/coco_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/base/printable.hpp"

namespace lanewise::accuracy {
namespace {

using Json = nlohmann::json;

// The fields that anything is done with.
enum Field { kId, kImageId, kCategoryId, kWidth, kHeight, kIsCrowd, kArea, kNumbers, kBox, kFileName, kName, kOther };
constexpr std::array<std::pair<std::string_view, Field>, 10> kFields = {{{"id", kId},
                                                                         {"image_id", kImageId},
                                                                         {"category_id", kCategoryId},
                                                                         {"width", kWidth},
                                                                         {"height", kHeight},
                                                                         {"iscrowd", kIsCrowd},
                                                                         {"area", kArea},
                                                                         {"bbox", kBox},
                                                                         {"file_name", kFileName},
                                                                         {"name", kName}}};
Field field_of(std::string_view name) {
  for (const auto& [known, field] : kFields) {
    if (name == known) return field;
  }
  return kOther;
}
const char* name_of(Field field) {
  for (const auto& [known, its_field] : kFields) {
    if (field == its_field) return known.data();
  }
  return "";
}

// One object of the lists "images", "annotations" and "categories". There may be a million of them.
struct Record {
  // Not a number where it is not stated, which JSON cannot say.
  std::array<double, kNumbers> numbers;
  std::array<double, 4> box{};
  std::size_t box_size = 0;  // at most one more than there is room for
  bool has_box = false, is_box_odd = false;
  std::string file_name, name;
  Record() { numbers.fill(std::numeric_limits<double>::quiet_NaN()); }
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
    if (in_record() && field_ == kFileName) record_.file_name = value;
    if (in_record() && field_ == kName) record_.name = value;
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
    if (depth_ == 3) field_ = field_of(name);
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
    if (in_record() && field_ == kBox) {
      record_.has_box = true;
      record_.box_size = 0;
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
      if (field_ < kNumbers) record_.numbers[field_] = value;
    } else if (depth_ == 4 && list_ != nullptr && in_array_ && field_ == kBox) {
      if (record_.box_size < record_.box.size()) record_.box[record_.box_size] = value;
      if (record_.box_size <= record_.box.size()) ++record_.box_size;
      return true;
    }
    return other();
  }
  // Anything but a number where a box has one.
  bool other() {
    check_root(false);
    if (depth_ >= 4 && list_ != nullptr && field_ == kBox) record_.is_box_odd = true;
    return true;
  }
  bool open(bool is_array) {
    if (depth_ >= 4 && list_ != nullptr && field_ == kBox) record_.is_box_odd = true;
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
  std::string section_;
  Field field_ = kOther;
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
  std::int64_t id_of(const Record& record, Field field, const char* what, std::int64_t number) const {
    const double value = record.numbers[field];
    if (std::isnan(value)) fail(what, number, fmt::format("has no number '{}'", name_of(field)));
    constexpr double kExact = 9007199254740992;  // 2^53
    if (value != std::floor(value) || std::abs(value) > kExact) {
      fail(what, number, fmt::format("'{}' is {}, must be a whole number", name_of(field), value));
    }
    return static_cast<std::int64_t>(value);
  }
  const std::string& require_text(const std::string& text, Field field, const char* what, std::int64_t number) const {
    if (text.empty()) fail(what, number, fmt::format("has no '{}'", name_of(field)));
    return text;
  }

  void categories() {
    std::int64_t number = 0;
    for (const Record& record : from_.lists.at("categories")) {
      ++number;
      out_.categories.push_back(
          {id_of(record, kId, "category", number), printable(require_text(record.name, kName, "category", number))});
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
      image.id = id_of(record, kId, "image", number);
      image.name = require_text(record.file_name, kFileName, "image", number);
      if (!std::isnan(record.numbers[kWidth])) image.width = id_of(record, kWidth, "image", number);
      if (!std::isnan(record.numbers[kHeight])) image.height = id_of(record, kHeight, "image", number);
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
    const std::int64_t image = id_of(record, kImageId, what, number);
    const std::int64_t category = id_of(record, kCategoryId, what, number);
    const auto its_image = image_of_.find(image);
    if (its_image == image_of_.end()) fail(what, number, fmt::format("no image has the id {}", image));
    const auto its_label = label_of_.find(category);
    if (its_label == label_of_.end()) fail(what, number, fmt::format("no category has the id {}", category));
    if (!record.has_box || (record.box_size == 0 && !record.is_box_odd)) {
      report_.leave_out("annotations without a box", fmt::format("annotation {}", number));
      return;
    }
    CocoFile::Annotation out;
    if (record.is_box_odd || record.box_size != out.box.size()) {
      fail(what, number, "'bbox' must be four numbers: left, top, width, height");
    }
    out.box = record.box;
    out.image = its_image->second;
    out.label = its_label->second;
    out.is_crowd = !std::isnan(record.numbers[kIsCrowd]) && record.numbers[kIsCrowd] != 0;
    if (record.numbers[kArea] > 0) out.area = record.numbers[kArea];
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
