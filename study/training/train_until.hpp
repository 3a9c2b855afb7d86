// SPDX-License-Identifier: Apache-2.0
// Active learning as people run it: points are chosen and measured, then the estimator is trained and written.
#pragma once

#include <string>

#include "study/training/active_learning.hpp"
#include "study/training/learning_report.hpp"

namespace lanewise::study {

// learn() until the target holds for models trained with `training`, too; then an estimator of all rows of the store
// that may be trained on, with `training`: neither the frozen points nor any other row on their side of the split.
// Writes it to `model_path`. `store_name` is for messages. Throws Error; nothing is written then but rows of the store.
LearningReport train_until(const Campaign& campaign, const LearningSettings& settings,
                           const estimator::TrainOptions& training, record::Store& store, const std::string& store_name,
                           sim::WorkerPool& pool, const std::string& model_path, const Progress& progress = {});

}  // namespace lanewise::study
