// SPDX-License-Identifier: Apache-2.0
#include "report/memory.hpp"

#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

// Two subgraphs on four banks: a tensor kept in banks 0 and 1 of both, one that is spilled.
study::MemoryAnswer make_answer() {
  study::MemoryAnswer answer;
  answer.network = "net";
  answer.engine = "engine";
  mapping::MemoryMap& memory = answer.partition.memory;
  memory.activation_banks = 4;
  memory.bank_size = Bytes(1024);
  mapping::PlacedTensor kept;
  kept.name = kHostile;
  kept.bytes = Bytes(1500);
  kept.banks = 2;
  kept.last_subgraph = 1;
  kept.first_bank = 0;
  kept.dram = Bytes(3000);
  mapping::PlacedTensor spilled = kept;
  spilled.name = "spilled";
  spilled.residence = mapping::Residence::kNoRoom;
  spilled.first_bank = -1;
  memory.tensors = {kept, spilled};
  memory.subgraphs = {{1, 2, 1, 1}, {1, 2, 1, 1}};
  memory.saved = Bytes(2500);
  memory.own_transfers = Bytes(3000);
  memory.saved_bound = Bytes(6000);
  answer.partition.subgraphs.resize(2);
  answer.partition.subgraphs[0].name = "first";
  answer.partition.subgraphs[1].name = "second";
  return answer;
}

TEST(MemoryJson, the_banks_of_every_subgraph_add_up) {
  const Parsed json = Parsed::parse(to_json(make_answer()));
  ASSERT_EQ(json.at("passes").size(), 2u);
  for (const Parsed& subgraph : json.at("passes")) {
    const std::int64_t sum = subgraph.at("kept_banks").get<std::int64_t>() +
                             subgraph.at("free_banks").get<std::int64_t>() +
                             subgraph.at("streaming_banks").get<std::int64_t>();
    EXPECT_EQ(json.at("activation_banks"), sum);
    EXPECT_EQ(subgraph.at("map"), "aa.-") << "one letter per bank of the tensor, free, streaming";
  }
}

TEST(MemoryJson, a_spilled_tensor_has_no_bank_and_saves_nothing) {
  const Parsed json = Parsed::parse(to_json(make_answer()));
  const Parsed& tensors = json.at("tensors");
  EXPECT_EQ(tensors[0].at("name"), kHostile);
  EXPECT_EQ(tensors[0].at("first_bank"), 0);
  EXPECT_EQ(tensors[0].at("saved_dram_bytes"), json.at("total").at("own_transfer_bytes"));
  EXPECT_EQ(json.at("total").at("saved_dram_bytes"), 2500) << "net of what the displaced buffers cost";
  EXPECT_EQ(tensors[1].at("spilled"), true);
  EXPECT_TRUE(tensors[1].at("first_bank").is_null());
  EXPECT_EQ(tensors[1].at("saved_dram_bytes"), 0);
  EXPECT_EQ(json.at("total").at("kept_tensors"), 1);
  EXPECT_EQ(json.at("total").at("spilled_bytes"), 1500);
}

TEST(MemoryCsv, has_one_row_per_tensor) {
  const CsvLines lines = read_csv_text(to_csv(make_answer()));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("tensor"), kHostileShown);
  EXPECT_EQ(lines[0].at("first_bank"), "0");
  EXPECT_EQ(lines[1].at("first_bank"), "");
  EXPECT_EQ(lines[1].at("spilled"), "1");
}

TEST(MemoryText, shows_the_map_and_the_totals) {
  const std::string text = to_text(make_answer());
  EXPECT_TRUE(has_line(text, "first", "aa.-"));
  EXPECT_TRUE(has_line(text, "spilled to DRAM", "1 tensors"));
}

}  // namespace
}  // namespace lanewise::report::testing
