// SPDX-License-Identifier: Apache-2.0
#include "core/network/tflite/operators.hpp"

#include <fmt/format.h>

#include <iterator>

namespace lanewise::network::tflite {

namespace {

constexpr auto kImage = Layout::kImage;
constexpr auto kEither = Layout::kEither;
constexpr auto kPlain = Layout::kPlain;

// By number, without gaps. Rows without a function name what is not supported.
constexpr OperatorRow kRows[] = {
    {0, "ADD", kEither, add},
    {1, "AVERAGE_POOL_2D", kImage, average_pool},
    {2, "CONCATENATION", kEither, concatenation},
    {3, "CONV_2D", kImage, convolution},
    {4, "DEPTHWISE_CONV_2D", kImage, depthwise_convolution},
    {5, "DEPTH_TO_SPACE", kImage, depth_to_space},
    {6, "DEQUANTIZE", kEither, converted},
    {7, "EMBEDDING_LOOKUP", kPlain, embedding_lookup},
    {8, "FLOOR", kEither, unary},
    {9, "FULLY_CONNECTED", kPlain, fully_connected},
    {10, "HASHTABLE_LOOKUP", kPlain, nullptr},
    {11, "L2_NORMALIZATION", kEither, l2_normalization},
    {12, "L2_POOL_2D", kImage, l2_pool},
    {13, "LOCAL_RESPONSE_NORMALIZATION", kImage, local_response_normalization},
    {14, "LOGISTIC", kEither, unary},
    {15, "LSH_PROJECTION", kPlain, nullptr},
    {16, "LSTM", kPlain, single_lstm},
    {17, "MAX_POOL_2D", kImage, max_pool},
    {18, "MUL", kEither, multiply},
    {19, "RELU", kEither, unary},
    {20, "RELU_N1_TO_1", kEither, clipped},
    {21, "RELU6", kEither, clipped},
    {22, "RESHAPE", kPlain, reshape},
    {23, "RESIZE_BILINEAR", kImage, resize_bilinear},
    {24, "RNN", kPlain, single_rnn},
    {25, "SOFTMAX", kEither, softmax},
    {26, "SPACE_TO_DEPTH", kImage, space_to_depth},
    {27, "SVDF", kPlain, svdf},
    {28, "TANH", kEither, unary},
    {29, "CONCAT_EMBEDDINGS", kPlain, nullptr},
    {30, "SKIP_GRAM", kPlain, nullptr},
    {31, "CALL", kPlain, call_subgraph},
    {32, "CUSTOM", kPlain, custom},
    {33, "EMBEDDING_LOOKUP_SPARSE", kPlain, nullptr},
    {34, "PAD", kEither, pad},
    {35, "UNIDIRECTIONAL_SEQUENCE_RNN", kPlain, sequence_rnn},
    {36, "GATHER", kPlain, gather},
    {37, "BATCH_TO_SPACE_ND", kPlain, batch_to_space},
    {38, "SPACE_TO_BATCH_ND", kPlain, space_to_batch},
    {39, "TRANSPOSE", kPlain, transpose},
    {40, "MEAN", kEither, reduction},
    {41, "SUB", kEither, subtract},
    {42, "DIV", kEither, divide},
    {43, "SQUEEZE", kPlain, squeeze},
    {44, "UNIDIRECTIONAL_SEQUENCE_LSTM", kPlain, sequence_lstm},
    {45, "STRIDED_SLICE", kEither, strided_slice},
    {46, "BIDIRECTIONAL_SEQUENCE_RNN", kPlain, nullptr},
    {47, "EXP", kEither, unary},
    {48, "TOPK_V2", kPlain, top_k},
    {49, "SPLIT", kEither, split},
    {50, "LOG_SOFTMAX", kEither, softmax},
    {51, "DELEGATE", kPlain, nullptr},
    {52, "BIDIRECTIONAL_SEQUENCE_LSTM", kPlain, nullptr},
    {53, "CAST", kEither, cast},
    {54, "PRELU", kEither, parametric_relu},
    {55, "MAXIMUM", kEither, binary},
    {56, "ARG_MAX", kEither, arg_reduction},
    {57, "MINIMUM", kEither, binary},
    {58, "LESS", kEither, binary},
    {59, "NEG", kEither, unary},
    {60, "PADV2", kEither, pad},
    {61, "GREATER", kEither, binary},
    {62, "GREATER_EQUAL", kEither, binary},
    {63, "LESS_EQUAL", kEither, binary},
    {64, "SELECT", kEither, select},
    {65, "SLICE", kEither, slice},
    {66, "SIN", kEither, unary},
    {67, "TRANSPOSE_CONV", kImage, transposed_convolution},
    {68, "SPARSE_TO_DENSE", kPlain, nullptr},
    {69, "TILE", kEither, tile},
    {70, "EXPAND_DIMS", kPlain, expand_dims},
    {71, "EQUAL", kEither, binary},
    {72, "NOT_EQUAL", kEither, not_equal},
    {73, "LOG", kEither, unary},
    {74, "SUM", kEither, reduction},
    {75, "SQRT", kEither, unary},
    {76, "RSQRT", kEither, reciprocal_root},
    {77, "SHAPE", kPlain, shape},
    {78, "POW", kEither, binary},
    {79, "ARG_MIN", kEither, arg_reduction},
    {80, "FAKE_QUANT", kEither, converted},
    {81, "REDUCE_PROD", kEither, reduction},
    {82, "REDUCE_MAX", kEither, reduction},
    {83, "PACK", kPlain, pack},
    {84, "LOGICAL_OR", kEither, binary},
    {85, "ONE_HOT", kPlain, one_hot},
    {86, "LOGICAL_AND", kEither, binary},
    {87, "LOGICAL_NOT", kEither, unary},
    {88, "UNPACK", kPlain, unpack},
    {89, "REDUCE_MIN", kEither, reduction},
    {90, "FLOOR_DIV", kEither, floor_divide},
    {91, "REDUCE_ANY", kEither, reduction},
    {92, "SQUARE", kEither, square},
    {93, "ZEROS_LIKE", kPlain, zeros_like},
    {94, "FILL", kPlain, fill},
    {95, "FLOOR_MOD", kEither, binary},
    {96, "RANGE", kPlain, range},
    {97, "RESIZE_NEAREST_NEIGHBOR", kImage, resize_nearest},
    {98, "LEAKY_RELU", kEither, leaky_relu},
    {99, "SQUARED_DIFFERENCE", kEither, squared_difference},
    {100, "MIRROR_PAD", kEither, mirror_pad},
    {101, "ABS", kEither, unary},
    {102, "SPLIT_V", kEither, split_by_sizes},
    {103, "UNIQUE", kPlain, nullptr},
    {104, "CEIL", kEither, unary},
    {105, "REVERSE_V2", kPlain, reverse},
    {106, "ADD_N", kEither, add_all},
    {107, "GATHER_ND", kPlain, gather_nd},
    {108, "COS", kEither, unary},
    {109, "WHERE", kPlain, nullptr},
    {110, "RANK", kPlain, rank},
    {111, "ELU", kEither, unary},
    {112, "REVERSE_SEQUENCE", kPlain, nullptr},
    {113, "MATRIX_DIAG", kPlain, nullptr},
    {114, "QUANTIZE", kEither, converted},
    {115, "MATRIX_SET_DIAG", kPlain, nullptr},
    {116, "ROUND", kEither, unary},
    {117, "HARD_SWISH", kEither, unary},
    {118, "IF", kPlain, branch},
    {119, "WHILE", kPlain, repeat_while},
    {120, "NON_MAX_SUPPRESSION_V4", kPlain, nullptr},
    {121, "NON_MAX_SUPPRESSION_V5", kPlain, nullptr},
    {122, "SCATTER_ND", kPlain, nullptr},
    {123, "SELECT_V2", kEither, select},
    {124, "DENSIFY", kEither, converted},
    {125, "SEGMENT_SUM", kPlain, nullptr},
    {126, "BATCH_MATMUL", kPlain, batch_matmul},
    {127, "PLACEHOLDER_FOR_GREATER_OP_CODES", kPlain, nullptr},
    {128, "CUMSUM", kPlain, cumulative_sum},
    {129, "CALL_ONCE", kPlain, call_once},
    {130, "BROADCAST_TO", kPlain, broadcast_to},
    {131, "RFFT2D", kPlain, nullptr},
    {132, "CONV_3D", kPlain, nullptr},
    {133, "IMAG", kPlain, nullptr},
    {134, "REAL", kPlain, nullptr},
    {135, "COMPLEX_ABS", kPlain, nullptr},
    {136, "HASHTABLE", kPlain, nullptr},
    {137, "HASHTABLE_FIND", kPlain, nullptr},
    {138, "HASHTABLE_IMPORT", kPlain, nullptr},
    {139, "HASHTABLE_SIZE", kPlain, nullptr},
    {140, "REDUCE_ALL", kEither, reduction},
    {141, "CONV_3D_TRANSPOSE", kPlain, nullptr},
    {142, "VAR_HANDLE", kPlain, variable_handle},
    {143, "READ_VARIABLE", kPlain, read_variable},
    {144, "ASSIGN_VARIABLE", kPlain, assign_variable},
    {145, "BROADCAST_ARGS", kPlain, nullptr},
    {146, "RANDOM_STANDARD_NORMAL", kPlain, nullptr},
    {147, "BUCKETIZE", kPlain, nullptr},
    {148, "RANDOM_UNIFORM", kPlain, nullptr},
    {149, "MULTINOMIAL", kPlain, nullptr},
    {150, "GELU", kEither, gelu},
    {151, "DYNAMIC_UPDATE_SLICE", kPlain, nullptr},
    {152, "RELU_0_TO_1", kEither, clipped},
    {153, "UNSORTED_SEGMENT_PROD", kPlain, nullptr},
    {154, "UNSORTED_SEGMENT_MAX", kPlain, nullptr},
    {155, "UNSORTED_SEGMENT_SUM", kPlain, nullptr},
    {156, "ATAN2", kPlain, nullptr},
    {157, "UNSORTED_SEGMENT_MIN", kPlain, nullptr},
    {158, "SIGN", kEither, unary},
    {159, "BITCAST", kPlain, nullptr},
    {160, "BITWISE_XOR", kPlain, nullptr},
    {161, "RIGHT_SHIFT", kPlain, nullptr},
};
constexpr int kRowCount = static_cast<int>(std::size(kRows));

const OperatorRow* find_row(const schema::OperatorCode& code) {
  const int number = code_of(code);
  return number >= 0 && number < kRowCount ? &kRows[number] : nullptr;
}

constexpr int kCustom = 32;

constexpr bool rows_are_in_order() {
  for (int i = 0; i < kRowCount; ++i) {
    if (kRows[i].code != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "a row is found by its number");

}  // namespace

std::string name_of(const schema::OperatorCode& code) {
  const OperatorRow* row = find_row(code);
  if (row == nullptr) return fmt::format("built-in operator {}", code_of(code));
  if (row->code == kCustom && code.custom() != nullptr) return code.custom()->str();
  return row->name;
}

Layout layout_of(const schema::OperatorCode& code) {
  const OperatorRow* row = find_row(code);
  if (row == nullptr) return kPlain;
  return row->code == kCustom && name_of(code) == "Convolution2DTransposeBias" ? kImage : row->layout;
}

void translate(const Call& call) {
  const OperatorRow* row = find_row(call.translator().file().code(call.op()));
  if (row != nullptr && row->translate != nullptr) {
    row->translate(call);
  } else {
    custom(call);
  }
}

}  // namespace lanewise::network::tflite
