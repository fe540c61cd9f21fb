// Targets: what the server's callers send, and the documents among it.
#include "decoding/n_best_list.h"
#include "fuzz/targets.h"
#include "server/deepl.h"
#include "server/files.h"
#include "server/heed_api.h"
#include "server/libretranslate.h"
#include "server/markup_tokens.h"
#include "server/served.h"
#include "server/subtitles.h"
#include "util/text.h"

namespace heed::fuzz {
namespace {

// All interfaces over a model that copies, with limits that keep a request short.
class Server {
 public:
  Server() : service_(config(), [] { return served::catalogue({"de-en", "en-de"}); }) {
    add_libretranslate(router_, service_);
    add_files(router_, service_);
    add_heed_api(router_, service_);
    add_deepl(router_, service_);
  }
  HttpAnswer operator()(const HttpRequest& request) { return router_(request); }

 private:
  static ServerConfig config() {
    ServerConfig config = served::config();
    config.max_characters = 80;
    config.max_batch = 4;
    return config;
  }

  Service service_;
  Router router_;
};

// "POST /path?a=b TYPE" in the first line, the body behind it.
HttpRequest request_of(std::string_view bytes) {
  size_t end = bytes.find('\n');
  std::vector<std::string> head = split(bytes.substr(0, end), ' ');
  head.resize(3);
  std::string body(end == std::string_view::npos ? "" : bytes.substr(end + 1));
  size_t query = head[1].find('?');
  HttpRequest request = served::post(head[1].substr(0, query), body, head[2]);
  request.method = head[0];
  if (query != std::string::npos) {
    for (auto& [name, value] : parse_form(head[1].substr(query + 1))) {
      request.query.emplace(name, value);
    }
  }
  return request;
}

}  // namespace

void request(std::string_view bytes) {
  static Server server;
  HttpRequest request = request_of(bytes);
  if (request.content_type.starts_with("multipart/")) {
    try {
      request.parts = parse_multipart(request.body, request.content_type);
    } catch (const HttpError& error) {
      require(error.status() == 400);
      return;
    }
    request.body.clear();
  }
  HttpAnswer answer = server(request);
  if (answer.stream) {
    answer.stream([&](std::string_view piece) {
      answer.body += piece;
      return true;
    });
  }
  require(answer.status >= 200 && answer.status < 500);
  // A document comes back as it was sent, and only text in UTF-8 is taken.
  require(!needs_repair(answer.body));
}

void markup(std::string_view bytes) {
  std::string html = repair_utf8(bytes);
  std::string joined;
  for (const MarkupToken& token : markup_tokens(html)) {
    require(!token.raw.empty());
    joined += token.raw;
  }
  require(joined == html);
  require(!needs_repair(visible_text(html)));
  std::string plain = decode_entities(html);
  require(!needs_repair(plain));
  require(decode_entities(encode_entities(plain)) == plain);
}

void subtitles(std::string_view bytes) {
  std::string text = repair_utf8(bytes);
  Subtitles read(text);
  std::vector<std::string> blank(read.cues().size());
  require(!needs_repair(read.with(read.cues())));
  require(read.with(blank).size() <= text.size() + 2 * blank.size());
  for (size_t lines : {1, 2, 5}) require(balance_lines(text, lines).size() <= lines);
}

// A line, and what a second model would add to it.
void n_best_list(std::string_view bytes) {
  std::string line = repair_utf8(bytes.substr(0, bytes.find('\n')));
  try {
    NBestEntry entry = parse_n_best(line, "fuzz:1");
    NBestFeature feature{.name = "second", .value = -1.5};
    if (entry.score) feature.score = -2.5;
    NBestEntry again = parse_n_best(with_feature(entry, feature), "again:1");
    require(again.line == entry.line && again.text == entry.text && again.pieces == entry.pieces);
    require(again.score == feature.score);
  } catch (const Error& error) {
    std::string_view message = error.what();
    require(message.starts_with("fuzz:1") || message.starts_with("line "));
  }
}

}  // namespace heed::fuzz
