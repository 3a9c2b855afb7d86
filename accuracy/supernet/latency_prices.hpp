// SPDX-License-Identifier: Apache-2.0
// What the networks of a space take on an engine, from a table of some of them: the others are predicted. No type of
// libtorch is seen here, and nothing of the estimator that made the table.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "accuracy/supernet/supernet_space.hpp"
#include "nas/predictor/accuracy_predictor.hpp"

namespace lanewise::accuracy {

class LatencyPrices {
 public:
  // Reads the columns `encoding` and `latency_ms` of a table such as `lanewise space prices` writes. Networks beside
  // those of the table are predicted from their topology, by nas::AccuracyPredictor fitted to ln(ms). Throws Error
  // naming the file, and line and column where there are any: no such column, a latency that is not above 0, fewer than
  // AccuracyPredictor::kFewestNetworks networks of the space or more than kMostNetworks.
  LatencyPrices(const std::string& path, const SupernetSpace& space);
  double ms(const nas::Genotype& canonical);

  std::size_t networks() const { return predictor_.networks().size(); }
  // By how much a network of the table would have been mispredicted had it not been there: the median and the worst of
  // their absolute errors, in percent.
  double median_error_percent() const { return median_error_percent_; }
  double worst_error_percent() const { return worst_error_percent_; }
  const std::string& hash() const { return hash_; }  // of what the table says

 private:
  const SupernetSpace& space_;
  nas::AccuracyPredictor predictor_;
  double median_error_percent_ = 0, worst_error_percent_ = 0;
  std::string hash_;
  std::map<nas::Genotype, double> known_;
};

}  // namespace lanewise::accuracy
