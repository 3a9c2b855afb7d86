// SPDX-License-Identifier: Apache-2.0
// A person's own images: by class, with boxes, with masks, as such folders come.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "accuracy/data/load_dataset.hpp"
#include "core/base/error.hpp"
#include "tests/accuracy/data/make_files.hpp"

namespace lanewise::accuracy {
namespace {

std::string message_of(const std::string& path, const DatasetOptions& options = {}) {
  try {
    load_dataset(path, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::int64_t left_out(const DatasetReport& report, const std::string& what) {
  for (const DatasetReport::Count& count : report.left_out) {
    if (count.what == what) return count.count;
  }
  return 0;
}

DatasetOptions input(std::int64_t channels, std::int64_t height, std::int64_t width) {
  DatasetOptions options;
  options.channels = channels;
  options.height = height;
  options.width = width;
  return options;
}

void grey(const std::string& path, int value, int height = 4, int width = 4) {
  write_png(path, height, width, std::vector<int>(static_cast<std::size_t>(height * width), value));
}

bool same(const Box& a, float left, float top, float right, float bottom, int label) {
  return a.left == left && a.top == top && a.right == right && a.bottom == bottom && a.label == label;
}

// --- by class ---

TEST(ImageFolder, one_folder_is_divided_by_class) {
  const Folder folder;
  for (int i = 0; i < 10; ++i) {
    grey(folder.at(fmt::format("cat/{}.png", i)), i);
    grey(folder.at(fmt::format("dog/nested/{}.PNG", i)), 100 + i);
  }
  write_jpeg(folder.at("dog/photo.jpeg"), 9, 7, 3, std::vector<std::uint8_t>(9 * 7 * 3, 200));
  folder.write("dog/notes.txt", "good dog");
  folder.write("dog/.hidden.png", "x");
  grey(folder.at("stray.png"), 1);
  DatasetOptions options = input(1, 4, 4);
  options.validation_share = options.test_share = 0.2;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.report.format, "image-folder");
  EXPECT_EQ(loaded.train.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(loaded.train.images(), 13);
  EXPECT_EQ(loaded.validation.images(), 4);
  EXPECT_EQ(loaded.test.images(), 4);
  EXPECT_EQ(loaded.report.splits[2].by_class, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(left_out(loaded.report, ".txt files"), 1);
  EXPECT_EQ(left_out(loaded.report, "hidden files or folders"), 1);
  EXPECT_EQ(left_out(loaded.report, "images outside of a class's folder"), 1);
  // Every image is in one split.
  std::vector<std::uint8_t> all;
  for (const Dataset* data : {&loaded.train, &loaded.validation, &loaded.test}) {
    for (std::int64_t i = 0; i < data->images(); ++i) all.push_back(data->image(i)[0]);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), 21);
  // However many threads decode.
  options.threads = 4;
  EXPECT_EQ(load_dataset(folder.path(), options).train.pixels, loaded.train.pixels);
}

TEST(ImageFolder, folders_of_splits_are_kept) {
  const Folder folder;
  grey(folder.at("train/a/1.png"), 1);
  grey(folder.at("train/b/2.png"), 2);
  grey(folder.at("val/b/3.png"), 3);
  grey(folder.at("test/a/4.png"), 4);
  const LoadedDataset loaded = load_dataset(folder.path(), {});
  EXPECT_EQ(loaded.train.labels, (std::vector<int>{0, 1}));
  EXPECT_EQ(loaded.validation.labels, (std::vector<int>{1}));
  EXPECT_EQ(loaded.test.image(0)[0], 4);
  grey(folder.at("test/c/5.png"), 5);
  EXPECT_TRUE(has(message_of(folder.path()), "a class that the training images do not have"));
}

TEST(ImageFolder, a_class_may_be_called_train) {
  const Folder folder;
  for (int i = 0; i < 3; ++i) {
    grey(folder.at(fmt::format("train/{}.png", i)), i);
    grey(folder.at(fmt::format("car/{}.png", i)), i);
  }
  EXPECT_EQ(load_dataset(folder.path(), {}).train.classes, (std::vector<std::string>{"car", "train"}));
}

TEST(ImageFolder, a_damaged_image_is_refused_or_counted) {
  const Folder folder;
  for (int i = 0; i < 4; ++i) grey(folder.at(fmt::format("a/{}.png", i)), i);
  folder.write("a/bad.png", "GIF89a");
  EXPECT_TRUE(has(message_of(folder.path()), "a/bad.png: is a GIF file"));
  DatasetOptions options;
  options.skip_damaged = true;
  options.validation_share = options.test_share = 0;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.train.images(), 4);
  EXPECT_EQ(loaded.train.labels.size(), 4U);
  EXPECT_EQ(left_out(loaded.report, "images that cannot be read"), 1);
}

TEST(ImageFolder, several_sizes_need_the_networks) {
  const Folder folder;
  grey(folder.at("a/1.png"), 1, 4, 4);
  grey(folder.at("a/2.png"), 1, 5, 4);
  EXPECT_TRUE(has(message_of(folder.path()), "the size of the network's input must be given"));
  EXPECT_EQ(message_of(folder.path(), input(1, 4, 4)), "");
  const Folder divided;
  grey(divided.at("train/a/1.png"), 1, 4, 4);
  grey(divided.at("val/a/2.png"), 1, 5, 4);
  EXPECT_TRUE(has(message_of(divided.path()), "the shape of the network's input must be given"));
}

// --- COCO ---

nlohmann::json coco_json() {
  // Categories 3 and 7 with a gap between them, the higher one first; four images, one of which has no annotation.
  nlohmann::json json = {{"info", {{"year", 2024}}},
                         {"images", nlohmann::json::array()},
                         {"annotations", nlohmann::json::array()},
                         {"categories", {{{"id", 7}, {"name", "dog"}}, {{"id", 3}, {"name", "cat"}}}}};
  for (int i = 0; i < 4; ++i) {
    json["images"].push_back({{"id", 10 + i}, {"file_name", fmt::format("{}.png", i)}, {"width", 8}, {"height", 4}});
  }
  const auto add = [&](int image, int category, std::vector<double> box, int crowd = 0) {
    json["annotations"].push_back({{"id", json["annotations"].size()},
                                   {"image_id", image},
                                   {"category_id", category},
                                   {"bbox", box},
                                   {"area", 5.5},
                                   {"iscrowd", crowd},
                                   {"segmentation", {{1.5, 2.5, 3, 4, 5, 6}}}});
  };
  add(10, 7, {1, 1, 2, 2});
  add(10, 3, {0, 0, 8, 4}, 1);
  add(11, 3, {6, 2, 4, 4});    // leaves the image
  add(11, 3, {2, 2, 0, 1});    // no area
  add(12, 7, {20, 20, 3, 3});  // outside
  add(12, 7, {0, 0, 1, 1});
  return json;
}

void write_coco_images(const Folder& folder, const std::string& below) {
  for (int i = 0; i < 4; ++i) grey(folder.at(fmt::format("{}/{}.png", below, i)), 10 * i, 4, 8);
}

TEST(Coco, boxes_are_read_scaled_and_counted) {
  const Folder folder;
  write_coco_images(folder, "images");
  folder.write("instances.json", coco_json().dump());
  DatasetOptions options = input(1, 8, 8);
  options.validation_share = options.test_share = 0;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.report.format, "coco");
  EXPECT_EQ(loaded.train.task, Task::kDetection);
  EXPECT_EQ(loaded.train.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(loaded.train.boxes.size(), 4U);
  const auto& first = loaded.train.boxes[0];
  ASSERT_EQ(first.size(), 2U);
  // Columns stay, rows are doubled.
  EXPECT_TRUE(same(first[0], 1, 2, 3, 6, 1));
  EXPECT_FALSE(first[0].is_crowd);
  EXPECT_FLOAT_EQ(first[0].area, 5.5F);
  EXPECT_TRUE(same(first[1], 0, 0, 8, 8, 0));
  EXPECT_TRUE(first[1].is_crowd);
  ASSERT_EQ(loaded.train.boxes[1].size(), 1U);
  EXPECT_TRUE(same(loaded.train.boxes[1][0], 6, 4, 8, 8, 0));
  EXPECT_EQ(loaded.train.boxes[2].size(), 1U);
  EXPECT_TRUE(loaded.train.boxes[3].empty());
  EXPECT_EQ(left_out(loaded.report, "boxes of no area"), 1);
  EXPECT_EQ(left_out(loaded.report, "boxes outside of their image"), 1);
  EXPECT_EQ(left_out(loaded.report, "parts of boxes outside of their image"), 1);
  EXPECT_EQ(loaded.report.splits[0].crowds, 1);
  EXPECT_EQ(loaded.report.splits[0].empty, 1);
  EXPECT_EQ(loaded.report.splits[0].by_class, (std::vector<std::int64_t>{1, 2}));
  // People and machines are told the same.
  EXPECT_TRUE(has(to_text(loaded.report), "left out: 1 boxes of no area, such as instances.json annotation 4"));
  const auto json = nlohmann::json::parse(to_json(loaded.report));
  EXPECT_EQ(json["left_out"].size(), 3U);
  EXPECT_EQ(json["splits"][0]["objects_by_class"], (std::vector<int>{1, 2}));
}

TEST(Coco, a_letterbox_moves_boxes_with_their_image) {
  const Folder folder;
  write_coco_images(folder, "images");
  const std::string json = folder.write("instances.json", coco_json().dump());
  DatasetOptions options = input(1, 4, 4);
  options.validation_share = options.test_share = 0;
  options.fit = Fit::kLetterbox;
  const LoadedDataset loaded = load_dataset(json, options);
  EXPECT_TRUE(same(loaded.train.boxes[0][0], 0.5F, 1.5F, 1.5F, 2.5F, 1));
  EXPECT_EQ(loaded.train.placements[0].width, 8);
}

TEST(Coco, its_own_folders_are_known) {
  const Folder folder;
  write_coco_images(folder, "train2017");
  write_coco_images(folder, "val2017");
  folder.write("annotations/instances_train2017.json", coco_json().dump());
  folder.write("annotations/instances_val2017.json", coco_json().dump());
  folder.write("annotations/captions_train2017.json", "{}");
  const LoadedDataset loaded = load_dataset(folder.path(), {});
  EXPECT_EQ(loaded.train.images(), 4);
  EXPECT_EQ(loaded.validation.images(), 4);
  EXPECT_EQ(loaded.test.images(), 0);
  EXPECT_EQ(left_out(loaded.report, "annotation files beside those of instances"), 1);
}

TEST(Coco, files_beside_the_images_of_their_split_are_known) {
  const Folder folder;
  for (const char* split : {"train", "valid", "test"}) {
    write_coco_images(folder, split);
    folder.write(fmt::format("{}/_annotations.coco.json", split), coco_json().dump());
  }
  const LoadedDataset loaded = load_dataset(folder.path(), {});
  EXPECT_EQ(loaded.report.format, "coco");
  EXPECT_EQ(loaded.validation.images(), 4);
  EXPECT_EQ(loaded.test.images(), 4);
}

TEST(Coco, an_orientation_that_the_stated_size_ignores_is_ignored) {
  const Folder folder;
  for (int i = 0; i < 4; ++i) {
    PngPicture picture;
    picture.width = 8;
    picture.height = 4;
    picture.samples.assign(32, 7);
    picture.exif = exif_of(6);
    write_png(folder.at(fmt::format("images/{}.png", i)), picture);
  }
  nlohmann::json json = coco_json();
  folder.write("instances.json", json.dump());
  EXPECT_EQ(load_dataset(folder.path(), {}).train.width, 8);
  for (auto& image : json["images"]) std::swap(image["width"], image["height"]);
  folder.write("instances.json", json.dump());
  EXPECT_EQ(load_dataset(folder.path(), input(1, 8, 4)).train.placements[0].width, 4);
}

TEST(Coco, what_does_not_fit_together_is_refused_on_one_line) {
  const Folder folder;
  write_coco_images(folder, "images");
  const auto message = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json json = coco_json();
    change(json);
    return message_of(folder.write("instances.json", json.dump()));
  };
  using Json = nlohmann::json;
  EXPECT_EQ(message([](Json&) {}), "");
  EXPECT_TRUE(
      has(message([](Json& j) { j["annotations"][1]["image_id"] = 99; }), "annotation 2: no image has the id 99"));
  EXPECT_TRUE(has(message([](Json& j) { j["annotations"][1]["category_id"] = 5; }), "no category has the id 5"));
  EXPECT_TRUE(has(message([](Json& j) { j["annotations"][0]["bbox"] = {1, 2, 3}; }), "four numbers"));
  EXPECT_TRUE(has(message([](Json& j) { j["annotations"][0]["bbox"] = {1, 2, "3", 4}; }), "four numbers"));
  EXPECT_TRUE(has(message([](Json& j) { j["images"][1]["id"] = 10; }), "two images of the id 10"));
  EXPECT_TRUE(has(message([](Json& j) { j["images"][1]["file_name"] = "../x.png"; }), "leads out of the folder"));
  EXPECT_TRUE(has(message([](Json& j) { j["images"][1]["file_name"] = "none.png"; }), "none.png: no such file"));
  EXPECT_TRUE(has(message([](Json& j) { j["images"][1]["width"] = 9; }), "says that the image '1.png' has 4x9 pixels"));
  EXPECT_TRUE(has(message([](Json& j) { j.erase("categories"); }), "no list 'categories'"));
  EXPECT_TRUE(has(message_of(folder.write("instances.json", "[1, 2]")), "no COCO file"));
  EXPECT_TRUE(has(message_of(folder.write("instances.json", "{\"images\": [")), "is no JSON"));
}

// --- YOLO ---

void write_yolo(const Folder& folder, const std::string& split) {
  for (int i = 0; i < 3; ++i) grey(folder.at(fmt::format("images/{}/{}.png", split, i)), i, 4, 8);
  folder.write(fmt::format("labels/{}/0.txt", split), "0 0.25 0.5 0.5 0.5\n1 1.0 0.5 0.5 0.5\n1 1.0 0.5 0.5 0.5\n");
  folder.write(fmt::format("labels/{}/1.txt", split), "");
}

TEST(Yolo, labels_are_shares_of_the_image) {
  const Folder folder;
  for (const char* split : {"train", "val"}) write_yolo(folder, split);
  folder.write("data.yaml", "path: .\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n");
  DatasetOptions options = input(1, 4, 8);
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.report.format, "yolo");
  EXPECT_EQ(loaded.train.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(loaded.train.boxes.size(), 3U);
  ASSERT_EQ(loaded.train.boxes[0].size(), 2U);
  EXPECT_TRUE(same(loaded.train.boxes[0][0], 0, 1, 4, 3, 0));
  EXPECT_TRUE(same(loaded.train.boxes[0][1], 6, 1, 8, 3, 1));
  EXPECT_TRUE(loaded.train.boxes[1].empty());
  EXPECT_EQ(loaded.report.splits[0].empty, 2);
  EXPECT_EQ(left_out(loaded.report, "boxes that come twice"), 2);
  EXPECT_EQ(left_out(loaded.report, "parts of boxes outside of their image"), 2);
  EXPECT_TRUE(has(to_text(loaded.report), "1 of 3 images of images/train have no label file and count as background"));
}

TEST(Yolo, exports_of_folders_by_split_lists_and_polygons_are_known) {
  const Folder folder;
  for (const char* split : {"train", "valid", "test"}) {
    grey(folder.at(fmt::format("{}/images/a.png", split)), 5, 4, 8);
    folder.write(fmt::format("{}/labels/a.txt", split), "1 0.1 0.2 0.5 0.25 0.3 0.75\n");
  }
  folder.write("data.yaml",
               "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 2\nnames: ['cat', 'dog']\n");
  const LoadedDataset loaded = load_dataset(folder.path() + "/data.yaml", {});
  EXPECT_EQ(loaded.train.images() + loaded.validation.images() + loaded.test.images(), 3);
  const Box& box = loaded.test.boxes.at(0).at(0);
  EXPECT_NEAR(box.left, 0.8, 1e-6);
  EXPECT_NEAR(box.right, 4, 1e-6);
  EXPECT_NEAR(box.top, 0.8, 1e-6);
  EXPECT_NEAR(box.bottom, 3, 1e-6);
  folder.write("list.txt", "train/images/a.png\nvalid/images/a.png\n");
  folder.write("data.yaml", "train: list.txt\nnames: [cat, dog]\n");
  EXPECT_EQ(load_dataset(folder.path(), {}).train.images(), 2);
}

TEST(Yolo, without_a_yaml_file_a_list_of_classes_will_do) {
  const Folder folder;
  for (const char* split : {"train", "val"}) write_yolo(folder, split);
  EXPECT_TRUE(has(message_of(folder.path()), "neither a data.yaml nor a classes.txt"));
  folder.write("classes.txt", "cat\ndog\n");
  EXPECT_EQ(load_dataset(folder.path(), {}).validation.boxes.at(0).size(), 2U);
}

TEST(Yolo, what_is_wrong_in_a_label_is_named_with_its_line) {
  const Folder folder;
  for (const char* split : {"train", "val"}) write_yolo(folder, split);
  folder.write("data.yaml", "train: images/train\nval: images/val\nnames: [cat, dog]\n");
  const auto message = [&](const std::string& labels) {
    folder.write("labels/train/1.txt", labels);
    return message_of(folder.path());
  };
  EXPECT_TRUE(has(message("0 .5 .5 .1 .1\n2 .5 .5 .1 .1\n"), "labels/train/1.txt:2: the class 2"));
  EXPECT_TRUE(has(message("0 .5 .5 .1\n"), "1.txt:1: has 4 numbers"));
  EXPECT_TRUE(has(message("0 .5 .5 .1 x\n"), "'x' is no number"));
  EXPECT_TRUE(has(message("0 .5 .5 .1 nan\n"), "'nan' is no number"));
  EXPECT_TRUE(has(message("0 320 240 100 80\n"), "shares of the image's width"));
  EXPECT_EQ(message("\n"), "");
  folder.write("data.yaml", "train: images/train\nnames: [cat, dog]\nnc: 3\n");
  EXPECT_TRUE(has(message_of(folder.path()), "'nc' is 3, but there are 2 names"));
  folder.write("data.yaml", "train: pictures\nnames: [cat, dog]\n");
  EXPECT_TRUE(has(message_of(folder.path()), "'pictures' is neither a folder nor a list"));
}

TEST(Yolo, one_folder_for_training_and_validation_is_divided) {
  const Folder folder;
  for (int i = 0; i < 20; ++i) {
    grey(folder.at(fmt::format("images/{:02}.png", i)), i);
    folder.write(fmt::format("labels/{:02}.txt", i), "0 .5 .5 .5 .5\n");
  }
  folder.write("data.yaml", "train: images\nval: images\nnames: [cat]\n");
  const LoadedDataset loaded = load_dataset(folder.path(), {});
  EXPECT_EQ(loaded.train.images(), 16);
  EXPECT_EQ(loaded.validation.images(), 2);
  EXPECT_EQ(loaded.test.images(), 2);
}

// --- masks ---

TEST(MaskFolder, images_and_masks_of_one_name_belong_together) {
  const Folder folder;
  for (const char* split : {"train", "val"}) {
    for (int i = 0; i < 2; ++i) {
      grey(folder.at(fmt::format("images/{}/{}.png", split, i)), 50, 2, 4);
      write_png(folder.at(fmt::format("masks/{}/{}.png", split, i)), 2, 4, {0, 1, 2, 255, 0, 1, 2, 255});
    }
  }
  grey(folder.at("images/train/lonely.png"), 1);
  grey(folder.at("masks/train/orphan.png"), 1);
  folder.write("classes.txt", "ground\ncat\ndog\n");
  const LoadedDataset loaded = load_dataset(folder.path(), input(1, 2, 4));
  EXPECT_EQ(loaded.report.format, "mask-folder");
  EXPECT_EQ(loaded.train.task, Task::kSegmentation);
  EXPECT_EQ(loaded.train.images(), 2);
  EXPECT_EQ(loaded.validation.images(), 2);
  EXPECT_EQ(loaded.validation.masks[2], 2);
  EXPECT_EQ(loaded.report.splits[0].by_class, (std::vector<std::int64_t>{4, 4, 4}));
  EXPECT_EQ(loaded.report.splits[0].ignored, 4);
  EXPECT_EQ(left_out(loaded.report, "images without a mask"), 1);
  EXPECT_EQ(left_out(loaded.report, "masks without an image"), 1);
}

TEST(MaskFolder, classes_do_not_depend_on_the_networks_size) {
  const Folder folder;
  for (int i = 0; i < 10; ++i) {
    grey(folder.at(fmt::format("images/{}.png", i)), 50, 4, 4);
    // One pixel of class 5, which a nearest neighbour of half the size misses.
    write_png(folder.at(fmt::format("labels/{}.png", i)), 4, 4, {5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  }
  EXPECT_EQ(load_dataset(folder.path(), input(1, 2, 2)).train.classes.size(), 6U);
  EXPECT_EQ(load_dataset(folder.path(), input(1, 4, 4)).train.classes.size(), 6U);
}

TEST(MaskFolder, what_is_no_class_is_refused) {
  const Folder folder;
  grey(folder.at("images/a.png"), 50, 1, 2);
  write_png(folder.at("masks/a.png"), 1, 2, {0, 3});
  folder.write("classes.txt", "ground\ncat\n");
  EXPECT_TRUE(has(message_of(folder.path()), "masks/a.png: has the value 3, but there are 2 classes"));
  write_png(folder.at("masks/a.png"), 2, 1, {0, 1});
  EXPECT_TRUE(has(message_of(folder.path()), "has 2x1 pixels"));
  write_png(folder.at("masks/a.png"), 1, 1, {0, 1, 1});
  EXPECT_TRUE(has(message_of(folder.path()), "is an RGB image"));
}

}  // namespace
}  // namespace lanewise::accuracy
