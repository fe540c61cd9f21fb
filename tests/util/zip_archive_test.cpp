#include "util/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string deflated(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// A zip file, written by hand so that its numbers can lie.
struct Made {
  std::string name, content;
  uint32_t method = 0, flags = 0;
  uint64_t claimed = 0;  // bytes, where that is not what the content has
  bool zip64 = false;
};
std::string zip_of(const std::vector<Made>& members) {
  std::string file, directory;
  for (const Made& one : members) {
    std::string packed = one.method == 8 ? deflated(one.content) : one.content;
    uint64_t size = one.claimed != 0 ? one.claimed : one.content.size(), offset = file.size();
    auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(one.content.data()),
                       static_cast<uInt>(one.content.size()));
    std::string both = little(20, 2) + little(one.flags, 2) + little(one.method, 2) + little(0, 4) +
                       little(crc, 4);
    std::string extra;
    if (one.zip64) {
      extra = little(1, 2) + little(24, 2) + little(size, 8) + little(packed.size(), 8) +
              little(offset, 8);
    }
    auto field = [&](uint64_t value) { return little(one.zip64 ? 0xFFFFFFFF : value, 4); };
    file += little(0x04034b50, 4) + both + little(packed.size(), 4) + little(size, 4) +
            little(one.name.size(), 2) + little(0, 2) + one.name + packed;
    directory += little(0x02014b50, 4) + little(20, 2) + both + field(packed.size()) + field(size) +
                 little(one.name.size(), 2) + little(extra.size(), 2) + little(0, 2) +
                 little(0, 2) + little(0, 2) + little(0, 4) + field(offset) + one.name + extra;
  }
  uint64_t offset = file.size();
  return file + directory + little(0x06054b50, 4) + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(offset, 4) + little(0, 2);
}

const std::string kLong(5 << 20, 'x');  // more than one step of inflating

TEST(ZipArchiveTest, ReadsStoredAndDeflatedMembers) {
  std::string content = zip_of({{.name = "a.txt", .content = "hello"},
                                {.name = "folder/", .content = ""},
                                {.name = "folder/b", .content = "x\ny", .method = 8},
                                {.name = "empty", .content = "", .method = 8},
                                {.name = "c", .content = std::string(900000, 'q'), .method = 8},
                                {.name = "z", .content = "64", .zip64 = true}});
  TempFolder folder;
  for (const ZipArchive& zip :
       {ZipArchive(folder.write("m.zip", content)), ZipArchive("m.zip", content)}) {
    EXPECT_EQ(zip.members().size(), 5u);
    EXPECT_FALSE(zip.has("folder/"));
    EXPECT_EQ(zip.read("a.txt"), "hello");
    EXPECT_EQ(zip.read("folder/b"), "x\ny");
    EXPECT_EQ(zip.read("empty"), "");
    EXPECT_EQ(zip.read("c"), std::string(900000, 'q'));
    EXPECT_EQ(zip.read("z"), "64");
  }
}

TEST(ZipArchiveTest, ACommentBehindIsAllowed) {
  std::string content = zip_of({{.name = "a", .content = "hello"}});
  content[content.size() - 2] = 3;
  EXPECT_EQ(ZipArchive("m.zip", content + "PK!").read("a"), "hello");
}

TEST(ZipArchiveTest, MembersOutsideAreNamed) {
  for (const char* name : {"../evil", "/etc/passwd", "a/../../b", "..", "c:\\evil", "..\\evil"}) {
    std::string content =
        zip_of({{.name = "fine", .content = "1"}, {.name = name, .content = "2"}});
    EXPECT_THAT([&] { ZipArchive("m.zip", content); },
                ThrowsMessage<Error>(testing::AllOf(HasSubstr("m.zip: its member "),
                                                    HasSubstr("leads outside of the archive"))))
        << name;
  }
  EXPECT_NO_THROW(ZipArchive("m.zip", zip_of({{.name = "a..b/..c", .content = "1"}})));
}

TEST(ZipArchiveTest, RefusesToFillTheMemory) {
  auto refused = [](const Made& made, const char* why) {
    ZipArchive zip("m.zip", zip_of({made}));
    EXPECT_THAT([&] { zip.read(made.name); },
                ThrowsMessage<Error>("m.zip: its member " + made.name + ": " + why));
  };
  Made bomb{.name = "b", .content = kLong, .method = 8};
  ZipArchive zip("m.zip", zip_of({bomb}));
  EXPECT_THAT([&] { zip.read("b"); },
              ThrowsMessage<Error>(HasSubstr("claims 5242880 bytes packed")));
  bomb.claimed = 100;  // more comes out than is claimed
  refused(bomb, "is damaged");
  bomb.content = "small";
  bomb.claimed = 200;
  refused(bomb, "is damaged");
  refused({.name = "s", .content = "stored", .flags = 1}, "is encrypted");
  refused({.name = "s", .content = "stored", .claimed = 9}, "is damaged");
  refused({.name = "m", .content = "x", .method = 12},
          "is packed by method 12; heed reads stored and deflated members");
}

TEST(ZipArchiveTest, ADamagedFileIsNamed) {
  std::string whole = zip_of({{.name = "a", .content = "hello"}, {.name = "b", .content = "you"}});
  auto refused = [](const std::string& content, const char* why) {
    EXPECT_THAT([&] { ZipArchive("m.zip", content); },
                ThrowsMessage<Error>(HasSubstr(std::string("m.zip: ") + why)));
  };
  refused("", "not a whole zip file (0 bytes): its end is missing");
  refused(std::string(100, 'x'), "not a whole zip file (100 bytes): its end is missing");
  refused(whole.substr(0, whole.size() - 1), "not a whole zip file");
  refused(whole.substr(10), "not a whole zip file");
  std::string changed = whole;
  changed[whole.size() - 12] = 3;  // entries of the directory
  refused(changed, "not a whole zip file");
  changed = whole;
  changed[31] = 'J';  // the content of a
  ZipArchive zip("m.zip", changed);
  EXPECT_THAT([&] { zip.read("a"); }, ThrowsMessage<Error>("m.zip: its member a: is damaged"));
  EXPECT_EQ(zip.read("b"), "you");
  refused(zip_of({{.name = "a", .content = "1"}, {.name = "a", .content = "2"}}),
          "has the member a twice");
}

// No change of a byte crashes it or passes for the same content.
TEST(ZipArchiveTest, AnyChangedByteIsHarmless) {
  std::string whole = zip_of({{.name = "a", .content = "hello hello hello", .method = 8}});
  for (size_t at = 0; at < whole.size(); ++at) {
    for (unsigned char bit : {1, 128, 255}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      try {
        ZipArchive zip("m.zip", changed);
        for (const auto& [name, member] : zip.members()) {
          EXPECT_EQ(zip.read(name), "hello hello hello");
        }
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace heed
