// SPDX-License-Identifier: Apache-2.0
// `validate` as a person uses it, on engines of the family ne. What it says of RTL is rtl_validation_test's business.
#include <cmath>

#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kHead = "in_w,in_h,in_c,out_c,kernel_w,kernel_h,cycles";
const std::string kLayers = kHead + "\n14,14,32,32,3,3,30041\n7,7,64,128,1,1,9000\n1,1,32,16,1,1,500\n";

Json validated(const ScratchFolder& folder, const std::string& text, const Arguments& more) {
  Arguments arguments = {"validate", folder.write("rows.csv", text)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_json(arguments);
}

// The simulated cycles of every row, in the file's order.
std::vector<std::int64_t> simulated(const ScratchFolder& folder, const std::string& text, const Arguments& more) {
  Arguments arguments = {"validate", folder.write("rows.csv", text), "--csv"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Finished finished = run(arguments);
  EXPECT_EQ(finished.status, 0) << finished.err;
  std::istringstream lines(finished.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line.rfind("line,engine,set,tag,measured_cycles,simulated_cycles,error_percent,bound_by,failure", 0), 0u);
  std::vector<std::int64_t> cycles;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; i < 6; ++i) std::getline(cells, cell, ',');
    cycles.push_back(cell.empty() ? 0 : std::stoll(cell));
  }
  return cycles;
}

TEST(Validate, own_silicon_needs_only_shapes_cycles_and_an_engine) {
  const ScratchFolder folder;
  const Json answer = validated(folder, kLayers, {"--hw", kEngine});
  EXPECT_EQ(answer.at("source"), "simulated");
  EXPECT_TRUE(answer.at("units").is_object());
  EXPECT_TRUE(answer.at("ignored_columns").empty());
  const Json& engine = answer.at("engines").at("ne-256");
  EXPECT_EQ(engine.at("rows"), 3);
  EXPECT_EQ(engine.at("failed"), 0);
  EXPECT_EQ(engine.at("sets").at("all").at("rows"), 3);
  EXPECT_TRUE(engine.at("first_mac_mape_percent").is_null());
  EXPECT_EQ(answer.at("all").at("mape_percent"), engine.at("mape_percent"));
}

TEST(Validate, figures_follow_from_the_rows) {
  const ScratchFolder folder;
  const std::vector<std::int64_t> cycles = simulated(folder, kLayers, {"--hw", kEngine});
  ASSERT_EQ(cycles.size(), 3u);
  // The same layers with what the simulator itself says: no error at all.
  const auto row = [&](const std::string& shape, std::size_t i, std::int64_t more) {
    return shape + "," + std::to_string(cycles[i] + more) + "\n";
  };
  const Json exact =
      validated(folder, kHead + "\n" + row("14,14,32,32,3,3", 0, 0) + row("7,7,64,128,1,1", 1, 0), {"--hw", kEngine});
  EXPECT_EQ(exact.at("all").at("worst_percent"), 0.0);
  EXPECT_EQ(exact.at("all").at("within_2_percent"), 100.0);
  ASSERT_LT(cycles[2], 900);
  const Json off = validated(folder, kHead + "\n" + row("14,14,32,32,3,3", 0, cycles[0]) + row("1,1,32,16,1,1", 2, 25),
                             {"--hw", kEngine});
  const Json& all = off.at("all");
  const double small = 2500.0 / static_cast<double>(cycles[2] + 25);
  EXPECT_NEAR(all.at("worst_long_percent"), 50, 1e-9);
  EXPECT_NEAR(all.at("worst_short_cycles"), 25, 1e-9);
  EXPECT_NEAR(all.at("mape_percent"), (50 + small) / 2, 1e-9);
  EXPECT_NEAR(all.at("p95_percent"), 50, 1e-9);
  const Json& worst = all.at("worst_rows").at(0);
  EXPECT_EQ(worst.at("line"), 2);
  EXPECT_NEAR(worst.at("error_percent"), -50, 1e-9);
  EXPECT_NE(worst.at("bound_by"), "");
}

