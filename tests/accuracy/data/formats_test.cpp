// SPDX-License-Identifier: Apache-2.0
// IDX and CIFAR files, whole and damaged.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "accuracy/data/idx.hpp"
#include "accuracy/data/load_dataset.hpp"
#include "core/base/error.hpp"
#include "tests/accuracy/data/make_files.hpp"

namespace lanewise::accuracy {
namespace {

std::string idx(const std::vector<int>& sizes, const std::string& bytes) {
  std::string out = {0, 0, 8, static_cast<char>(sizes.size())};
  for (const int size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
  }
  return out + bytes;
}

void write_zipped(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

std::string message_of(const std::string& path, const DatasetOptions& options = {}) {
  try {
    load_dataset(path, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Six images of 1x2 for training, of the classes 0 and 1, and two for testing.
void write_idx_set(const Folder& folder) {
  folder.write("train-images-idx3-ubyte", idx({6, 1, 2}, "aabbccddeeff"));
  folder.write("train-labels-idx1-ubyte", idx({6}, std::string("\0\1\0\1\0\1", 6)));
  write_zipped(folder.at("t10k-images-idx3-ubyte.gz"), idx({2, 1, 2}, "xxyy"));
  write_zipped(folder.at("t10k-labels-idx1-ubyte.gz"), idx({2}, std::string("\1\0", 2)));
}

TEST(Idx, a_folder_is_read_plain_and_zipped) {
  const Folder folder;
  write_idx_set(folder);
  DatasetOptions options;
  options.validation_share = 0.34;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.report.format, "idx");
  EXPECT_EQ(loaded.train.images(), 4);
  EXPECT_EQ(loaded.validation.images(), 2);
  // One of each class was set apart.
  EXPECT_EQ(loaded.validation.labels.size(), 2U);
  EXPECT_NE(loaded.validation.labels[0], loaded.validation.labels[1]);
  EXPECT_EQ(loaded.test.labels, (std::vector<int>{1, 0}));
  EXPECT_EQ(loaded.test.pixels, (std::vector<std::uint8_t>{'x', 'x', 'y', 'y'}));
  EXPECT_EQ(loaded.train.classes, (std::vector<std::string>{"0", "1"}));
}

TEST(Idx, a_list_of_classes_names_them_and_bounds_labels) {
  const Folder folder;
  write_idx_set(folder);
  folder.write("classes.txt", "cat\ndog\n");
  EXPECT_EQ(load_dataset(folder.path(), {}).train.classes, (std::vector<std::string>{"cat", "dog"}));
  folder.write("classes.txt", "cat\n");
  EXPECT_TRUE(has(message_of(folder.path()), "names 1 classes"));
}

TEST(Idx, images_are_brought_to_the_networks_input) {
  const Folder folder;
  write_idx_set(folder);
  DatasetOptions options;
  options.channels = 3;
  options.height = options.width = 4;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.test.image_elements(), 48);
  EXPECT_EQ(loaded.test.pixels[47], 'x');
  EXPECT_EQ(loaded.normalisation.mean.size(), 3U);
}

TEST(Idx, damage_is_refused_on_one_line) {
  const Folder folder;
  const std::string whole = idx({2, 1, 2}, "aabb");
  const auto message = [&](const std::string& bytes) {
    try {
      read_idx(folder.write("file-idx3-ubyte", bytes), Bytes{1 << 20});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(whole), "");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(has(message(whole.substr(0, length)), "cut off")) << length;
  }
  EXPECT_TRUE(has(message(whole + "x"), "longer than its header says"));
  EXPECT_TRUE(has(message("P5 2 2 255 ...."), "no IDX file"));
  EXPECT_TRUE(has(message(std::string("\0\0\x0d\1\0\0\0\1....", 12)), "0x0d"));
  EXPECT_TRUE(has(message(std::string("\0\0\x08\x09", 4)), "9 dimensions"));
  EXPECT_TRUE(has(message(idx({0x7fffffff, 0x7fffffff, 2}, "")), "announces"));
  write_zipped(folder.at("zipped"), whole);
  const std::string zipped = bytes_of(folder.at("zipped"));
  EXPECT_EQ(message(zipped), "");
  for (std::size_t length = 10; length < zipped.size(); ++length) {
    EXPECT_NE(message(zipped.substr(0, length)), "") << length;
  }
}

// A few kilobytes may unpack to anything: what goes beyond the header's word is refused at once.
TEST(Idx, a_file_that_unpacks_without_end_is_refused) {
  const Folder folder;
  write_zipped(folder.at("bomb-idx3-ubyte.gz"), idx({2, 1, 2}, std::string(std::size_t{1} << 24U, 'a')));
  EXPECT_THROW(read_idx(folder.at("bomb-idx3-ubyte.gz"), Bytes{1 << 20}), Error);
}

TEST(Idx, images_and_labels_must_be_as_many) {
  const Folder folder;
  write_idx_set(folder);
  folder.write("train-labels-idx1-ubyte", idx({5}, "\1\1\1\1\1"));
  EXPECT_TRUE(has(message_of(folder.path()), "5 labels for the 6 images"));
}

std::string cifar_row(const std::string& labels, char red, char green, char blue) {
  return labels + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

TEST(Cifar, ten_classes_in_batches) {
  const Folder folder;
  folder.write("data_batch_1.bin", cifar_row("\3", 10, 20, 30) + cifar_row("\3", 11, 20, 30));
  folder.write("data_batch_2.bin", cifar_row("\7", 12, 20, 30));
  folder.write("test_batch.bin", cifar_row("\1", 9, 8, 7));
  folder.write("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  DatasetOptions options;
  options.validation_share = 0;
  const LoadedDataset loaded = load_dataset(folder.path(), options);
  EXPECT_EQ(loaded.report.format, "cifar-10");
  EXPECT_EQ(loaded.train.labels, (std::vector<int>{3, 3, 7}));
  EXPECT_EQ(loaded.train.classes[3], "d");
  EXPECT_EQ(loaded.train.image(2)[0], 12);
  EXPECT_EQ(loaded.test.image(0)[1024], 8);
  EXPECT_EQ(loaded.test.image(0)[3071], 7);
  // A note says which classes have no image.
  EXPECT_EQ(loaded.report.notes.size(), 8U);
}

TEST(Cifar, a_hundred_fine_and_twenty_coarse_classes) {
  const Folder folder;
  folder.write("train.bin", cifar_row("\x13\x63", 1, 2, 3) + cifar_row(std::string("\0\1", 2), 1, 2, 3));
  folder.write("test.bin", cifar_row("\2\5", 1, 2, 3));
  DatasetOptions options;
  options.validation_share = 0;
  EXPECT_EQ(load_dataset(folder.path(), options).train.labels, (std::vector<int>{99, 1}));
  EXPECT_EQ(load_dataset(folder.path(), options).train.classes.size(), 100U);
  options.format = "cifar-100-coarse";
  EXPECT_EQ(load_dataset(folder.path(), options).train.labels, (std::vector<int>{19, 0}));
}

TEST(Cifar, damage_is_refused) {
  const Folder folder;
  folder.write("data_batch_1.bin", cifar_row("\3", 1, 2, 3) + "x");
  EXPECT_TRUE(has(message_of(folder.path()), "multiple of 3073"));
  folder.write("data_batch_1.bin", cifar_row("\x0a", 1, 2, 3));
  EXPECT_TRUE(has(message_of(folder.path()), "label 10"));
}

TEST(LoadDataset, what_is_not_there_or_not_known_is_refused) {
  const Folder folder;
  EXPECT_TRUE(has(message_of(folder.path() + "/none"), "no such file or folder"));
  EXPECT_TRUE(has(message_of(folder.path()), "no data set that is known"));
  DatasetOptions options;
  options.format = "tfrecord";
  EXPECT_TRUE(has(message_of(folder.path(), options), "no such format"));
  options = {};
  options.validation_share = 1;
  EXPECT_TRUE(has(message_of(folder.path(), options), "[0, 1)"));
}

TEST(LoadDataset, a_given_normalisation_must_fit) {
  const Folder folder;
  write_idx_set(folder);
  DatasetOptions options;
  options.normalisation = Normalisation{{0.5F}, {0.25F}};
  EXPECT_FLOAT_EQ(load_dataset(folder.path(), options).normalisation.deviation[0], 0.25F);
  options.normalisation = Normalisation{{0.5F, 0.5F}, {1, 1}};
  EXPECT_TRUE(has(message_of(folder.path(), options), "2 means"));
  options.normalisation = Normalisation{{0.5F}, {0}};
  EXPECT_TRUE(has(message_of(folder.path(), options), "above 0"));
}

}  // namespace
}  // namespace lanewise::accuracy
