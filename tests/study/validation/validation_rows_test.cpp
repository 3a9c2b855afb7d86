// SPDX-License-Identifier: Apache-2.0
#include "study/validation/validation_rows.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using mapping::SubgraphFamily;

class ValidationRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_rows_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  ValidationRows read(const std::string& text, const std::string& cycles = "", std::optional<Hertz> clock = {}) const {
    const fs::path path = folder_ / "r.csv";
    std::ofstream(path) << text;
    return read_validation_rows(path.string(), {cycles, clock});
  }
  std::string refusal(const std::string& text, const std::string& cycles = "") const {
    try {
      read(text, cycles);
    } catch (const Error& error) {
      const std::string what = error.what();
      const std::size_t at = what.find("r.csv");
      return at == std::string::npos ? what : what.substr(at);
    }
    return "no error";
  }

  fs::path folder_;
};

const char* const kMinimal = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles\n";

TEST_F(ValidationRowsTest, a_layer_needs_only_its_shape_and_cycles) {
  const ValidationRows rows = read(std::string(kMinimal) + "14,12,32,48,3,5,30041\n");
  ASSERT_EQ(rows.layers.size(), 1u);
  EXPECT_TRUE(rows.ignored_columns.empty());
  const LayerRow& row = rows.layers[0];
  EXPECT_EQ(row.subgraph.line, 2);
  EXPECT_EQ(row.subgraph.engine, "");
  EXPECT_TRUE(row.subgraph.overrides.empty());
  EXPECT_EQ(row.set, "all");
  EXPECT_EQ(row.cycles, 30041);
  EXPECT_TRUE(row.timestamps.empty());
  const mapping::SubgraphShape& s = row.subgraph.subgraph.shape;
  EXPECT_EQ(s.family, SubgraphFamily::kConvolution);
  EXPECT_EQ(s.out_width, 12);
  EXPECT_EQ(s.out_height, 8);
  EXPECT_EQ(s.macs(), 12 * 8 * 48 * 32 * 15);
  EXPECT_EQ(s.weight_elements(), 48 * 32 * 15);  // no bias
}

TEST_F(ValidationRowsTest, axes_and_sides_of_the_window_are_kept_apart) {
  const ValidationRows rows = read(
      "engine,set,tag,in_w,in_h,in_c,out_c,kernel_w,kernel_h,stride_x,stride_y,pad_left,pad_right,pad_top,pad_bottom,"
      "dilation,out_w,out_h,cycles,first_mac_cycle,read_beats,colour\n"
      "ne-64,s,t,20,10,8,16,5,3,2,1,1,2,3,4,2,8,13,500,40,77,blue\n");
  const LayerRow& row = rows.layers.at(0);
  EXPECT_EQ(row.subgraph.engine, "ne-64");
  EXPECT_EQ(row.set, "s");
  EXPECT_EQ(row.tag, "t");
  const network::Window& w = row.subgraph.subgraph.shape.window;
  EXPECT_EQ(w.kernel[0], 3);
  EXPECT_EQ(w.kernel[1], 5);
  EXPECT_EQ(w.stride[0], 1);
  EXPECT_EQ(w.stride[1], 2);
  EXPECT_EQ(w.pad_begin[0], 3);
  EXPECT_EQ(w.pad_end[0], 4);
  EXPECT_EQ(w.pad_begin[1], 1);
  EXPECT_EQ(w.pad_end[1], 2);
  EXPECT_EQ(w.dilation[0], 2);
  EXPECT_EQ(w.dilation[1], 2);
  ASSERT_EQ(row.timestamps.size(), 2u);
  EXPECT_STREQ(row.timestamps[0].first->name, "first_mac");
  EXPECT_EQ(row.timestamps[0].second, 40);
  EXPECT_STREQ(row.timestamps[1].first->name, "read_beats");
  EXPECT_EQ(rows.ignored_columns, std::vector<std::string>{"colour"});
}