TEST(Validate, rows_name_their_engines_unless_one_is_given_for_all) {
  const ScratchFolder folder;
  const std::string text = kHead + ",engine,set\n14,14,32,32,3,3,30041,ne-64,a\n14,14,32,32,3,3,30041,ne-512,b\n" +
                           "14,14,32,32,3,3,30041,ne-64,b\n";
  const Json named = validated(folder, text, {});
  EXPECT_EQ(named.at("engines").size(), 2u);
  EXPECT_EQ(named.at("engines").at("ne-64").at("rows"), 2);
  EXPECT_EQ(named.at("engines").at("ne-64").at("sets").at("a").at("rows"), 1);
  EXPECT_EQ(named.at("all").at("sets").at("b").at("rows"), 2);
  const Json one = validated(folder, text, {"--hw", kEngine});
  EXPECT_EQ(one.at("engines").size(), 1u);
  EXPECT_EQ(one.at("engines").at("ne-256").at("rows"), 3);
  std::filesystem::create_directory(folder.file("mine"));
  folder.write("mine/ne-64.yaml", text_of(kEngine));
  folder.write("mine/ne-512.yaml", text_of(kEngine));
  const std::vector<std::int64_t> mine = simulated(folder, text, {"--hw-dir", folder.file("mine")});
  EXPECT_EQ(mine, simulated(folder, text, {"--hw", kEngine}));
  EXPECT_NE(mine, simulated(folder, text, {}));
}

TEST(Validate, columns_change_the_engine_for_their_row_alone) {
  const ScratchFolder folder;
  const std::string shape = "28,28,64,64,3,3,90000";
  const auto with_banks = [&](const char* banks) {
    return simulated(folder, kHead + ",activation_banks,weight_banks\n" + shape + banks, {"--hw", kEngine}).at(0);
  };
  const std::vector<std::int64_t> mixed = simulated(
      folder, kHead + ",activation_banks,weight_banks\n" + shape + ",2,2\n" + shape + ",,\n", {"--hw", kEngine});
  const std::int64_t changed =
      simulated(folder, kHead + "\n" + shape + "\n",
                {"--hw", kEngine, "--set", "memory.activation_banks=2", "--set", "memory.weight_banks=2"})
          .at(0);
  EXPECT_EQ(mixed.at(0), changed);
  EXPECT_EQ(mixed.at(1), with_banks(",16,16\n"));
  EXPECT_NE(mixed.at(0), mixed.at(1));
}

TEST(Validate, unknown_columns_are_ignored_and_said_once) {
  const ScratchFolder folder;
  const std::string text = kHead + ",colour,board\n14,14,32,32,3,3,30041,blue,7\n7,7,64,128,1,1,9000,red,8\n";
  EXPECT_EQ(validated(folder, text, {"--hw", kEngine}).at("ignored_columns"), (Json{"colour", "board"}));
  const Finished finished = run({"validate", folder.write("rows.csv", text), "--hw", kEngine});
  EXPECT_NE(finished.out.find("note: columns ignored: colour, board\n"), std::string::npos) << finished.out;
}

TEST(Validate, failed_rows_are_counted_and_shown) {
  const ScratchFolder folder;
  // Weights of 3 bits exist nowhere.
  const std::string text = kHead + ",weight_bits\n14,14,32,32,3,3,30041,8\n14,14,32,32,3,3,30041,3\n";
  const Json answer = validated(folder, text, {"--hw", kEngine});
  EXPECT_EQ(answer.at("all").at("rows"), 1);
  EXPECT_EQ(answer.at("all").at("failed"), 1);
  const Json& failed = answer.at("failed_rows").at(0);
  EXPECT_EQ(failed.at("line"), 3);
  EXPECT_NE(failed.at("failure").get<std::string>().find("weight_bits"), std::string::npos);
  const Finished finished = run({"validate", folder.file("rows.csv"), "--hw", kEngine});
  EXPECT_NE(finished.out.find("rows.csv:3: column 'weight_bits': value '3'"), std::string::npos) << finished.out;
  expect_refused(
      {"validate", folder.write("none.csv", kHead + ",weight_bits\n14,14,32,32,3,3,30041,3\n"), "--hw", kEngine}, 1,
      {"none.csv:2:", "weight_bits", "nor could any other row"});
}

