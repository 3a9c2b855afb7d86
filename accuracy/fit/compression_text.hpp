// SPDX-License-Identifier: Apache-2.0
// What compressing a network gave, as text.
#pragma once

#include <string>

#include "accuracy/compression/compress.hpp"

namespace lanewise::fit {

std::string compression_text(const accuracy::CompressionJob& job, const accuracy::CompressionResult& result);
std::string compression_json(const accuracy::CompressionJob& job, const accuracy::CompressionResult& result);
// stage,split,metric,value
std::string compression_csv(const accuracy::CompressionResult& result);

std::string sensitivity_text(const std::string& network, const accuracy::Sensitivity& sensitivity);
std::string sensitivity_json(const std::string& network, const accuracy::Sensitivity& sensitivity);
// layer,form,loss
std::string sensitivity_csv(const accuracy::Sensitivity& sensitivity);

}  // namespace lanewise::fit
