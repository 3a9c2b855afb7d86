// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "accuracy/training/detection_boxes.hpp"
#include "accuracy/training/detection_targets.hpp"

namespace lanewise::accuracy {
namespace {

constexpr float kCentreVariance = 0.1F, kSizeVariance = 0.2F;

struct Shape {
  double width = 0, height = 0;  // shares of the image
};

// Of box `index` of a position of the map that is number `rank` of `maps`, from the finest.
Shape shape_of(std::int64_t index, std::size_t rank, std::size_t maps) {
  const auto size = [&](double k) { return std::pow(10.0, (k + 0.5) / static_cast<double>(maps) - 1.0); };
  constexpr double kRatios[] = {1, 1, 2, 1.0 / 2, 3, 1.0 / 3};
  constexpr std::int64_t kRound = 6;
  constexpr double kNextRound = 0.7;
  const auto k = static_cast<double>(rank);
  const double base = index % kRound == 1 ? std::sqrt(size(k) * size(k + 1)) : size(k);
  const double scaled = base * std::pow(kNextRound, static_cast<double>(index / kRound));
  const double root = std::sqrt(kRatios[index % kRound]);
  return {scaled * root, scaled / root};
}

Box box_of(const Anchor& anchor) {
  Box box;
  box.left = anchor.x - anchor.width / 2;
  box.right = anchor.x + anchor.width / 2;
  box.top = anchor.y - anchor.height / 2;
  box.bottom = anchor.y + anchor.height / 2;
  return box;
}

// The share of an anchor that lies in a box.
double covered(const Box& anchor, const Box& box) {
  const double width = static_cast<double>(std::min(anchor.right, box.right) - std::max(anchor.left, box.left));
  const double height = static_cast<double>(std::min(anchor.bottom, box.bottom) - std::max(anchor.top, box.top));
  const double all = static_cast<double>(anchor.right - anchor.left) * static_cast<double>(anchor.bottom - anchor.top);
  return width > 0 && height > 0 && all > 0 ? width * height / all : 0;
}

// Gives every object an anchor of its own, the best pair of those that are left first.
void claim_anchors(const std::vector<Box>& objects, const std::vector<std::vector<double>>& overlaps,
                   std::vector<PositionTarget>& targets) {
  std::vector<bool> is_taken(targets.size(), false), is_done(objects.size(), false);
  std::vector<std::size_t> best(objects.size(), 0);
  const auto find_best = [&](std::size_t o) {
    best[o] = targets.size();
    for (std::size_t a = 0; a < targets.size(); ++a) {
      if (is_taken[a] || overlaps[o][a] <= (best[o] < targets.size() ? overlaps[o][best[o]] : 0)) continue;
      best[o] = a;
    }
  };
  for (std::size_t o = 0; o < objects.size(); ++o) find_best(o);
  for (std::size_t round = 0; round < objects.size(); ++round) {
    std::size_t chosen = objects.size();
    for (std::size_t o = 0; o < objects.size(); ++o) {
      if (is_done[o] || best[o] == targets.size()) continue;
      if (chosen == objects.size() || overlaps[o][best[o]] > overlaps[chosen][best[chosen]]) chosen = o;
    }
    if (chosen == objects.size()) return;
    const std::size_t anchor = best[chosen];
    is_done[chosen] = is_taken[anchor] = true;
    targets[anchor] = {objects[chosen].label, objects[chosen]};
    for (std::size_t o = 0; o < objects.size(); ++o) {
      if (!is_done[o] && best[o] == anchor) find_best(o);
    }
  }
}

}  // namespace

std::vector<Anchor> anchors_of(const DetectionHead& head) {
  std::vector<std::size_t> order(head.maps.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return head.maps[a].rows * head.maps[a].columns > head.maps[b].rows * head.maps[b].columns;
  });
  std::vector<std::size_t> ranks(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < head.maps.size(); ++i) {
    const DetectionMap& map = head.maps[i];
    for (std::int64_t row = 0; row < map.rows; ++row) {
      for (std::int64_t column = 0; column < map.columns; ++column) {
        for (std::int64_t box = 0; box < map.boxes; ++box) {
          const Shape shape = shape_of(box, ranks[i], head.maps.size());
          anchors.push_back({static_cast<float>((static_cast<double>(column) + 0.5) * map.stride_x),
                             static_cast<float>((static_cast<double>(row) + 0.5) * map.stride_y),
                             static_cast<float>(shape.width * static_cast<double>(head.width)),
                             static_cast<float>(shape.height * static_cast<double>(head.height))});
        }
      }
    }
  }
  return anchors;
}

std::vector<PositionTarget> match_anchors(const std::vector<Anchor>& anchors, const std::vector<Box>& objects) {
  constexpr double kEnough = 0.5;
  std::vector<PositionTarget> targets(anchors.size());
  std::vector<Box> real, crowds;
  for (const Box& object : objects) (object.is_crowd ? crowds : real).push_back(object);
  std::vector<std::vector<double>> overlaps(real.size(), std::vector<double>(anchors.size()));
  for (std::size_t a = 0; a < anchors.size(); ++a) {
    const Box box = box_of(anchors[a]);
    double best = 0;
    for (std::size_t o = 0; o < real.size(); ++o) {
      overlaps[o][a] = overlap(box, real[o]);
      if (overlaps[o][a] < kEnough || overlaps[o][a] <= best) continue;
      best = overlaps[o][a];
      targets[a] = {real[o].label, real[o]};
    }
    const bool in_crowd =
        std::any_of(crowds.begin(), crowds.end(), [&](const Box& crowd) { return covered(box, crowd) > kEnough; });
    if (in_crowd && targets[a].label == PositionTarget::kNothing) targets[a].label = PositionTarget::kIgnored;
  }
  claim_anchors(real, overlaps, targets);
  return targets;
}

std::array<float, 4> offsets_of(const Box& box, const Anchor& anchor) {
  constexpr float kLeast = 1e-3F;  // pixels, so that an empty box has a logarithm
  return {((box.left + box.right) / 2 - anchor.x) / anchor.width / kCentreVariance,
          ((box.top + box.bottom) / 2 - anchor.y) / anchor.height / kCentreVariance,
          std::log(std::max(box.right - box.left, kLeast) / anchor.width) / kSizeVariance,
          std::log(std::max(box.bottom - box.top, kLeast) / anchor.height) / kSizeVariance};
}

Box box_of_offsets(const float* offsets, const Anchor& anchor) {
  constexpr float kMostLog = 6;  // what an untrained network writes must stay finite
  const float x = anchor.x + offsets[0] * kCentreVariance * anchor.width;
  const float y = anchor.y + offsets[1] * kCentreVariance * anchor.height;
  const float width = anchor.width * std::exp(std::min(offsets[2] * kSizeVariance, kMostLog));
  const float height = anchor.height * std::exp(std::min(offsets[3] * kSizeVariance, kMostLog));
  Box box;
  box.left = x - width / 2;
  box.right = x + width / 2;
  box.top = y - height / 2;
  box.bottom = y + height / 2;
  return box;
}

}  // namespace lanewise::accuracy