TEST(Validate, bad_rows_are_refused) {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& named,
                           const Arguments& more = {"--hw", kEngine}) {
    Arguments arguments = {"validate", folder.write("rows.csv", text)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(arguments, 1, named);
  };
  refused(kHead + "\n14,14,32,32,3,3,-5\n", {"rows.csv:2: column 'cycles': value '-5': must be a whole number"});
  refused(kHead + "\n14,14,32,32,3,3\n", {"rows.csv:2: has 6 cells: must have 7"});
  refused("in_w,in_h\n1,1\n", {"rows.csv:1: column 'in_c': missing"});
  refused("", {"rows.csv: is empty"});
  refused(kLayers, {"rows.csv: has no column 'engine': --hw FILE"}, {});
  refused(kHead + ",engine\n14,14,32,32,3,3,5,nobody\n",
          {"rows.csv:2: column 'engine': value 'nobody': hwconfigs/nobody.yaml: no such file"}, {});
  refused(kHead + ",activation_banks\n14,14,32,32,3,3,5,16\n14,14,32,32,3,3,5,1000\n",
          {"rows.csv:3: column 'activation_banks': value '1000'", "out of range"});
  refused(kLayers, {"engine.lanes"}, {"--hw", kEngine, "--set", "engine.lanes=8"});
  refused(kLayers, {"none.yaml"}, {"--hw", "none.yaml"});
  expect_refused({"validate", folder.file("none.csv"), "--hw", kEngine}, 1, {"none.csv"});
  expect_refused({"validate"}, 2, {"ROWS"});
}

const std::string kSequences =
    "engine,sequence,prefetch,position,layer,activation_banks,weight_banks,load_enabled_cycle,data_loaded_cycle,"
    "weights_loaded_cycle,done_cycle\n"
    "ne-64,twice,yes,0,14x14x32->32 3x3 pad 1,16,16,0,1653,2015,30000\n"
    "ne-64,twice,yes,1,14x14x32->32 3x3 pad 1,16,16,219,3653,4015,58000\n"
    "ne-64,thrice,no,0,1x1x256->64 1x1,16,16,0,145,2159,2476\n"
    "ne-64,thrice,no,1,14x14x32->32 1x1,16,16,219,2289,4303,9000\n"
    "ne-64,thrice,no,2,1x1x256->64 1x1,16,16,9219,9433,11447,12476\n"
    "ne-64,once,no,0,1x1x256->64 1x1,16,16,0,145,2159,2476\n";

TEST(Validate, sequences_are_periods) {
  const ScratchFolder folder;
  const Json answer = validated(folder, kSequences, {});
  EXPECT_EQ(answer.at("source"), "simulated");
  const Json& sequences = answer.at("sequences").at("ne-64");
  EXPECT_EQ(sequences.at("twice").at("layers"), 2);
  EXPECT_EQ(sequences.at("twice").at("measured_period"), 28000.0);
  EXPECT_EQ(sequences.at("thrice").at("measured_period"), 5000.0);
  EXPECT_TRUE(sequences.at("once").at("measured_period").is_null());
  double worst = 0, sum = 0;
  for (const char* name : {"twice", "thrice"}) {
    const Json& sequence = sequences.at(name);
    const Json& positions = sequence.at("positions");
    const auto done = [&](const Json& position) { return position.at("simulated_done_cycle").get<double>(); };
    const double period =
        (done(positions.back()) - done(positions.front())) / (static_cast<double>(positions.size()) - 1);
    EXPECT_GT(done(positions.front()), 0);
    EXPECT_NEAR(sequence.at("simulated_period"), period, 1e-9);
    const double error = 100 * (period / sequence.at("measured_period").get<double>() - 1);
    EXPECT_NEAR(sequence.at("period_error_percent"), error, 1e-9);
    worst = std::max(worst, std::abs(error));
    sum += std::abs(error);
  }
  EXPECT_EQ(answer.at("all").at("sequences"), 3);
  EXPECT_NEAR(answer.at("all").at("worst_period_percent"), worst, 1e-9);
  EXPECT_NEAR(answer.at("all").at("mape_percent"), sum / 2, 1e-9);
  // A layer by itself is a sequence of one.
  const std::vector<std::int64_t> alone = simulated(
      folder, kHead + ",activation_banks,weight_banks\n1,1,256,64,1,1,2476,16,16\n", {"--hw", "hwconfigs/ne-64.yaml"});
  EXPECT_EQ(sequences.at("once").at("positions").at(0).at("simulated_done_cycle"), alone.at(0));
}

