// SPDX-License-Identifier: Apache-2.0
// lanewise-fit supernet and inherit as a person runs them: trained, cut off and gone on with, and asked.
#include <map>

#include "accuracy/data/load_dataset.hpp"
#include "core/record/csv.hpp"
#include "tests/accuracy/fit/supernet_command.hpp"

namespace lanewise::cli::testing {
namespace {

TEST_F(SupernetCommand, networks_inherit_weights_that_were_trained) {
  const Finished trained = run_fit(command("one", {"--json"}, "200"));
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_EQ(trained.err, "");
  const Json answer = Json::parse(trained.out);
  EXPECT_EQ(answer.at("train_images").get<int>() + answer.at("held_out_images").get<int>(), 320);
  EXPECT_EQ(answer.at("recipe").at("steps"), "200");
  EXPECT_FALSE(fs::exists(scratch_.file("one.checkpoint")));

  const Finished asked = run_fit(inherit({"--csv"}));
  ASSERT_EQ(asked.status, 0) << asked.err;
  const std::string file = scratch_.write("inherited.csv", asked.out);
  const record::CsvTable table = record::read_csv(file);
  ASSERT_EQ(table.rows.size(), 3u);  // each network once
  const std::size_t accuracy = *table.find("accuracy");
  for (const record::CsvRow& row : table.rows) {
    EXPECT_GT(std::stod(row.cells[accuracy]), 0.6) << row.cells[0];
    EXPECT_EQ(row.cells[*table.find("recalibration_images")], "64");
    EXPECT_EQ(row.cells[*table.find("held_out_images")], answer.at("held_out_images").dump());
  }
  EXPECT_EQ(run_fit(inherit({"--csv", "--jobs", "3", "--space", space_})).out, asked.out);

  const Finished tuned = run_fit(inherit({"--tune-steps", "20", "--json"}));
  ASSERT_EQ(tuned.status, 0) << tuned.err;
  const Json with = Json::parse(tuned.out);
  EXPECT_EQ(with.at("tune_steps"), 20);
  EXPECT_GT(with.at("tune_seconds").get<double>(), 0);
  EXPECT_LE(with.at("tune_seconds").get<double>(), with.at("seconds").get<double>());
}

TEST_F(SupernetCommand, the_same_seed_gives_the_same_bytes_and_another_others) {
  ASSERT_EQ(run_fit(command("one", {}, "20")).status, 0);
  ASSERT_EQ(run_fit(command("two", {}, "20")).status, 0);
  ASSERT_EQ(run_fit(command("three", {"--seed", "1"}, "20")).status, 0);
  EXPECT_TRUE(text_of(scratch_.file("one")) == text_of(scratch_.file("two")));
  EXPECT_FALSE(text_of(scratch_.file("one")) == text_of(scratch_.file("three")));
  const Finished again = run_fit(command("one", {}, "20"));
  EXPECT_NE(again.out.find("It was there before"), std::string::npos) << again.out;
}

TEST_F(SupernetCommand, killed_again_and_again_it_ends_in_the_same_bytes) {
  ASSERT_EQ(run_fit(command("whole")).status, 0);
  const std::string checkpoint = scratch_.file("cut.checkpoint");
  int kills = 0;
  for (int i = 0; i < 3; ++i) {
    Running running(command("cut"), kFitProgram);
    std::error_code none;
    const auto before = fs::last_write_time(checkpoint, none);
    const bool was_there = !none;
    for (int waited = 0; waited < 20000; ++waited) {
      const auto now = fs::last_write_time(checkpoint, none);
      if (!none && (!was_there || now != before)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    running.send(SIGKILL);
    kills += running.wait().status == 128 + SIGKILL ? 1 : 0;
  }
  EXPECT_GT(kills, 0);
  const Finished last = run_fit(command("cut"));
  ASSERT_EQ(last.status, 0) << last.err;
  EXPECT_TRUE(text_of(scratch_.file("cut")) == text_of(scratch_.file("whole")));
}

// What was held out is neither among what was trained on, nor among the images for test.
TEST_F(SupernetCommand, held_out_images_are_disjoint_from_the_others) {
  accuracy::DatasetOptions options;
  const accuracy::LoadedDataset data = accuracy::load_dataset(scratch_.file("images"), options);
  std::map<std::string, int> seen;
  for (const Dataset* part : {&data.train, &data.validation, &data.test}) {
    for (std::int64_t i = 0; i < part->images(); ++i) {
      ++seen[std::string(reinterpret_cast<const char*>(part->image(i)),
                         static_cast<std::size_t>(part->image_elements()))];
    }
  }
  EXPECT_EQ(seen.size(), 320u + 90u);
  ASSERT_GT(data.validation.images(), 0);
  // Labels for test that are all wrong change nothing in what networks inherit.
  Dataset wrong = accuracy::testing::tiny_images(90, 2);
  const auto accuracies = [&] {
    EXPECT_EQ(run_fit(command("one", {}, "20")).status, 0);
    const Finished asked = run_fit(inherit({"--csv"}));
    EXPECT_EQ(asked.status, 0) << asked.err;
    return asked.out;
  };
  const std::string before = accuracies();
  for (int& label : wrong.labels) label = (label + 1) % 3;
  write_split("t10k", wrong);
  // The supernet's file says which images it knew, those for test included.
  expect_fit_refused(inherit({"--csv"}), 1, {"images or split are others"});
  fs::remove(scratch_.file("one"));
  EXPECT_EQ(accuracies(), before);
}

TEST_F(SupernetCommand, wrong_input_is_refused_in_a_line) {
  ASSERT_EQ(run_fit(command("one", {}, "10")).status, 0);
  expect_fit_refused(command("one", {"--seed", "5"}, "10"), 1, {"one", "its seed is '0', not '5'"});
  const std::string other = scratch_.write("other.yaml", accuracy::testing::kTinySpace);
  expect_fit_refused(inherit({"--space", other}), 1, {"one", "space 'small'", "other.yaml"});
  expect_fit_refused(inherit({"--encoding", "r-s4/x3e2c4r1/h0"}), 1, {"r-s4/x3e2c4r1/h0"});
  scratch_.write("some.csv", "encoding\nr-s5/i3e2c4r1/h0\n");
  expect_fit_refused(inherit(), 1, {"some.csv", "r-s5/i3e2c4r1/h0"});
  scratch_.write("some.csv", "encoding\nr-s4/i3e2c4r1/h0\n");
  std::string bytes = text_of(scratch_.file("one"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] + 1);
  scratch_.write("one", bytes);
  expect_fit_refused(inherit(), 1, {"one", "damaged"});
  expect_fit_refused(command("two", {"--set", "widths=3"}), 1, {"recipe key 'widths'", "unknown key"});
  expect_fit_refused(command("two", {"--set", "apart=activation"}), 1, {"no gene 'activation'"});
  expect_fit_refused(command("two", {"--set", "most_macs=10"}), 1, {"most_macs"});
  EXPECT_FALSE(fs::exists(scratch_.file("two")));
}

}  // namespace
}  // namespace lanewise::cli::testing
