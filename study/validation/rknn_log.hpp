// SPDX-License-Identifier: Apache-2.0
// What RKNN's profiler prints for each layer ("Network Layer Information Table"), of RKNN-Toolkit2 1.4 to 2.x. Times
// are whole microseconds and hold the launch of the layer.
#pragma once

#include <string>
#include <string_view>

#include "study/validation/layer_log.hpp"

namespace lanewise::study {

bool is_rknn_log(std::string_view text);

// Layers that do not run on the NPU, whose shapes are cut in the log, or that are neither convolutions, poolings nor
// element-wise, come with the reason why no row is made of them. A convolution's stride and padding are not in a log:
// they are the smallest stride that makes the output's size of the input's with the padding that kernels usually have,
// and as much padding as that needs. Throws Error naming file and line where the table's header lacks a column, a row
// has fewer cells than the header, a time is no number, or there are no rows.
LayerLog read_rknn_log(const std::string& path, std::string_view text);

}  // namespace lanewise::study
