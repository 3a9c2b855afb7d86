// SPDX-License-Identifier: Apache-2.0
// Active learning as people run it: points are chosen and measured, then the estimator is trained and written.
#pragma once

#include <string>

#include "study/training/active_learning.hpp"
#include "study/training/learning_report.hpp"

namespace lanewise::study {

// Runs learn() until the target holds for models trained with `training` as well, then trains the final estimator with
// `training` on all rows of the store but those on the held-out side of the split, and writes it to `model_path`.
// `store_name` is used in messages. Throws Error; then nothing is written but rows of the store.
LearningReport train_until(const Campaign& campaign, const LearningSettings& settings,
                           const estimator::TrainOptions& training, record::Store& store, const std::string& store_name,
                           Truth& truth, const std::string& model_path, const Progress& progress = {});

}  // namespace lanewise::study