TEST_F(ValidationRowsTest, engine_columns_are_overrides_and_empty_cells_are_none) {
  const ValidationRows rows = read(
      "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles,activation_banks,weight_banks,read_latency_cycles,"
      "read_interval_cycles,address_interval_cycles,write_interval_cycles,write_address_interval_cycles,"
      "write_response_cycles,fetch_grain\n"
      "4,4,8,8,1,1,100,1,2,3,4,5,6,7,8,9\n"
      "4,4,8,8,1,1,100,,2,,,,,,,\n");
  std::vector<std::string> changes;
  for (const ColumnOverride& o : rows.layers.at(0).subgraph.overrides)
    changes.push_back(o.change.key + "=" + o.change.value);
  EXPECT_EQ(changes,
            (std::vector<std::string>{"memory.activation_banks=1", "memory.weight_banks=2", "dram.latency=3 cycles",
                                      "dram.read_interval_cycles=4", "dram.request_interval_cycles=5",
                                      "dram.write_interval_cycles=6", "dram.write_request_interval_cycles=7",
                                      "dram.write_response_cycles=8", "dma.fetch_grain_rows=9"}));
  ASSERT_EQ(rows.layers.at(1).subgraph.overrides.size(), 1u);
  EXPECT_EQ(rows.layers.at(1).subgraph.overrides[0].column, "weight_banks");
}

TEST_F(ValidationRowsTest, the_short_schema_names_the_output_and_padding_keeps_it) {
  const ValidationRows rows = read(
      "engine,kernel,weight_bits,in_c,out_c,out_h,out_w,depthwise,cycles_latest,cycles_min\n"
      "x,3,4,32,32,6,5,0,494,490\n"
      "x,1,8,32,64,6,5,0,494,490\n"
      "x,3,16,64,64,6,5,1,333,330\n");
  const mapping::SubgraphShape& s = rows.layers.at(0).subgraph.subgraph.shape;
  EXPECT_EQ(s.in_height, 6);
  EXPECT_EQ(s.in_width, 5);
  EXPECT_EQ(s.window.pad_begin[0], 1);
  EXPECT_EQ(s.window.pad_end[1], 1);
  EXPECT_EQ(s.weight_precision, Precision::kInt4);
  EXPECT_EQ(s.input_precision, Precision::kInt8);
  EXPECT_EQ(rows.layers[0].cycles, 494);
  EXPECT_EQ(rows.layers.at(1).subgraph.subgraph.shape.window.pad_begin[0], 0);
  const mapping::SubgraphShape& depthwise = rows.layers.at(2).subgraph.subgraph.shape;
  EXPECT_EQ(depthwise.family, SubgraphFamily::kDepthwise);
  EXPECT_EQ(depthwise.groups, 64);
  EXPECT_EQ(depthwise.weight_precision, Precision::kInt16);
  EXPECT_EQ(rows.ignored_columns, std::vector<std::string>{"cycles_min"});
}

TEST_F(ValidationRowsTest, the_column_of_cycles_can_be_named) {
  const std::string text = "kernel,in_c,out_c,out_h,out_w,cycles_latest,cycles_min\n1,8,8,4,4,120,110\n";
  EXPECT_EQ(read(text).layers.at(0).cycles, 120);
  EXPECT_EQ(read(text, "cycles_min").layers.at(0).cycles, 110);
  EXPECT_EQ(refusal(text, "cycles_max"), "r.csv:1: column 'cycles_max': missing");
}

TEST_F(ValidationRowsTest, a_width_of_weights_that_no_engine_has_fails_its_row_alone) {
  const ValidationRows rows =
      read("kernel,in_c,out_c,out_h,out_w,cycles,weight_bits\n1,8,8,4,4,120,3\n1,8,8,4,4,120,8\n");
  EXPECT_EQ(rows.layers.at(0).subgraph.failure.rfind("column 'weight_bits': value '3': must be one of ", 0), 0u)
      << rows.layers.at(0).subgraph.failure;
  EXPECT_EQ(rows.layers.at(1).subgraph.failure, "");
}

