// SPDX-License-Identifier: Apache-2.0
// Designs that a person put aside, for as long as the program runs, and their files.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "explore/answers.hpp"
#include "explore/design_space.hpp"
#include "explore/subject.hpp"

namespace lanewise::explore {

struct BasketEntry {
  std::size_t number = 0;  // its own, never given again
  std::string label;       // a person's; one printable line
  Design design;
  SharedAnswer estimated;  // null where the engine cannot run it
  std::string failure;     // then
};

// May be asked by several threads at once.
class Basket {
 public:
  static constexpr std::size_t kMost = 100;

  // Files go to `folder` and nowhere else; "": nothing can be saved there. Numbers go on behind those of the files that
  // are there. The subject must outlive it. Throws Error where `folder` names something that is no folder.
  Basket(const Subject& subject, std::string folder);

  // Returns its number. Throws Error where there are kMost.
  std::size_t add(BasketEntry entry);
  // Throws Error where there is none of that number.
  void remove(std::size_t number);
  std::vector<BasketEntry> entries() const;
  BasketEntry entry(std::size_t number) const;
  const std::string& folder() const { return folder_; }

  // The engine as an hwconfig, and the network as the bytes of an ONNX file. Throws Error naming the rule where a
  // network cannot be said in ONNX.
  std::string engine_file(const BasketEntry& entry) const;
  std::string network_file(const BasketEntry& entry) const;
  // design-N.yaml, design-N.onnx and, of a space in which the numbers of layers are genes, design-N.forms and
  // design-N.precisions, of every entry, and the table as `basket.csv`. Each is there whole or not at all. Returns
  // their names, and why a network has none. Throws Error where there is no folder, or no entry.
  struct Saved {
    std::vector<std::string> files, notes;
  };
  Saved save(const std::string& table) const;

 private:
  std::string path(const std::string& name) const;

  const Subject& subject_;
  std::string folder_;
  mutable std::mutex guard_;
  std::vector<BasketEntry> entries_;
  std::size_t next_ = 1;
};

}  // namespace lanewise::explore
