// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/boxes.hpp"

#include <algorithm>

#include "accuracy/data/place_box.hpp"

namespace lanewise::accuracy {

void add_box(const StatedBox& stated, const Placement& at, std::vector<Box>& to, DatasetReport& report) {
  if (!(stated.right > stated.left) || !(stated.bottom > stated.top)) {
    report.leave_out("boxes of no area", stated.place);
    return;
  }
  const double left = std::clamp<double>(stated.left, 0, at.width),
               right = std::clamp<double>(stated.right, 0, at.width);
  const double top = std::clamp<double>(stated.top, 0, at.height),
               bottom = std::clamp<double>(stated.bottom, 0, at.height);
  Box box;
  box.left = static_cast<float>(left);
  box.right = static_cast<float>(right);
  box.top = static_cast<float>(top);
  box.bottom = static_cast<float>(bottom);
  // Also what a float cannot tell from nothing.
  if (!(box.right > box.left) || !(box.bottom > box.top)) {
    report.leave_out("boxes outside of their image", stated.place);
    return;
  }
  const double cut = std::max({left - stated.left, stated.right - right, top - stated.top, stated.bottom - bottom});
  constexpr double kRounding = 0.5;
  if (cut > kRounding) report.leave_out("parts of boxes outside of their image", stated.place);
  box.label = stated.label;
  box.is_crowd = stated.is_crowd;
  box.area = static_cast<float>(stated.area);
  box = placed(box, at);
  if (!(box.right > box.left) || !(box.bottom > box.top)) {
    report.leave_out("boxes of no area", stated.place);
    return;
  }
  to.push_back(box);
}

}  // namespace lanewise::accuracy