TEST_F(ValidationRowsTest, bad_cells_name_file_line_column_value_and_rule) {
  const std::string head = kMinimal;
  EXPECT_EQ(refusal("in_w,in_h,in_c,out_c,kernel_w,cycles\n1,1,1,1,1,9\n"), "r.csv:1: column 'kernel_h': missing");
  EXPECT_EQ(refusal(head + "4,4,8,8,1,1,100\n4,x,8,8,1,1,100\n"),
            "r.csv:3: column 'in_h': value 'x': must be a whole number from 1 to 1000000");
  EXPECT_EQ(refusal(head + "4,4,8,8,1,1,0\n"),
            "r.csv:2: column 'cycles': value '0': must be a whole number from 1 to 1000000000000000");
  EXPECT_EQ(refusal(head + "4,4,8,8,1,1,\n"), "r.csv:2: column 'cycles': value '': must not be empty");
  EXPECT_EQ(refusal(head + "4,4,8,8,1,5,9\n"), "r.csv:2: column 'kernel_h': value '5': must fit into the padded input");
  EXPECT_EQ(refusal(head + "4,4,8.5,8,1,1,9\n"),
            "r.csv:2: column 'in_c': value '8.5': must be a whole number from 1 to 1000000");
  EXPECT_EQ(refusal(head + "1000000,1000000,1000000,8,1,1,9\n"),
            "r.csv:2: must be a shape of at most 10^15 MACs and elements");
  const std::string with = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles,";
  EXPECT_EQ(refusal(with + "out_w\n4,4,8,8,1,1,9,5\n"),
            "r.csv:2: column 'out_w': value '5': must be 4, as input, kernel, stride, padding and dilation give");
  EXPECT_EQ(
      refusal(with + "engine\n4,4,8,8,1,1,9,../ne\n"),
      "r.csv:2: column 'engine': value '../ne': must be the name of an engine: letters, digits, '-', '_' and '.'");
  EXPECT_EQ(refusal(with + "groups\n4,4,8,8,1,1,9,3\n"),
            "r.csv:2: column 'groups': value '3': in_c 8 and out_c 8 must be multiples of 3 groups");
  EXPECT_EQ(refusal(with + "groups,depthwise\n4,4,8,8,1,1,9,2,1\n"),
            "r.csv:2: column 'groups': value '2': must be in_c where depthwise is 1");
  EXPECT_EQ(refusal(with + "depthwise\n4,4,8,12,1,1,9,1\n"),
            "r.csv:2: column 'depthwise': value '1': in_c 8 and out_c 12 must be multiples of 8 groups");
}

TEST_F(ValidationRowsTest, layers_of_sequences_are_text) {
  const std::string head = "engine,sequence,position,layer,done_cycle,load_enabled_cycle\n";
  const ValidationRows rows = read(head + "e,s,0,20x10x32->48 5x3 pad 1,900,0\ne,s,1,1x1x256->64 1x1,1000,\n" +
                                   "e,s,2,9x9x8->8 3x3 stride 2 pad 1,2000,7\n");
  ASSERT_EQ(rows.sequences.size(), 3u);
  const mapping::SubgraphShape& s = rows.sequences[0].subgraph.subgraph.shape;
  EXPECT_EQ(s.in_width, 20);
  EXPECT_EQ(s.in_height, 10);
  EXPECT_EQ(s.window.kernel[1], 5);
  EXPECT_EQ(s.window.kernel[0], 3);
  EXPECT_EQ(s.out_width, 18);
  EXPECT_EQ(s.out_height, 10);
  EXPECT_EQ(s.out_channels, 48);
  EXPECT_EQ(rows.sequences[0].load_enabled, 0);
  EXPECT_EQ(rows.sequences[1].load_enabled, std::nullopt);
  EXPECT_EQ(rows.sequences[2].subgraph.subgraph.shape.out_width, 5);
  const std::string rule = ": must be like '14x14x32->32 3x3 stride 2 pad 1', stride and pad where there are any";
  for (const char* layer : {"14x14->32 3x3", "14x14x32->32", "14x14x32->32 3x3 pad", "14x14x32->32 3x3 dilation 2"}) {
    EXPECT_EQ(refusal(head + "e,s,0," + layer + ",900,0\n"),
              std::string("r.csv:2: column 'layer': value '") + layer + "'" + rule);
  }
  EXPECT_EQ(refusal(head + "e,s,0,4x4x8->8 5x5,900,0\n"),
            "r.csv:2: column 'layer': value '4x4x8->8 5x5': the kernel must fit into the padded input");
}

