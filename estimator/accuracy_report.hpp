// SPDX-License-Identifier: Apache-2.0
// All that is known of the accuracy of an estimator.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/record/campaign_record.hpp"
#include "estimator/accuracy.hpp"
#include "estimator/network_report.hpp"

namespace lanewise::estimator {

// The accuracy of a model, read from its file or found by training anew on a store.
struct AccuracyReport {
  std::int64_t rows = 0, engines = 0;  // that the estimator was trained on
  std::string family;                  // of engines
  std::map<std::string, SplitReport>
      splits;              // by to_string(Split); the names sort from the easiest question to the hardest
  NetworkReport networks;  // empty where no whole networks were measured
  // That measured the training data; empty where stores did not keep them yet.
  std::vector<record::CampaignRecord> campaigns = {};
  std::string measured_by = {};  // "": the simulator; else the program that the errors are against
};

}  // namespace lanewise::estimator