// The whole next input has room before the banks are split anew for its weights.
TEST(Validate, sequences_go_on_where_only_the_weights_wait_for_a_new_split) {
  const Arguments arguments = {"validate", "benchmarks/validation/rtl_back_to_back.csv"};
  Arguments roomy = arguments;
  roomy.insert(roomy.end(), {"--set", "memory.bank_size=64 KiB"});
  const auto last_done = [](const Json& answer) {
    const Json& positions = answer.at("sequences").at("nvdla-small").at("mix").at("positions");
    return positions.back().at("simulated_done_cycle").get<std::int64_t>();
  };
  const Json answer = run_json(roomy);
  EXPECT_EQ(answer.at("all").at("failed"), 0);
  EXPECT_LE(last_done(answer), last_done(run_json(arguments)));
}

TEST(Validate, sequences_count_from_nought_and_go_forward) {
  const ScratchFolder folder;
  const std::string head = "engine,sequence,position,layer,done_cycle\n";
  expect_refused({"validate", folder.write("a.csv", head + "ne-64,s,1,1x1x8->8 1x1,500\n")}, 1,
                 {"a.csv:2: column 'position': value '1': must be 0"});
  expect_refused({"validate", folder.write("b.csv", head + "ne-64,s,0,1x1x8->8 1x1,500\nne-64,s,1,1x1x8->8 1x1,500\n")},
                 1, {"b.csv:3: column 'done_cycle': value '500': must be above 500"});
  expect_refused({"validate", folder.file("a.csv"), "--cycles", "done_cycle"}, 1, {"--cycles"});
}

TEST(Validate, the_post_processor_is_reported_by_unit) {
  const ScratchFolder folder;
  const Json answer = validated(folder,
                                "engine,unit,operation,in_w,in_h,in_c,cycles\n"
                                "ne-64,channel_normalisation,lrn3_int8_0,8,8,32,2159\n"
                                "ne-64,pooling,2x2_max_int8_0,28,28,8,6363\n"
                                "ne-64,pooling,3x3_ave_int8_0,8,9,19,1819\n"
                                "ne-64,post_processing,bn_int8_mem_0,3,3,33,453\n",
                                {});
  const Json& engine = answer.at("engines").at("ne-64");
  EXPECT_EQ(engine.at("rows"), 4);
  EXPECT_EQ(engine.at("units").size(), 3u);
  EXPECT_EQ(engine.at("units").at("pooling").at("rows"), 2);
  EXPECT_GE(engine.at("worst_percent"), engine.at("units").at("pooling").at("worst_percent"));
  EXPECT_EQ(answer.at("all").at("rows"), 4);
}

TEST(Validate, the_same_rows_give_the_same_bytes_in_any_form) {
  const ScratchFolder folder;
  const std::string path = folder.write("rows.csv", kLayers);
  for (const char* form : {"--json", "--csv"}) {
    const Finished printed = run({"validate", path, "--hw", kEngine, form});
    const Finished written = run({"validate", path, "--hw", kEngine, form, "--out", folder.file("out")});
    EXPECT_EQ(printed.status, 0);
    EXPECT_EQ(written.out, "");
    EXPECT_EQ(text_of(folder.file("out")), printed.out);
  }
  std::string crlf = "\xEF\xBB\xBF";
  for (const char c : kLayers) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  const Finished plain = run({"validate", path, "--hw", kEngine});
  folder.write("rows.csv", crlf);
  EXPECT_EQ(run({"validate", path, "--hw", kEngine}).out, plain.out);
}

