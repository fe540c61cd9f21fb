#include "server/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

TEST(FileStoreTest, OldFilesGo) {
  FileStore store(10);
  auto now = FileStore::Clock::now();
  std::string first = store.add("a.txt", "12345", now), second = store.add("b.txt", "123456", now);
  EXPECT_THROW(store.get(first, now), HttpError);
  EXPECT_EQ(store.get(second, now).content, "123456");
  EXPECT_EQ(store.get(second, now).name, "b.txt");
  EXPECT_THROW(store.get("x" + second, now), HttpError);
  EXPECT_THROW(store.get(second, now + std::chrono::hours(1)), HttpError);
  std::string large = store.add("c.txt", std::string(100, 'x'), now);
  EXPECT_EQ(store.get(large, now).content.size(), 100u);  // one is always kept
}

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() { add_files(router_, service_); }

  HttpAnswer send(const std::string& name, const std::string& content, bool stream = false) {
    HttpRequest request = served::post("/translate_file", "", "multipart/form-data");
    request.parts = {{"file", name, content}, {"source", "", "de"}, {"target", "", "en"}};
    if (stream) request.parts.push_back({"stream", "", "true"});
    return router_(request);
  }
  HttpAnswer fetch(const std::string& url) {
    std::string path = url.substr(std::string("http://here").size());
    HttpRequest request = served::post(parse_form("p=" + path)[0].second, "");  // decoded
    request.method = "GET";
    return router_(request);
  }

  Service service_{served::config(), [] { return served::catalogue({"de-en"}); }};
  Router router_;
};

TEST_F(FilesTest, DocumentsAreTranslatedAndFetched) {
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
           {"a.txt",
            "\xEF\xBB\xBF"
            "Eins.\r\n\r\nZwei. Drei.\r\n"},
           {"b.html", "<p>Der <b>Hund</b>.</p>"},
           {"c.SRT", "1\n00:00:01,000 --> 00:00:02,000\nDer Hund und\nR&B <i>da</i>.\n\n"}}) {
    HttpAnswer answer = send(name, content);
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::string url = Json::parse(answer.body)["translatedFileUrl"];
    EXPECT_THAT(url, HasSubstr("/download_file/"));
    HttpAnswer file = fetch(url);
    EXPECT_EQ(file.body, content);
    EXPECT_THAT(file.headers,
                ::testing::Contains(::testing::Pair("Content-Disposition", HasSubstr("_en."))));
  }
  EXPECT_EQ(fetch("http://here/download_file/no").status, 404);
}

TEST_F(FilesTest, AddressesAreFitForAnyName) {
  for (const auto& [name, kept] : std::vector<std::pair<std::string, std::string>>{
           {"my file.txt", "my file_en.txt"},
           {"100%.txt", "100%_en.txt"},
           {"100%25+1.txt", "100%25+1_en.txt"},
           {"ä 犬.txt", "ä 犬_en.txt"},
           {"a?b#c&d.txt", "a?b#c&d_en.txt"},
           {"C:\\folder\\a.txt", "a_en.txt"},
           {"../a.txt", "a_en.txt"},
           {"a\r\nB: \"c\"\x7F.txt", "a__B: _c___en.txt"},
           {"\xFF.txt", "\uFFFD_en.txt"},
           {std::string(5000, 'x') + ".txt", std::string(200, 'x') + "_en.txt"}}) {
    HttpAnswer answer = send(name, "Eins.");
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::string url = Json::parse(answer.body)["translatedFileUrl"];
    EXPECT_EQ(url.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "-._~%/:"),
              url.npos)
        << url;
    HttpAnswer file = fetch(url);
    EXPECT_EQ(file.body, "Eins.") << url;
    EXPECT_EQ(file.headers[0].second, "attachment; filename=\"" + header_safe(kept) +
                                          "\"; filename*=UTF-8''" + percent_encoded(kept));
  }
}

TEST_F(FilesTest, ProgressIsToldWhereItIsWanted) {
  HttpAnswer answer = send("a.txt", "Eins. Zwei. Drei.", true);
  std::string heard;
  answer.stream([&](std::string_view event) {
    heard += event;
    return true;
  });
  EXPECT_THAT(heard, HasSubstr("data: {\"done\":1,\"all\":3}\n\n"));
  EXPECT_THAT(heard, HasSubstr("data: {\"translatedFileUrl\":\"http://here/download_file/"));
}

TEST_F(FilesTest, WhatIsNoDocumentIsRefused) {
  auto error = [](const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 400);
    return Json::parse(answer.body)["error"].get<std::string>();
  };
  EXPECT_EQ(error(router_(served::form("/translate_file", "source=de&target=en"))),
            "Invalid request: missing file parameter");
  HttpRequest two = served::post("/translate_file", "", "multipart/form-data");
  two.parts = {{"file", "a.txt", "a"}, {"file", "b.txt", "b"}};
  EXPECT_THAT(error(router_(two)), HasSubstr("file comes twice"));
  EXPECT_THAT(error(send("a.exe", "x")), HasSubstr("file format not supported"));
  EXPECT_THAT(error(send("a", "x")), HasSubstr("file format not supported"));
  EXPECT_THAT(error(send("a.txt", "\xFF\xFE")), HasSubstr("UTF-8"));
  EXPECT_THAT(error(send("a.srt", "Der Hund.\n\nDas Kind.\n")), HasSubstr("-->"));
  EXPECT_THAT(error(send("a.srt", "1\nA --> B\nDer Hund.\n")), HasSubstr("line 2 of the file"));
  for (const char* empty : {"", "\n", "1\n00:00:01,000 --> 00:00:02,000\n\n"}) {
    EXPECT_EQ(send("a.srt", empty).status, 200) << empty;
  }
}

}  // namespace
}  // namespace heed