TEST_F(ValidationRowsTest, operations_of_the_post_processor_become_subgraphs) {
  const std::string head = "engine,unit,operation,in_w,in_h,in_c,cycles\n";
  const ValidationRows rows =
      read(head + "e,channel_normalisation,lrn5_int8_0,33,17,34,23028\n" + "e,pooling,8x3_ave_int8_0,12,9,19,2907\n" +
           "e,pooling,4x1_split_max_int8_0,5,7,8,483\n" + "e,post_processing,bs_int8_mem_0,23,13,42,14446\n" +
           "e,post_processing,32x16x32_pass_through_int8_0,32,16,32,16484\n");
  ASSERT_EQ(rows.post_processing.size(), 5u);
  const auto shape = [&](std::size_t row) { return rows.post_processing[row].subgraph.subgraph.shape; };
  EXPECT_EQ(shape(0).family, SubgraphFamily::kNormalization);
  EXPECT_EQ(shape(0).window.kernel[0], 5);
  EXPECT_EQ(shape(0).in_width, 33);
  EXPECT_EQ(shape(0).in_height, 17);
  EXPECT_EQ(shape(1).family, SubgraphFamily::kPooling);
  EXPECT_EQ(shape(1).window.kernel[1], 8);
  EXPECT_EQ(shape(1).window.kernel[0], 3);
  EXPECT_EQ(shape(1).out_width, shape(1).in_width);
  EXPECT_EQ(shape(2).out_width, 5);
  EXPECT_EQ(shape(2).in_width, 5 + 4 / 2) << "columns at the split are read twice";
  for (const std::size_t row : {1u, 2u}) EXPECT_EQ(shape(row).out_height, shape(row).in_height);
  EXPECT_EQ(shape(3).family, SubgraphFamily::kElementwise);
  EXPECT_EQ(shape(3).operand, mapping::FusedOperand::kPerChannel);
  EXPECT_EQ(shape(4).operand, mapping::FusedOperand::kNone);
  EXPECT_EQ(refusal(head + "e,softmax,x,1,1,1,9\n"),
            "r.csv:2: column 'unit': value 'softmax': must be channel_normalisation, pooling or post_processing");
  EXPECT_EQ(refusal(head + "e,pooling,ave,1,1,1,9\n"),
            "r.csv:2: column 'operation': value 'ave': must be WxH, the kernel's width and height, then any words");
  EXPECT_EQ(refusal(head + "e,channel_normalisation,lrn,1,1,1,9\n"),
            "r.csv:2: column 'operation': value 'lrn': must be lrnN, N channels wide, then any words");
}

TEST_F(ValidationRowsTest, times_become_cycles_of_the_clock_and_count_from_the_command) {
  const std::string text = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,time_us\n8,8,16,16,1,1,2.5\n";
  EXPECT_THROW(read(text), Error);
  const ValidationRows rows = read(text, "", Hertz(1e9));
  EXPECT_EQ(rows.layers.front().cycles, 2500);
  EXPECT_TRUE(rows.layers.front().subgraph.from_command);
}

}  // namespace
}  // namespace lanewise::study