// The carried rows are read whole, whatever the engine.
TEST(Validate, every_carried_file_is_read) {
  const ScratchFolder folder;
  for (const char* name : {"nvdla-small", "neureka"}) folder.write(std::string(name) + ".yaml", text_of(kEngine));
  const Json post = run_json({"validate", "benchmarks/validation/rtl_post_processing.csv", "--hw", kEngine});
  EXPECT_EQ(post.at("all").at("rows").get<int>() + post.at("all").at("failed").get<int>(), 58);
  const Json sequences = run_json({"validate", "benchmarks/validation/rtl_back_to_back.csv", "--hw", kEngine});
  EXPECT_EQ(sequences.at("all").at("sequences"), 11);
  const Json& small = sequences.at("sequences").at("ne-256");
  EXPECT_NEAR(small.at("pre_4x").at("measured_period"), (114908 - 30041) / 3.0, 1e-9);
  const Json neureka = run_json({"validate", "benchmarks/validation/neureka_rtl.csv", "--hw-dir", folder.file("")});
  const Json& all = neureka.at("engines").at("neureka");
  EXPECT_EQ(all.at("rows").get<int>() + all.at("failed").get<int>(), 14);
}

// What `simulate` says of its own standing.

const char* const kChecked =
    "format: 1\nname: ne\nranges:\n  engine.clock:\n    values: [500 MHz]\n"
    "checked_against_rtl:\n  rows: 602\n  mape: 0.1 %\n  worst: 1.9 %\n  source: rows.csv\n  members: [ne-256]\n";

TEST(Identifiability, a_family_that_was_not_checked_says_so) {
  const ScratchFolder folder;  // no families beside the engine
  const std::string text = "engine family ne: not checked against RTL";
  const std::string alone = folder.write("ne-256.yaml", text_of(kEngine));
  const Json check = run_json({"simulate", kSqueezeNet, "--hw", alone}).at("rtl_check");
  EXPECT_EQ(check.at("family"), "ne");
  EXPECT_EQ(check.at("rows"), 0);
  EXPECT_EQ(check.at("text"), text);
  EXPECT_NE(run({"simulate", kSqueezeNet, "--hw", alone}).out.find(text + "\n"), std::string::npos);
  EXPECT_NE(run({"simulate", kSqueezeNet, "--hw", alone, "--csv"}).out.find("," + text + ","), std::string::npos);
}

TEST(Identifiability, a_family_that_was_checked_tells_rows_and_errors) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder.file("families"));
  folder.write("families/ne.yaml", kChecked);
  const std::string member = folder.write("ne-256.yaml", text_of(kEngine));
  const std::string other = folder.write("ne-64.yaml", text_of("hwconfigs/ne-64.yaml"));
  const std::string text = "engine family ne: checked on 602 RTL rows, mean error 0.1 %, worst 1.9 %";
  const std::string differs = text + "; this engine differs from the members checked";
  const Json check = run_json({"simulate", kSqueezeNet, "--hw", member}).at("rtl_check");
  EXPECT_EQ(check.at("rows"), 602);
  EXPECT_EQ(check.at("mape_percent"), 0.1);
  EXPECT_EQ(check.at("worst_percent"), 1.9);
  EXPECT_EQ(check.at("engine_differs"), false);
  EXPECT_EQ(check.at("text"), text);
  const Json changed = run_json({"simulate", kSqueezeNet, "--hw", member, "--set", "dram.latency=50 ns"});
  EXPECT_EQ(changed.at("rtl_check").at("text"), differs);
  EXPECT_EQ(run_json({"simulate", kSqueezeNet, "--hw", other}).at("rtl_check").at("text"), differs);
  EXPECT_NE(run({"simulate", kSqueezeNet, "--hw", member}).out.find(text + "\n"), std::string::npos);
  folder.write("families/ne.yaml", std::string(kChecked) + "  colour: blue\n");
  expect_refused({"simulate", kSqueezeNet, "--hw", member}, 1, {"ne.yaml:12:", "colour"});
}

}  // namespace
}  // namespace lanewise::cli::testing
