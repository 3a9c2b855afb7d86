// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/splits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

std::set<int> classes_of(const Dataset& dataset, std::int64_t image) {
  std::set<int> out;
  if (!dataset.labels.empty()) out.insert(dataset.labels[static_cast<std::size_t>(image)]);
  if (!dataset.boxes.empty()) {
    for (const Box& box : dataset.boxes[static_cast<std::size_t>(image)]) out.insert(box.label);
  }
  if (!dataset.masks.empty()) {
    std::array<bool, Dataset::kIgnored + 1> is_there{};
    const std::int64_t area = dataset.height * dataset.width;
    for (std::int64_t i = image * area; i < (image + 1) * area; ++i) {
      is_there[dataset.masks[static_cast<std::size_t>(i)]] = true;
    }
    for (int value = 0; value < Dataset::kIgnored; ++value) {
      if (is_there[static_cast<std::size_t>(value)]) out.insert(value);
    }
  }
  return out;
}

using Strata = std::map<int, std::vector<std::int64_t>>;

Strata strata_of(const Dataset& dataset) {
  std::vector<std::set<int>> classes;
  std::map<int, std::int64_t> images_with;
  for (std::int64_t image = 0; image < dataset.images(); ++image) {
    classes.push_back(classes_of(dataset, image));
    for (const int label : classes.back()) ++images_with[label];
  }
  Strata out;
  for (std::int64_t image = 0; image < dataset.images(); ++image) {
    constexpr int kNone = -1;
    int rarest = kNone;
    for (const int label : classes[static_cast<std::size_t>(image)]) {
      if (rarest == kNone || images_with[label] < images_with[rarest]) rarest = label;
    }
    out[rarest].push_back(image);
  }
  return out;
}

// How many of each stratum: its share rounded down, and one more for those that lose most by that, until the whole
// number is right.
std::map<int, std::size_t> quotas(const Strata& strata, double share, std::int64_t images) {
  std::map<int, std::size_t> out;
  std::vector<std::pair<double, int>> lost;
  auto missing = static_cast<std::int64_t>(std::llround(share * static_cast<double>(images)));
  for (const auto& [label, members] : strata) {
    const double wanted = share * static_cast<double>(members.size());
    const auto whole = std::min(static_cast<std::size_t>(wanted), members.size() - 1);
    out[label] = whole;
    missing -= static_cast<std::int64_t>(whole);
    if (whole + 1 < members.size()) lost.emplace_back(wanted - static_cast<double>(whole), label);
  }
  std::sort(lost.begin(), lost.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  for (const auto& [loss, label] : lost) {
    if (missing-- <= 0) break;
    ++out[label];
  }
  return out;
}

}  // namespace

std::vector<std::int64_t> choose_share(const Dataset& dataset, double share, std::uint64_t seed) {
  std::vector<std::int64_t> out;
  if (share <= 0 || dataset.images() < 2) return out;
  Strata strata = strata_of(dataset);
  const std::map<int, std::size_t> quota = quotas(strata, share, dataset.images());
  Random random(seed);
  for (auto& [label, members] : strata) {
    random.shuffle(members);
    out.insert(out.end(), members.begin(), members.begin() + static_cast<std::ptrdiff_t>(quota.at(label)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

namespace {

// Closes the gaps that taken items leave, each of `size` values.
template <class T>
void close_gaps(std::vector<T>& values, std::size_t size, const std::vector<std::int64_t>& taken) {
  if (values.empty() || size == 0) return;
  const std::size_t count = values.size() / size;
  std::size_t kept = 0;
  auto next = taken.begin();
  for (std::size_t i = 0; i < count; ++i) {
    if (next != taken.end() && static_cast<std::size_t>(*next) == i) {
      ++next;
      continue;
    }
    if (kept != i) {
      const auto from = values.begin() + static_cast<std::ptrdiff_t>(i * size);
      std::move(from, from + static_cast<std::ptrdiff_t>(size),
                values.begin() + static_cast<std::ptrdiff_t>(kept * size));
    }
    ++kept;
  }
  values.resize(kept * size);
}

}  // namespace

Dataset take_out(Dataset& from, const std::vector<std::int64_t>& images) {
  Dataset out = subset(from, images);
  close_gaps(from.pixels, static_cast<std::size_t>(from.image_elements()), images);
  close_gaps(from.masks, static_cast<std::size_t>(from.height * from.width), images);
  close_gaps(from.labels, 1, images);
  close_gaps(from.boxes, 1, images);
  close_gaps(from.placements, 1, images);
  return out;
}

}  // namespace lanewise::accuracy
