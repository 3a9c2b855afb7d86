// SPDX-License-Identifier: Apache-2.0
#include "explore/basket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/network/compression_file.hpp"
#include "core/network/layer_numbers.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "study/codesign/finalist_files.hpp"

namespace lanewise::explore {
namespace {

namespace fs = std::filesystem;

// The largest number among the files of earlier runs, which are not written over.
std::size_t last_number(const std::string& folder) {
  static const std::regex kName("design-([0-9]{1,9})\\.(onnx|yaml|forms|precisions)");
  std::size_t last = 0;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (std::regex_match(name, match, kName)) last = std::max<std::size_t>(last, std::stoul(match[1]));
  }
  return last;
}

std::string file_name(const BasketEntry& entry, const char* suffix) {
  return fmt::format("design-{}.{}", entry.number, suffix);
}

Error unknown(std::size_t number) { return Error(fmt::format("basket: there is no design {}", number)); }

}  // namespace

Basket::Basket(const Subject& subject, std::string folder) : subject_(subject), folder_(std::move(folder)) {
  if (folder_.empty()) return;
  std::error_code none;
  if (fs::exists(folder_, none) && !fs::is_directory(folder_, none)) {
    throw Error(fmt::format("--out {}: is no folder", folder_));
  }
  next_ = last_number(folder_) + 1;
}

std::string Basket::path(const std::string& name) const { return (fs::path(folder_) / name).string(); }

std::size_t Basket::add(BasketEntry entry) {
  const std::lock_guard<std::mutex> lock(guard_);
  if (entries_.size() >= kMost) throw Error(fmt::format("basket: it holds {} designs, which is the most", kMost));
  entry.number = next_++;
  entries_.push_back(std::move(entry));
  return entries_.back().number;
}

void Basket::remove(std::size_t number) {
  const std::lock_guard<std::mutex> lock(guard_);
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const BasketEntry& entry) { return entry.number == number; });
  if (found == entries_.end()) throw unknown(number);
  entries_.erase(found);
}

std::vector<BasketEntry> Basket::entries() const {
  const std::lock_guard<std::mutex> lock(guard_);
  return entries_;
}

BasketEntry Basket::entry(std::size_t number) const {
  const std::lock_guard<std::mutex> lock(guard_);
  for (const BasketEntry& entry : entries_) {
    if (entry.number == number) return entry;
  }
  throw unknown(number);
}

std::string Basket::engine_file(const BasketEntry& entry) const {
  if (!entry.design.refusal.empty()) throw Error(entry.design.refusal);
  const std::string name = fmt::format("{}-design-{}", subject_.engine.name, entry.number);
  std::string head =
      fmt::format("Engine of design {}, explored around {}.", entry.number, engine::engine_title(subject_.engine));
  if (!entry.label.empty()) head += " " + entry.label;
  return study::engine_file_text(subject_.engine_path, entry.design.engine, name, {head});
}

std::string Basket::network_file(const BasketEntry& entry) const {
  if (!entry.design.refusal.empty()) throw Error(entry.design.refusal);
  const ScratchFolder scratch(fs::temp_directory_path(), "lanewise-explore");
  const std::string file = scratch.file("network.onnx");
  network::export_onnx(*entry.design.graph, file,
                       {subject_.networks.at(entry.design.choice.network).path, subject_.read_as});
  return record::read_file(file);
}

Basket::Saved Basket::save(const std::string& table) const {
  if (folder_.empty())
    throw Error("basket: explore was started without --out FOLDER, so that there is nowhere to save it");
  const std::vector<BasketEntry> all = entries();
  if (all.empty()) throw Error("basket: it is empty");
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) throw Error(fmt::format("{}: cannot make this folder: {}", folder_, failed.message()));
  Saved saved;
  const auto write = [&](const std::string& name, const std::string& text) {
    record::write_file(path(name), text);
    saved.files.push_back(name);
  };
  for (const BasketEntry& entry : all) {
    if (!entry.design.refusal.empty()) {
      saved.notes.push_back(fmt::format("design {}: {}", entry.number, entry.design.refusal));
      continue;
    }
    write(file_name(entry, "yaml"), engine_file(entry));
    try {
      write(file_name(entry, "onnx"), network_file(entry));
      if (subject_.space.numbers.empty()) continue;
      const std::string forms = file_name(entry, "forms"), precisions = file_name(entry, "precisions");
      write(forms, network::compression_text(*entry.design.graph, forms));
      write(precisions, network::layer_precisions_text(*entry.design.graph, precisions));
    } catch (const Error& error) {
      saved.notes.push_back(fmt::format("design {}: its network is not saved whole: {}", entry.number, error.what()));
    }
  }
  write("basket.csv", table);
  return saved;
}

}  // namespace lanewise::explore
