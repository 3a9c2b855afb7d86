// SPDX-License-Identifier: Apache-2.0
// Trainings side by side, each in a process of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "accuracy/training/train.hpp"
#include "core/base/progress.hpp"

namespace lanewise::fit {

struct QueuedTraining {
  std::string name;
  std::uint64_t seed = 0;
};

// Calls train_one(item, progress) for each item, in processes of their own that are `jobs` at a time, and `ended(item,
// failure)` in this one after each, with "" or why it failed (whatever it threw, or that its process was killed). One
// job runs in this process. A process ends when this one does, however that ends. Throws Interrupted, once all
// processes have ended, where the progress asks to stop; `progress` is told thousandths of trainings.
void run_queue(const std::vector<QueuedTraining>& items, int jobs,
               const std::function<void(const QueuedTraining&, const Progress&)>& train_one,
               const std::function<void(const QueuedTraining&, const std::string& failure)>& ended,
               const Progress& progress);

// Where the environment's LANEWISE_PARENT names the process that has started this one, this one ends when that does.
void end_with_parent();

}  // namespace lanewise::fit
